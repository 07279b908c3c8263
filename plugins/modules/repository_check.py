#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: repository_check
short_description: Find out whether a server reaches its repository
version_added: 0.2.0
author:
  - The Cadangan team (@cadangan)
description:
  - Reaches the repository of the office's policy as a backup does, which is the folder on the server, or the repository
    host by the server's own key. Stores nothing there.
options: {}
attributes:
  check_mode:
    description: Changes nothing in any case.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
"""

EXAMPLES = r"""
- name: Look whether the repository is reached
  diskominfo.cadangan.repository_check:
"""

RETURN = r"""
repository:
  description: Where the backup sets of this server are kept.
  type: str
  returned: success
  sample: ssh://arsip-kudus-01
room:
  description: Bytes that it takes from this server now.
  type: int
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.diskominfo.cadangan.plugins.module_utils import pinned
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repositories import pinned_repository


def main():
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        asset = pinned.read_asset()
        if asset is None:
            module.fail_json(msg="This server was not onboarded: make it ready first.")
        place = pinned.read_trust(asset["trust"]).newest["policy"]["repository"]
        repository = pinned_repository(place)
        repository.check()
        room = repository.room()
    except Refused as error:
        module.fail_json(msg=str(error))
    except EngineError as error:
        module.fail_json(msg=f"{error.message}. {error.advice}")
    module.exit_json(changed=False, repository=place, room=room)


if __name__ == "__main__":
    main()
