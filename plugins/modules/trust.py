#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: trust
short_description: Give a play the signed trust of the office
description:
  - Reads, on the control host, what is pinned on a server when it is made ready.
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
options: {}
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
"""

EXAMPLES = r"""
- name: Read the trust of the office
  diskominfo.cadangan.trust:
  register: cadangan_trust
"""

RETURN = r"""
office:
  description: Id of the office.
  returned: success
  type: str
journal:
  description: Id of its journal.
  returned: success
  type: str
chain:
  description: The countersigned trust versions from serial 1 on.
  returned: success
  type: list
  elements: dict
repository:
  description: Absolute path of the repository in the policy.
  returned: success
  type: str
ledgers:
  description: By name of the asset, C(ledger) and C(last) of its ledger as the journal knows them.
  returned: success
  type: dict
"""
