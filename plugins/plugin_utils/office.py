# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the action plugins share: the office on the control host, and errors that an operator can read."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path

from ansible.errors import AnsibleError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused


@contextmanager
def readable_errors():
    """Turn refusals and expected errors into plain Ansible errors."""
    try:
        from cadangan.errors import CadanganError
    except ImportError as error:
        raise AnsibleError(
            "the Python package `cadangan` is not in the Python that runs Ansible; "
            "install it there: pip install cadangan"
        ) from error
    try:
        yield
    except Refused as refusal:
        raise AnsibleError(f"refused: {refusal}") from None
    except CadanganError as error:
        raise AnsibleError(str(error)) from None


def open_office():
    """The office named by CADANGAN_OFFICE, or the current folder, and its journal."""
    from cadangan.register.office import Office
    from cadangan.register.office_journal import open_journal

    office = Office.load(Path(os.environ.get("CADANGAN_OFFICE", ".")))
    return office, open_journal(office)


def plain(value):
    """`value` without the tags that Ansible puts on strings and numbers: evidence is written from exact types.

    What is no JSON, such as the error that Ansible adds to the answer of a module that failed, becomes text.
    """
    return json.loads(json.dumps(value, default=str))
