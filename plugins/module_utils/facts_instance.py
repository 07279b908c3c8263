# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each kind of database server answers about the ones that run: one class for each, beside its engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_processes import Program

Options = Mapping[str, Mapping[str, Any]]
"""What the role of each engine was told about how to connect, by the engine's name."""


@dataclass
class Instance:
    """A running server as far as it was looked into; `unseen` says why that is not all."""

    engine: str
    product: str
    instance: str = ""
    version: str = ""
    databases: List[Dict[str, Any]] = field(default_factory=list)
    container: str = ""
    unseen: str = ""


class Kind(ABC):
    """Servers of one product, or of products that are alike."""

    product: str
    engine: str
    programs: Sequence[str]
    """Names of the programs by which they are known."""
    accounts: Optional[Sequence[str]]
    """Who may run one for us to connect to it with more than its own rights; None: we connect with its own."""

    def is_server(self, program: Program, parent: Optional[Program]) -> bool:
        """Whether a program is a server itself, not a helper that it started."""
        return program.name in self.programs and (parent is None or parent.name != program.name)

    @abstractmethod
    def look(self, program: Program, options: Options, found: Instance) -> None:
        """Fill in `found`, first where it listens. EngineError, OSError, KeyError or ValueError if that can not be."""
