#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_backup
short_description: Back up a Redis or Valkey server as permitted
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
description:
  - Has the server send an RDB of one moment, as it would to a replica, while it goes on serving, with or without an
    append-only file; compresses, encrypts and stores it as a backup set in the office's repository.
  - Takes the proof of every key, type, end and value in every database from a private server that reads that very RDB,
    reads the set back, and publishes it only then.
  - For this the host needs memory for the data once more, and room for the RDB in the server's data directory.
extends_documentation_fragment:
  - diskominfo.cadangan.work
  - diskominfo.cadangan.work.backup
options:
  socket:
    description:
      - Path of the server's Unix socket, in which C(%i) stands for the instance.
      - If empty, the server is reached at 127.0.0.1, by its port, which is the instance.
    type: path
  user:
    description: User of the server's access list. If empty, the default user.
    type: str
  password_file:
    description:
      - File on the server that holds the password, alone in its only line; nobody but root may read it.
      - C(%i) in its path stands for the instance. If empty, no password is sent.
    type: path
  allow_replication:
    description:
      - Whether a backup may be taken from a replica, and whether data of a server that has replicas may be replaced.
      - The data of a replica are never replaced.
    type: bool
    default: false
seealso:
  - module: diskominfo.cadangan.redis_restore
"""

EXAMPLES = r"""
- name: Back up, in a role that was given its work item
  diskominfo.cadangan.work:
    module: diskominfo.cadangan.redis_backup
    case: "{{ cadangan_case }}"
    item: "{{ cadangan_item }}"
    run: "{{ cadangan_run }}"
    options:
      password_file: /etc/cadangan/redis.password
"""

RETURN = r"""
outcome:
  description: What the work item came to.
  returned: always
  type: dict
  contains:
    result:
      description: V(done), V(failed), V(refused), or V(checked) in check mode.
      type: str
      returned: always
    message:
      description: What was done, or what went wrong.
      type: str
      returned: always
    advice:
      description: What to do about it.
      type: str
      returned: always
    facts:
      description: Set, sizes, digests, versions, times and differences.
      type: dict
      returned: always
    ledger:
      description: Id of the server's ledger.
      type: str
      returned: always
    last:
      description: Number of its last event.
      type: int
      returned: always
    manifest:
      description: Text of the set's manifest.
      type: str
      returned: always
    manifest_signature:
      description: Signature of the manifest by the server's key.
      type: str
      returned: always
    key_age:
      description: The set's private key, encrypted to its holders.
      type: str
      returned: always
"""

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_redis import OPTIONS, RedisEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.work_module import run_backup


def main():
    run_backup(RedisEngine, OPTIONS)


if __name__ == "__main__":
    main()
