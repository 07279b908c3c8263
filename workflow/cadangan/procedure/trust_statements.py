"""What a trust document says, one plain sentence each, so that two versions can be compared by people."""

from __future__ import annotations

import base64
import hashlib
from typing import Any


def statements(document: dict[str, Any]) -> list[str]:
    """Everything that a trust document says of persons and policy."""
    policy = document["policy"]
    said = [f"policy: {policy['trustees']} trustee(s) sign the next version"]
    said.append(f"policy: backup sets are kept in {policy['repository']}")
    said += [f"recipient {each['holder']}: {each['key']}" for each in policy["recipients"]]
    for person in document["persons"]:
        name = person["id"]
        if person["trustee"]:
            said.append(f"{name}: is a trustee")
        if person["qualified"]:
            said.append(f"{name}: is qualified to execute")
        said += [f"{name}: {_role(role)}" for role in person["roles"]]
        said += [f"{name}: signs with {fingerprint(key)}" for key in person["keys"]]
    return said


def differences(old: dict[str, Any] | None, new: dict[str, Any]) -> list[str]:
    """What `new` says otherwise than `old`: `- …` for what is gone, `+ …` for what is new."""
    before, after = statements(old) if old else [], statements(new)
    gone = [f"- {said}" for said in before if said not in after]
    return gone + [f"+ {said}" for said in after if said not in before]


def fingerprint(key: str) -> str:
    """A public key as `ssh-keygen -l` names it: `ssh-ed25519 SHA256:…`."""
    kind, data = key.split()[:2]
    digest = hashlib.sha256(base64.b64decode(data)).digest()
    return f"{kind} SHA256:{base64.b64encode(digest).decode('ascii').rstrip('=')}"


def _role(role: dict[str, Any]) -> str:
    acting = f"{role['as']} " if role["as"] else ""
    agency = f" of {role['agency']}" if role["agency"] else ""
    letter = f" by letter {role['letter']}" if role["letter"] else ""
    return f"{acting}{role['role']}{agency} from {role['from']} until {role['until']}{letter}"
