# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What to do about an error, by the number that the server or a client gives it."""

from __future__ import annotations

import re
from typing import Dict

_NUMBER = re.compile(r"(?:\berror:? |\()(\d+)\b", re.IGNORECASE)
_BY_ADVICE = {
    "Make room for the server's data and its temporary files (datadir, tmpdir).": (3, 1021, 1026, 1114),
    "Find out what is damaged with CHECK TABLE, and mend it with REPAIR TABLE, or restore it from an earlier set.": (
        *(126, 127, 130, 144, 145, 1030, 1033, 1034, 1194, 1195, 1812, 1877, 1932),
    ),
    "Look at the server's log: it ended, or a row is larger than its max_allowed_packet.": (1153, 2006, 2013, 2020),
    "Wait for what runs long (see SHOW PROCESSLIST), and run it again.": (1205, 1213, 3024),
    "Run it when the server can be written, or name the one that can.": (1290, 1792, 1836),
    "Start the server, or correct its socket among the role's options.": (2002, 2003),
    "Name an account that the server lets in, and that has the privileges.": (1044, 1045, 1142, 1227, 1370, 1698),
}
_ADVICE: Dict[int, str] = {number: advice for advice, numbers in _BY_ADVICE.items() for number in numbers}


def advice(complaint: str) -> str:
    """What to do about a complaint; empty if it has no number, or one that says nothing to us."""
    for number in _NUMBER.findall(complaint):
        if int(number) in _ADVICE:
            return _ADVICE[int(number)]
    return ""
