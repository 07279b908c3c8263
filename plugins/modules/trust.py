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
folder:
  description: Absolute path of the folder of backup sets by the policy, empty if a repository host keeps them.
  returned: success
  type: str
repository_host:
  description: Name of the repository host by the policy, empty if each server keeps its sets in a folder.
  returned: success
  type: str
repositories:
  description: How that repository host is reached, and its host keys; empty until it was made ready.
  returned: success
  type: list
  elements: dict
ledgers:
  description: By name of the asset, C(ledger) and C(last) of its ledger as the journal knows them.
  returned: success
  type: dict
"""
