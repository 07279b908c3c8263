# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An outcome that the journal never got, since the connection was lost: told to whoever comes with an order."""

from __future__ import annotations

import base64
import os
from typing import Any, Dict, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import pinned, places, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.ledger import Ledger
from ansible_collections.diskominfo.cadangan.plugins.module_utils.permit import (
    Permit,
    check_order,
    check_permit,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repositories import pinned_repository


def find(permit_b64: str, order_b64: str, item_id: str, now: str) -> Optional[Dict[str, Any]]:
    """The outcome kept for the item, if the order was signed without knowing of it; else None.

    Only what the journal does not know as done is ordered, so what was done is told to every order, whatever the
    schedule and whatever other work the journal has learnt of since. A failure is told only under its own schedule,
    and only if it is newer than what the order knows of. The permit and the order must be as valid as for work.
    What is missing in the ledger for its size, the texts of a backup set, is read from the repository.
    """
    asset = pinned.read_asset()
    if asset is None:
        return None
    try:
        permit = check_permit(base64.b64decode(permit_b64), now, asset["trust"])
        signed = shape.read(base64.b64decode(order_b64), shape.SIGNED_TEXT, "order")
        order = check_order(permit, signed, now, item_id)
        ledger = Ledger(os.path.join(places.state_dir(), "ledger"), asset["ledger"])
        known_id, known_last = order.ledgers.get(asset["asset"], ("", 0))
        if ledger.id != known_id:
            return None
        late = [
            event["outcome"]
            for event in ledger.events()
            if event["kind"] == "outcome"
            and (event["case"], event["item"]) == (permit.case, item_id)
            and (
                event["outcome"]["result"] == "done"
                or (event["schedule"] == permit.schedule and event["n"] > known_last)
            )
        ]
    except (Refused, ValueError):
        return None
    if not late:
        return None
    return {**late[-1], **_texts(permit, item_id, late[-1]), "ledger": ledger.id, "last": ledger.last}


def _texts(permit: Permit, item_id: str, outcome: Dict[str, Any]) -> Dict[str, str]:
    if permit.item(item_id)["action"] != "backup" or outcome["result"] != "done":
        return {}
    try:
        repository = pinned_repository(permit.trust.newest["policy"]["repository"])
        return BackupSet(repository.find(outcome["facts"]["set"])).texts()
    except (EngineError, Refused):
        # The set may have been moved since; that it was made stays true.
        return {}
