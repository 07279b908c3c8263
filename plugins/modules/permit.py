#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: permit
short_description: Let the permitted work of a case through
description:
  - Checks, on the control host, that the case has a permit and an order that are valid now, and writes to the journal
    that its execution has begun.
  - Returns which asset has which work items. The permit itself is handed to M(diskominfo.cadangan.work) through the
    private folder of the run, never through variables.
  - The module on the target checks the same permit again.
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
options:
  case:
    description: Id of the case, as V(B-2026-0001).
    type: str
    required: true
  kind:
    description: What the case must be about.
    type: str
    required: true
    choices: [backup, restore, disposal]
attributes:
  check_mode:
    description: Checks everything, and writes nothing to the journal.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
notes:
  - The office is the folder named by E(CADANGAN_OFFICE), or the current folder.
  - For a restore E(CADANGAN_IDENTITY) names the file with the age identity of one recipient of the set.
seealso:
  - module: diskominfo.cadangan.work
  - module: diskominfo.cadangan.record
"""

EXAMPLES = r"""
- name: Let the permitted work through
  diskominfo.cadangan.permit:
    case: B-2026-0001
    kind: backup
  delegate_to: localhost
  register: permitted
"""

RETURN = r"""
run:
  description: Id of the run that has begun.
  returned: success
  type: str
  sample: 7b6f1f0e-6d0a-4b55-9a0e-0a3c5d3b1a55
hosts:
  description: The assets of the case, with the work items of each in the order of the letter.
  returned: success
  type: list
  elements: dict
  contains:
    asset:
      description: Name of the asset, which is its name in the inventory.
      type: str
    work:
      description: Work items, each with C(id), C(action), and C(role), the role of this collection that carries it out.
      type: list
      elements: dict
"""
