#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: identity
short_description: Give a database server its identity and the trust of its office
version_added: 0.1.0
author:
  - The Cadangan team (@cadangan)
description:
  - Makes the asset key, begins the ledger, and pins the office's trust under C(/etc/cadangan) and
    C(/var/lib/cadangan), so that the server can check permits by itself.
  - A second time it changes nothing, unless the office's trust has a newer version, which is checked and kept,
    its repository is another one or has another host key, or the ledger is lost, damaged or older than the journal
    knows it, which begins a new ledger.
  - A server of another office, under another name, or with another first trust document is refused.
options:
  asset:
    description: Name of the server in the asset register.
    type: str
    required: true
  chain:
    description: Every version of the office's trust document with its signatures, from serial 1.
    type: list
    elements: dict
    required: true
  known_ledger:
    description:
      - What the office's journal has of this server's ledger, the keys C(ledger) and C(last).
      - Leave out for a server that it does not know yet.
    type: dict
  new_key:
    description:
      - Make another asset key, though the server has one. The old one is gone then; what it signed stays verifiable
        with its public half, which the office's journal keeps.
      - This is a change each time.
    type: bool
    default: false
  repositories:
    description:
      - How the repository hosts are reached that the server may send backup sets to, as
        M(diskominfo.cadangan.trust) gives them.
      - None for a server that keeps its sets in a folder.
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    description: Says what would be made or renewed and what the server is now; changes nothing.
    support: full
  diff_mode:
    description: Differences are not shown.
    support: none
requirements:
  - OpenSSH 8.4 or newer on the server
"""

EXAMPLES = r"""
- name: Pin the office's trust and give the server its identity
  diskominfo.cadangan.identity:
    asset: "{{ inventory_hostname }}"
    chain: "{{ cadangan_trust.chain }}"
"""

RETURN = r"""
asset:
  description: Name of the server in the asset register.
  type: str
  returned: success
ledger:
  description: Id of the ledger, empty if the server has none yet (check mode).
  type: str
  returned: success
last:
  description: Number of the last event in the ledger.
  type: int
  returned: success
public_key:
  description: Public half of the asset key, empty if the server has none yet (check mode).
  type: str
  returned: success
trust_serial:
  description: Serial of the newest trust version that the server keeps, 0 if none.
  type: int
  returned: success
trust_pinned:
  description: Digest of the first trust version, which is pinned; empty if none is.
  type: str
  returned: success
changes:
  description: What was done, or in check mode would be done.
  type: list
  elements: str
  returned: success
versions:
  description: Version of each tool that is there.
  type: dict
  returned: success
missing:
  description: Tools that are not there.
  type: list
  elements: str
  returned: success
clock:
  description: The server's time in UTC.
  type: str
  returned: success
  sample: "2026-11-25T02:06:37Z"
"""

import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.onboarding import Onboarding
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

TOOLS = {
    "age": ["age", "--version"],
    "zstd": ["zstd", "--version"],
    "ssh-keygen": ["ssh", "-V"],  # ssh-keygen does not tell its own
}


def tool_versions(module):
    """The version of every tool in TOOLS, None for one that is not there."""
    versions = {}
    for tool, command in TOOLS.items():
        if module.get_bin_path(tool) is None:
            versions[tool] = None
            continue
        dummy, out, err = module.run_command(command, check_rc=True)
        found = re.search(r"\d+(\.\d+)+(p\d+)?", out + err)
        versions[tool] = found.group() if found else "unknown"
    return versions


def main():
    module = AnsibleModule(
        argument_spec={
            "asset": {"type": "str", "required": True},
            "chain": {"type": "list", "elements": "dict", "required": True},
            "known_ledger": {"type": "dict"},
            "new_key": {"type": "bool", "default": False, "no_log": False},
            "repositories": {"type": "list", "elements": "dict", "default": []},
        },
        supports_check_mode=True,
    )
    versions = tool_versions(module)
    missing = sorted(tool for tool, version in versions.items() if version is None)
    if missing and not module.check_mode:
        module.fail_json(msg=f"These tools are missing: {', '.join(missing)}. Install them from the distribution.")
    try:
        onboarding = Onboarding(**module.params)
        changes = onboarding.changes
        if not module.check_mode:
            onboarding.apply()
        identity = onboarding.identity()
    except (Refused, EngineError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(changes),
        changes=changes,
        versions={tool: version for tool, version in versions.items() if version is not None},
        missing=missing,
        clock=moment.now(),
        **identity,
    )


if __name__ == "__main__":
    main()
