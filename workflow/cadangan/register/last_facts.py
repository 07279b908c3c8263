"""What was last known of each server: one file a server in the office's folder `facts`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from pydantic import BaseModel, ValidationError

from cadangan.errors import WorkFailed
from cadangan.evidence.durable import write_durably
from cadangan.register.facts import Facts, Time
from cadangan.register.strict import STRICT


class KnownFacts(BaseModel):
    """Facts, and when they were taken by the clock of the control host."""

    model_config = STRICT

    at: Time
    facts: Facts


class LastFacts:
    """The facts of all servers that ever answered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, host: str, known: KnownFacts) -> None:
        """Put what is known of a host in the place of what was."""
        self._folder.mkdir(mode=0o750, exist_ok=True)
        write_durably(self._file(host), canonical.dumps(known.model_dump(mode="json"), canonical.MANIFEST_LIMIT))

    def of(self, host: str) -> KnownFacts | None:
        """What is known of a host; None if it never answered. `WorkFailed` if its file is damaged."""
        file = self._file(host)
        try:
            return KnownFacts.model_validate(canonical.loads(file.read_bytes(), canonical.MANIFEST_LIMIT))
        except FileNotFoundError:
            return None
        except (canonical.CanonicalError, ValidationError):
            raise WorkFailed(
                f"{file} is damaged", advice="Remove it; it is made again when the server is next reached."
            ) from None

    def _file(self, host: str) -> Path:
        return self._folder / f"{quote(host, safe='')}.json"
