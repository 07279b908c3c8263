# -*- coding: utf-8 -*-
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """What the modules of all engines have in common."""

    DOCUMENTATION = r"""
options:
  permit:
    description: The permit of the case, its exact bytes in base64.
    type: str
    required: true
  order:
    description: The order that the executor signed, as canonical JSON of its signed text in base64.
    type: str
    required: true
  item:
    description: Id of the work item within the case.
    type: str
    required: true
  run:
    description: Id of the run; names the file that tells how far it is.
    type: str
    required: true
  controller_time:
    description:
      - What the clock of the control host says, as V(2026-11-25T02:06:37Z).
      - If given, clocks that differ by more than 120 seconds are refused.
    type: str
attributes:
  check_mode:
    description:
      - Checks the permit, the tools, the repository and the database, and says what would be done.
      - Changes nothing, and spends nothing.
    support: full
  diff_mode:
    description: There is nothing to show a difference of.
    support: none
requirements:
  - Python 3.9, age, zstd, and OpenSSH 8.4 or newer on the database server
  - that the server was onboarded (M(diskominfo.cadangan.identity))
notes:
  - Nothing is backed up or restored without a permit that the officials signed and an order that the executor signed,
    both of which the module checks again on the server. They come from M(diskominfo.cadangan.work).
"""

    BACKUP = r"""
options:
  compression_level:
    description: Level of C(zstd). Higher is smaller and slower.
    type: int
    default: 3
    choices: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
"""

    RESTORE = r"""
options:
  set_key:
    description:
      - The private key of the backup set, C(AGE-SECRET-KEY-1...), as one of the holders unwrapped it from C(key.age).
      - Needed for everything but an item that is refused.
    type: str
"""
