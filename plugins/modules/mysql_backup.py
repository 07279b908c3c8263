#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: mysql_backup
short_description: Back up a MySQL database as permitted
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
description:
  - Dumps a database, its triggers and events, and the accounts that have privileges on it; compresses, encrypts and
    stores them as a backup set in the office's repository.
  - Takes the proof, every table's rows and every schema object, in a snapshot like the dump's, reads the set back, and
    publishes it only then.
  - Writing is held up for the moment in which both snapshots are opened, and goes on meanwhile. A table that is altered
    meanwhile makes the backup fail.
extends_documentation_fragment:
  - diskominfo.cadangan.work
  - diskominfo.cadangan.work.backup
  - diskominfo.cadangan.mysql_family
seealso:
  - module: diskominfo.cadangan.mysql_restore
"""

EXAMPLES = r"""
- name: Back up, in a role that was given its work item
  diskominfo.cadangan.work:
    module: diskominfo.cadangan.mysql_backup
    case: "{{ cadangan_case }}"
    item: "{{ cadangan_item }}"
    run: "{{ cadangan_run }}"
    options:
      lock_timeout: 60
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

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_mysql import OPTIONS, MysqlEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.work_module import run_backup


def main():
    run_backup(MysqlEngine, OPTIONS)


if __name__ == "__main__":
    main()
