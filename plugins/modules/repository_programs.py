#!/usr/bin/python
# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: repository_programs
short_description: Install on a repository host what answers there
version_added: 0.2.0
author:
  - The Cadangan team (@cadangan)
description:
  - Installs the part of this collection that the program of a repository host imports, for the Python of the system to
    find beside that program, and removes from there what it no longer imports.
  - These are the files that Ansible brings along with this module itself, since it imports the same. One task does what
    would be a copy for each file.
options:
  library:
    description: Absolute path of the folder of the program.
    type: path
    required: true
attributes:
  check_mode:
    description: Says what would change.
    support: full
  diff_mode:
    description: Shows the files that change, each with the SHA-256 of its content.
    support: full
"""

EXAMPLES = r"""
- name: Install what the program imports
  diskominfo.cadangan.repository_programs:
    library: /usr/local/lib/cadangan
"""

RETURN = r"""
files:
  description: Paths below the folder of all that the program imports of this collection.
  type: list
  elements: str
  returned: success
"""

import hashlib
import os
import sys
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_program

PACKAGE = repository_program.__name__.rpartition(".")[0]


def imported_files():
    """Path below the library, and content, of every file of the collection that was imported."""
    return {
        name.replace(".", "/") + ".py": loaded.__spec__.loader.get_source(name).encode("utf-8")
        for name, loaded in sys.modules.items()
        if name.startswith(PACKAGE + ".")
    }


def installed_files(library):
    """The same of what is installed."""
    folder = os.path.join(library, *PACKAGE.split("."))
    found = {}
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        path = os.path.join(folder, name)
        if name.endswith(".py"):
            with open(path, "rb") as file:
                found[os.path.relpath(path, library)] = file.read()
    return found


def make_folders(library):
    """Make the folder of the program and those below it, for all to read, whatever root's umask is."""
    folder = library
    for name in ["", *PACKAGE.split(".")]:
        folder = os.path.join(folder, name)
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)  # noqa: S103 - the account that runs the program is not root


def install(module, path, content):
    """Put a file in place, whole or not at all."""
    descriptor, draft = tempfile.mkstemp(dir=module.tmpdir)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    module.atomic_move(draft, path)
    os.chmod(path, 0o644)


def listing(files):
    """What stands in a diff for files."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))


def main():
    module = AnsibleModule(
        argument_spec={"library": {"type": "path", "required": True}},
        supports_check_mode=True,
    )
    library = module.params["library"]
    wanted, present = imported_files(), installed_files(library)
    if not module.check_mode and wanted != present:
        make_folders(library)
        for name, content in wanted.items():
            if present.get(name) != content:
                install(module, os.path.join(library, name), content)
        for name in present.keys() - wanted.keys():
            os.unlink(os.path.join(library, name))
    module.exit_json(
        changed=wanted != present,
        files=sorted(wanted),
        diff={"before": listing(present), "after": listing(wanted)},
    )


if __name__ == "__main__":
    main()
