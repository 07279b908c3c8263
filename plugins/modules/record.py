#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: record
short_description: Write the end of a run, or that a server was made ready, to the journal
description:
  - O(event=ended) ends a run. Every work item that was let through must have reported, or the task fails and names
    those that did not.
  - O(event=onboarded) keeps the identity of an asset, and changes nothing if the journal knows it already.
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
options:
  event:
    description: What happened.
    type: str
    required: true
    choices: [ended, onboarded]
  case:
    description: Id of the case, for O(event=ended).
    type: str
  run:
    description: Id of the run, for O(event=ended).
    type: str
  identity:
    description: What M(diskominfo.cadangan.identity) returned, for O(event=onboarded).
    type: dict
attributes:
  check_mode:
    description: Writes nothing.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
"""

EXAMPLES = r"""
- name: Every expected item reported
  diskominfo.cadangan.record:
    event: ended
    case: B-2026-0001
    run: "{{ permitted.run }}"
"""

RETURN = r"""
result:
  description: How the run ended.
  returned: when O(event=ended)
  type: str
  sample: done
items:
  description: What each work item came to.
  returned: when O(event=ended)
  type: list
  elements: dict
"""
