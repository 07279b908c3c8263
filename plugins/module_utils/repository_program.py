# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one program that SSH keys are bound to on a repository host: `sender ASSET` or `operator`.

It speaks over standard input and output (repository_link.py). What the other end asked sshd to run is not looked at.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.interruption import Interrupted
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_keeper import Keeper
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_link import Link, LinkAbused, LinkBroken
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_session import Session, refusal

_SILENCE = 6 * 3600.0
"""Seconds: so long may a dump take to begin, or a proof to be made. That a host is gone, sshd finds out by itself."""

_MEMORY = 1 << 30
"""Bytes that a session may have: a manifest can be made to need a lot when it is read."""


def main(argv: List[str]) -> int:
    """Serve one session; 0 if it was ended by the other end, between two requests."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    link = Link(sys.stdin.fileno(), sys.stdout.fileno(), _SILENCE)
    try:
        try:
            Session(Keeper.of_this_host(), _role(argv), link).run()
            return 0
        except Refused as error:
            link.send(refusal(error.reason, error.rule, error.advice))
        except LinkAbused as error:
            link.send(refusal(f"Nothing like this is spoken here: {error}.", "Both ends speak one protocol."))
        except MemoryError:
            link.send(refusal("This needs more memory than a session may have.", "What describes a set is small."))
        except Interrupted:
            pass
        except Exception as error:
            link.send(refusal(f"A fault that was not foreseen: {type(error).__name__}: {error}", "", "Report it."))
    except LinkBroken:
        # There is nobody left to tell.
        pass
    return 1


def _role(argv: List[str]) -> Optional[str]:
    """The asset that sends; None for the operator."""
    if argv == ["operator"]:
        return None
    if len(argv) == 2 and argv[0] == "sender" and shape.NAME.holds(argv[1]):
        return argv[1]
    raise Refused(
        "The key that was used is bound to no role of this repository host.",
        "Roles are: sender ASSET, operator.",
        "Onboard the repository host again.",
    )
