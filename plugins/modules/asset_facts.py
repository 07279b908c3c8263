#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: asset_facts
short_description: Find out what a server is and which databases run on it
version_added: 0.2.0
author:
  - The Cadangan team (@cadangan)
description:
  - Tells machine, operating system and addresses of a server, every database server that runs on it, and the databases
    in those that there is an engine for. Changes nothing.
  - What could not be seen is told with the reason. A database server that does not answer, or refuses, keeps nothing
    of the others from being seen.
  - The registered files and folders are taken from C(cadangan_asset) of the inventory.
options:
  places:
    description:
      - More files and folders to look at, each with the keys C(engine) and C(name), its absolute path.
    type: list
    elements: dict
    default: []
  options:
    description:
      - How to connect, for the engines that need to be told, by the engine's name. The keys are those of its role's
        options C(account), C(option_file), C(user), C(password_file) and C(client_directories).
    type: dict
    default: {}
  seconds_each:
    description: For how many seconds a database server, or a folder, is waited for.
    type: int
    default: 10
  seconds_all:
    description: For how many seconds all database servers together are waited for.
    type: int
    default: 60
attributes:
  check_mode:
    description: Changes nothing in any case.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
notes:
  - Run it as root. Anybody else sees own database servers only, which is told in C(unseen).
"""

EXAMPLES = r"""
- name: Look at the server
  diskominfo.cadangan.asset_facts:
    options:
      mariadb:
        option_file: /root/.my.cnf
"""

RETURN = r"""
asset:
  description: What was found.
  type: dict
  returned: success
  contains:
    at:
      description: The server's time in UTC.
      type: str
      sample: "2026-11-25T02:06:37Z"
    hostname:
      description: What the server calls itself.
      type: str
    machine_id:
      description: The id of its installation.
      type: str
    machine:
      description: Its C(kind), C(model), C(serial), C(cpus), and C(memory) and C(disk) in bytes; null where unknown.
      type: dict
    operating_system:
      description: Its C(name) and C(version).
      type: dict
    kernel:
      description: Release of the kernel.
      type: str
    addresses:
      description: Addresses that others may reach it by.
      type: list
      elements: str
    instances:
      description:
        - The database servers that there is an engine for, each with C(engine), C(product), C(instance) (its port),
          C(version), C(databases) (with C(name) and C(size) in bytes), C(container) and C(unseen).
      type: list
      elements: dict
    others:
      description: Database products that there is no engine for, with C(product) and C(container).
      type: list
      elements: dict
    places:
      description: The registered files and folders with C(engine), C(name), C(found), C(size) in bytes and C(unseen).
      type: list
      elements: dict
    unseen:
      description: What could not be seen at all, and why.
      type: list
      elements: str
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    facts_machine,
    facts_places,
    facts_servers,
    moment,
)


def main():
    module = AnsibleModule(
        argument_spec={
            "places": {"type": "list", "elements": "dict", "default": []},
            "options": {"type": "dict", "default": {}},
            "seconds_each": {"type": "int", "default": 10},
            "seconds_all": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    seconds = module.params["seconds_each"]
    instances, others = facts_servers.look(module.params["options"], seconds, module.params["seconds_all"])
    places = [facts_places.look_at(place["engine"], place["name"], seconds) for place in module.params["places"]]
    unseen = []
    if os.geteuid() != 0:
        unseen.append("the database servers of other accounts: it was not looked at as root")
    asset = {"at": moment.now(), **facts_machine.system()}
    asset.update(instances=instances, others=others, places=places, unseen=unseen)
    module.exit_json(changed=False, asset=asset)


if __name__ == "__main__":
    main()
