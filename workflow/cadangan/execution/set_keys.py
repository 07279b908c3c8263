"""Opening the key of one backup set for the one restore that needs it."""

from __future__ import annotations

import os
from pathlib import Path

from cadangan.errors import Missing
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.key_opening import open_set_key
from cadangan.procedure.work import Item
from cadangan.register.office import Office

IDENTITY_VARIABLE = "CADANGAN_IDENTITY"


def set_key_for(office: Office, item: Item) -> str | None:
    """The age identity of the set that `item` restores from; None for a backup.

    `Missing` or `BadInput` if there is no age identity of a recipient, or it does not open this set.
    """
    if "set" not in item:
        return None
    identity = os.environ.get(IDENTITY_VARIABLE)
    if not identity:
        raise Missing(
            f"restoring {item['set']} needs the age identity of one of its recipients",
            advice=f"name its file: cadangan execute … --identity FILE; for ansible-playbook, {IDENTITY_VARIABLE}=FILE",
        )
    return open_set_key(Catalogue(office.sets_dir).get(item["set"]).key_age, Path(identity))


def check_identity(office: Office, items: list[Item]) -> None:
    """Raise what `set_key_for` would raise for any of these items, before anything starts."""
    for item in items:
        set_key_for(office, item)
