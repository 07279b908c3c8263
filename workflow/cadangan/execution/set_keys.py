"""Opening the key of one backup set for the one restore that needs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cadangan.errors import Missing
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.key_opening import is_protected, open_identity, open_kept_key
from cadangan.procedure.work import Item
from cadangan.register.office import Office

IDENTITY_VARIABLE = "CADANGAN_IDENTITY"


def set_key_for(office: Office, item: Item, identity: Path | None) -> str | None:
    """The age identity of the set that `item` restores from; None where nothing is restored.

    `identity` is the file of a recipient's age identity. `Missing` or `BadInput` if there is none, or it does not
    open this set.
    """
    if item["action"] not in ("restore", "drill"):
        return None
    if identity is None:
        raise Missing(
            f"restoring {item['set']} needs the age identity of one of its recipients",
            advice=f"name its file: cadangan execute … --identity FILE; for ansible-playbook, {IDENTITY_VARIABLE}=FILE",
        )
    return open_kept_key(Catalogue(office.sets_dir).get(item["set"]), identity).identity


def check_identity(office: Office, items: list[Item], identity: Path | None) -> None:
    """Raise what `set_key_for` would raise for any of these items, before anything starts."""
    for item in items:
        set_key_for(office, item, identity)


def named_identity() -> Path | None:
    """The identity file that the environment names, as Ansible's processes are told of it."""
    name = os.environ.get(IDENTITY_VARIABLE)
    return Path(name) if name else None


@contextmanager
def unlocked(identity: Path | None) -> Iterator[Path | None]:
    """`identity` as Ansible's processes, which have no terminal, can use it.

    One that is protected by a passphrase is opened here, where `age` can ask for it, and kept in memory alone.
    """
    if identity is None or not is_protected(identity):
        yield identity
        return
    opened = open_identity(identity)
    descriptor = os.memfd_create("identity")
    try:
        os.write(descriptor, opened)
        yield Path(f"/proc/{os.getpid()}/fd/{descriptor}")
    finally:
        os.close(descriptor)
