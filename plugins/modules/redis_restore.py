#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_restore
short_description: Restore or drill a Redis or Valkey server as permitted
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
description:
  - Verifies the backup set, and compares what a private server reads out of it with the proof in the set's manifest.
  - As the work item says, the RDB then becomes a folder of its own for another server (C(copy)), or the server is
    stopped, begins with these data and is started again, its old data being kept (C(replace)), or it is removed (a
    drill).
  - An append-only file begins with the restored data too. Configuration and access lists stay as they are.
  - If anything fails, the server goes on with the data that it had.
extends_documentation_fragment:
  - diskominfo.cadangan.work
  - diskominfo.cadangan.work.restore
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
  - module: diskominfo.cadangan.redis_backup
"""

EXAMPLES = r"""
- name: Restore, in a role that was given its work item
  diskominfo.cadangan.work:
    module: diskominfo.cadangan.redis_restore
    case: "{{ cadangan_case }}"
    item: "{{ cadangan_item }}"
    run: "{{ cadangan_run }}"
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
      description: Set, sizes, versions, times and differences; C(aside) is where the old data are kept.
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
"""

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_redis import OPTIONS, RedisEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.work_module import run_restore


def main():
    run_restore(RedisEngine, OPTIONS)


if __name__ == "__main__":
    main()
