"""Starts the program of a repository host as its own launcher does, from the files in TREE, configured by CONFIG.

python3 -I repository_launcher.py TREE CONFIG ROLE…
"""

import os
import sys
from pathlib import Path

tree, config, *role = sys.argv[1:]
sys.path.insert(0, tree)

from ansible_collections.diskominfo.cadangan.plugins.module_utils import places  # noqa: E402 - found by the path above
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_program import main  # noqa: E402 - found by the path above

places.config_dir = lambda: config
status = main(role)
Path(config, f"peak-{os.getpid()}").write_text(Path("/proc/self/status").read_text())
sys.exit(status)
