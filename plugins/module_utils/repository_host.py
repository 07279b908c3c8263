# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is written down about repository hosts: names, and the shapes of what they and their senders are told."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape, sshsig

SCHEME = "ssh://"
ACCOUNT = "cadangan-repository"
LIBRARY = "/usr/local/lib/cadangan"


def _is_ed25519(value: Any) -> bool:
    try:
        return (
            isinstance(value, str)
            and value.startswith(sshsig.ED25519 + " ")
            and sshsig.check_public_key(value) == value
        )
    except sshsig.SignatureError:
        return False


ED25519_KEY = shape.Rule("an ssh-ed25519 public key, without comment", _is_ed25519)
ADDRESS = shape.matching(r"[A-Za-z0-9:][A-Za-z0-9.:%_-]{0,252}", "a host name or an IP address")
PORT = shape.Rule("a port, 1 to 65535", lambda value: shape.is_integer(value) and 1 <= value <= 65535)

CONTACT = {
    "asset": shape.NAME,
    "address": ADDRESS,
    "port": PORT,
    "account": shape.NAME,
    "host_keys": [ED25519_KEY],
}
"""How a repository host is reached, and by which keys it is known."""

PINNED = {"type": shape.constant("repositories"), "repositories": [CONTACT]}
"""`repositories.json` on a server that sends sets."""

KEPT = {
    "type": shape.constant("repository"),
    "name": shape.NAME,
    "root": shape.matching(r"/[^\0]*", "an absolute path"),
    "reserve_bytes": shape.COUNT,
    "daily_bytes": shape.NUMBER,
    "assets": [{"asset": shape.NAME, "keys": [ED25519_KEY]}],
}
"""`repository.json` on a repository host: what it keeps where, and the keys that each asset ever had."""


def host_of(place: str) -> Optional[str]:
    """Name of the repository host in `ssh://NAME`; None if it is no such place, but a path for instance."""
    name = place[len(SCHEME) :]
    return name if place.startswith(SCHEME) and shape.NAME.holds(name) else None
