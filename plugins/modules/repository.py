#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: repository
short_description: Give a play what a repository host is to have
description:
  - Reads, on the control host, the asset register and the journal, for the host of the play.
  - Makes the operator's key for repository hosts in the office's folder if there is none yet.
version_added: 0.2.0
author:
  - The Cadangan team (@cadangan)
options: {}
attributes:
  check_mode:
    description: Reads only. Without an operator's key yet, nothing about it is in the answer.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
"""

EXAMPLES = r"""
- name: Read what the repository host is to have
  diskominfo.cadangan.repository:
  register: cadangan_repository
"""

RETURN = r"""
root:
  description: Absolute path of the folder for backup sets.
  returned: success
  type: str
config:
  description: Content of C(/etc/cadangan/repository.json).
  returned: success
  type: str
authorized_keys:
  description: One line for each server in operation that was made ready, and one for the operator.
  returned: success
  type: str
"""
