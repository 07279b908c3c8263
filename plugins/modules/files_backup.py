#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: files_backup
short_description: Back up a folder of application files as permitted
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
description:
  - Archives a folder with all that is below it by GNU C(tar), with owners, modes, access lists, extended attributes,
    sparse files, and hard and symbolic links; compresses, encrypts and stores it as a backup set in the office's
    repository.
  - Takes the proof, the metadata and the SHA-256 of every file, reads the set back, and publishes it only then.
  - The application may go on working. What it adds meanwhile is not in the backup. If it changes or removes a file
    meanwhile, there is no backup, and the files are named.
extends_documentation_fragment:
  - diskominfo.cadangan.work
  - diskominfo.cadangan.work.backup
options:
  exclude:
    description:
      - Patterns of what to leave out. One without a slash is for the names of files and folders anywhere, such as
        C(*.log). One with slashes is for paths below the folder, such as C(cache/*).
      - With a folder, all that is in it is left out. What was left out stands in the manifest of the set.
    type: list
    elements: str
    default: []
requirements:
  - GNU tar
seealso:
  - module: diskominfo.cadangan.files_restore
"""

EXAMPLES = r"""
- name: Back up, in a role that was given its work item
  diskominfo.cadangan.work:
    module: diskominfo.cadangan.files_backup
    case: "{{ cadangan_case }}"
    item: "{{ cadangan_item }}"
    run: "{{ cadangan_run }}"
    options:
      exclude: ["*.log", "cache/*"]
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

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_files import FilesEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.work_module import run_backup


def main():
    run_backup(FilesEngine, {"exclude": {"type": "list", "elements": "str", "default": []}})


if __name__ == "__main__":
    main()
