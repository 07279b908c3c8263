# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """What the modules for MariaDB and MySQL have in common."""

    DOCUMENTATION = r"""
options:
  socket:
    description: The server's Unix socket.
    type: path
    default: /run/mysqld/mysqld.sock
  account:
    description:
      - The operating system's account that the server knows as a superuser.
      - MariaDB's authentication plugin for it is C(unix_socket), MySQL's C(auth_socket).
    type: str
    default: root
  option_file:
    description:
      - An option file with the user and password to connect with instead, under C([client]).
      - It must be a regular file of root that nobody else may read. No other option file is read.
    type: path
    default: ""
  lock_timeout:
    description: How many seconds to wait for locks.
    type: int
    default: 30
  nontransactional:
    description:
      - What to do about tables that have no transactions (MyISAM, Aria, MEMORY and others).
      - V(refuse) to back up a database that has some, or V(lock) them, so that who writes to them waits until the end.
    type: str
    default: refuse
    choices: [refuse, lock]
  client_directories:
    description:
      - Where to look for the product's client programs, as shell patterns.
      - MariaDB's are C(mariadb) and C(mariadb-dump), MySQL's C(mysql) and C(mysqldump).
    type: list
    elements: str
    default: [/usr/local/bin, /usr/bin]
"""
