# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether registered files and folders are there, and how large they are."""

from __future__ import annotations

import os
import stat
from typing import Any, Dict

from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_text import NAME_LIMIT, shown
from ansible_collections.diskominfo.cadangan.plugins.module_utils.time_limit import TooSlow, time_limit


def look_at(engine: str, name: str, seconds: float) -> Dict[str, Any]:
    """A file or folder by its absolute path; a folder that takes longer than that has no size. Changes nothing."""
    place = {"engine": engine, "name": shown(name, NAME_LIMIT), "found": None, "size": None, "unseen": ""}
    try:
        with time_limit(seconds):
            place["found"] = True
            place["size"] = _size(name)
    except TooSlow:
        place["unseen"] = f"it could not be added up within {seconds:.0f} s"
    except (FileNotFoundError, NotADirectoryError):
        place["found"] = False
    except (OSError, ValueError) as error:
        place["found"] = None
        place["unseen"] = shown(f"it can not be seen: {error}", 500)
    return place


def _size(path: str) -> int:
    status = os.stat(path)
    if not stat.S_ISDIR(status.st_mode):
        return status.st_size
    size = 0
    for folder, _folders, files in os.walk(path):
        for file in files:
            try:
                size += os.lstat(os.path.join(folder, file)).st_size
            except OSError:
                continue  # It has gone meanwhile.
    return size
