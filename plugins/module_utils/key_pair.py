# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Making an Ed25519 key pair without a passphrase, for a machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

from ansible_collections.diskominfo.cadangan.plugins.module_utils import sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run


def make_key_pair(path: str, comment: str) -> None:
    """Make the private key `path`, mode 0600, and `path`.pub, which comes last: the pair is whole when it is there.

    A pair that is there is replaced.

    EngineError if ssh-keygen fails.
    """
    folder = tempfile.mkdtemp(dir=os.path.dirname(path))
    try:
        new = os.path.join(folder, "key")
        run(Command([sshsig.SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", new]))
        # Never beside the private half of another pair.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path + ".pub")
        os.replace(new, path)
        os.replace(new + ".pub", path + ".pub")
    finally:
        shutil.rmtree(folder)
