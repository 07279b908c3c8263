#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: work
short_description: Carry out one permitted work item
description:
  - Runs an engine's module for one work item on the target. The permit, the order and, for a restore, the key of the
    backup set are given to it from here, so that they never stand in a variable, an event or a log.
  - Follows the module's progress, and writes to the journal what the item came to, also when the host is unreachable.
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
options:
  module:
    description: Full name of the engine's module, as V(diskominfo.cadangan.postgresql_backup).
    type: str
    required: true
  case:
    description: Id of the case.
    type: str
    required: true
  item:
    description: Id of the work item within the case.
    type: str
    required: true
  run:
    description: Id of the run, from M(diskominfo.cadangan.permit).
    type: str
    required: true
  options:
    description: Options of the engine, handed to its module as they are.
    type: dict
    default: {}
attributes:
  check_mode:
    description: The module checks everything on the target and changes nothing; the journal is not written to.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
seealso:
  - module: diskominfo.cadangan.permit
"""

EXAMPLES = r"""
- name: Dump, prove and publish the database
  diskominfo.cadangan.work:
    module: diskominfo.cadangan.postgresql_backup
    case: "{{ cadangan_case }}"
    item: "{{ cadangan_item }}"
    run: "{{ cadangan_run }}"
"""

RETURN = r"""
work_item:
  description: Id of the work item.
  returned: always
  type: str
result:
  description: What the item came to.
  returned: always
  type: str
  sample: done
facts:
  description: What there is to know of the work, as the journal keeps it.
  returned: always
  type: dict
"""
