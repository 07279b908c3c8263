#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: record
short_description: Write to the journal what happened
description:
  - O(event=ended) ends a run. Every work item that was let through must have reported, or the task fails and names
    those that did not.
  - O(event=onboarded) keeps the identity of an asset, and changes nothing if the journal knows it already.
  - O(event=repository) keeps how a repository host is reached and its host key, and changes nothing if the journal
    knows them already.
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
options:
  event:
    description: What happened.
    type: str
    required: true
    choices: [ended, onboarded, repository]
  case:
    description: Id of the case, for O(event=ended).
    type: str
  run:
    description: Id of the run, for O(event=ended).
    type: str
  identity:
    description: What M(diskominfo.cadangan.identity) returned, for O(event=onboarded).
    type: dict
  address:
    description:
      - Host name or IP address by which Ansible reaches the repository host, for O(event=repository). The asset
        register may give its senders another.
    type: str
  host_key:
    description: Content of the repository host's C(ssh_host_ed25519_key.pub), for O(event=repository).
    type: str
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
