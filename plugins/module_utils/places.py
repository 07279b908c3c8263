"""Where trust and ledger lie on this host. There is no parameter: nobody can point the gate elsewhere."""

from __future__ import annotations

import os
import pwd

_SYSTEM_CONFIG = "/etc/cadangan"
_SYSTEM_STATE = "/var/lib/cadangan"


def config_dir() -> str:
    """Folder of `asset.json`, `trust.json` and the asset key."""
    return _SYSTEM_CONFIG if _is_system() else os.path.join(_home(), ".config", "cadangan")


def state_dir() -> str:
    """Folder of the ledger and of the progress files."""
    return _SYSTEM_STATE if _is_system() else os.path.join(_home(), ".local", "state", "cadangan")


def _is_system() -> bool:
    # An onboarded host has the system folder: there, also an unprivileged run is judged by it.
    return os.geteuid() == 0 or os.path.isdir(_SYSTEM_CONFIG)


def _home() -> str:
    # From the account, not from HOME: an environment variable would be a parameter.
    return pwd.getpwuid(os.geteuid()).pw_dir
