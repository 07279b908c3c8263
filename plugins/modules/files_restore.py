#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: files_restore
short_description: Restore or drill a folder of application files as permitted
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
description:
  - Verifies the backup set, unpacks it by GNU C(tar) into a new private folder beside the target, and compares that
    with the proof in the set's manifest.
  - As the work item says, the new folder then gets its name (C(copy)), or takes the place of the folder in one step,
    which is kept under another name (C(replace)), or is removed (a drill).
  - A folder in which any process works or has a file open is not replaced. If anything fails, it is as it was before.
extends_documentation_fragment:
  - diskominfo.cadangan.work
  - diskominfo.cadangan.work.restore
requirements:
  - GNU tar
seealso:
  - module: diskominfo.cadangan.files_backup
"""

EXAMPLES = r"""
- name: Restore, in a role that was given its work item
  diskominfo.cadangan.work:
    module: diskominfo.cadangan.files_restore
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
      description: Set, sizes, versions, times and differences; C(aside) is where the old folder is kept.
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

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_files import FilesEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.work_module import run_restore


def main():
    run_restore(FilesEngine, {})


if __name__ == "__main__":
    main()
