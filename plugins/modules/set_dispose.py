#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: set_dispose
short_description: Remove a backup set for ever, as a signed permit says
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
description:
  - Carries out one work item of a disposal case on the asset that holds the repository.
  - The set is told by the digest of its manifest. From one moment to the next it is not listed any more; then its files
    go.
  - Refuses, whatever was signed, to remove the last set of a database, or its last drilled one.
extends_documentation_fragment:
  - diskominfo.cadangan.work
"""

EXAMPLES = r"""
- name: Remove the set that work item 1 names
  diskominfo.cadangan.work:
    module: diskominfo.cadangan.set_dispose
    case: D-2026-0001
    item: "1"
    run: "{{ cadangan_run }}"
"""

RETURN = r"""
outcome:
  description: What the work item came to.
  returned: always
  type: dict
  contains:
    result:
      description: V(done), V(failed) or V(refused); V(checked) in check mode.
      type: str
      returned: always
    message:
      description: What was done, or what stood in the way.
      type: str
      returned: always
    advice:
      description: What to do about it; empty when all is well.
      type: str
      returned: always
    facts:
      description: Id and manifest digest of the set, and its size in bytes.
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

from ansible_collections.diskominfo.cadangan.plugins.module_utils.work_module import run_disposal


def main():
    run_disposal()


if __name__ == "__main__":
    main()
