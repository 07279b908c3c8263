# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Started by sshd on a repository host, for every key of a server or of the office, with its role as arguments."""

import sys
from pathlib import Path

# Python runs isolated (-I): it would not look beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_program import main

sys.exit(main(sys.argv[1:]))
