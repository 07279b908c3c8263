# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs on this host: each program with who runs it, in which container, and where it listens."""

from __future__ import annotations

import ipaddress
import os
import pwd
import re
import sys
from typing import List, NamedTuple, Tuple

_LISTENS_UNIX = 0x10000
_LISTENS_TCP = "0A"
# How the programs that run containers name them to the kernel: docker, podman, containerd, LXC.
_CONTAINER = re.compile(
    r"(?:docker|libpod|crio|containerd|kubepods)\S*?([0-9a-f]{12})[0-9a-f]{52}|/lxc[./](?:payload\.)?([\w.-]+)"
)
_COMMAND_LIMIT = 1 << 16


class Program(NamedTuple):
    """A running program; `name` as the kernel knows it (15 characters), `container` empty if it is in none."""

    pid: int
    name: str
    parent: int
    uid: int
    container: str
    command: List[str]

    @property
    def account(self) -> str:
        """Who runs it."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


class Listening(NamedTuple):
    """Where a program listens: paths of Unix sockets, and addresses with ports, the lowest port first."""

    sockets: List[str]
    ports: List[Tuple[str, int]]


def running() -> List[Program]:
    """Every program that this process may see, in the order of their numbers."""
    own = _container(os.getpid())
    found = []
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        try:
            found.append(_program(pid, own))
        except (OSError, KeyError, ValueError):
            continue  # It has ended meanwhile.
    return found


def listening(program: Program) -> Listening:
    """Where a program listens; nothing if that can not be seen."""
    inodes = set()
    for fd in os.listdir(f"/proc/{program.pid}/fd"):
        try:
            target = os.readlink(f"/proc/{program.pid}/fd/{fd}")
        except OSError:
            continue  # It was closed meanwhile.
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    sockets = [path for inode, path in _unix_sockets() if inode in inodes]
    ports = [where for inode, where in _tcp_sockets() if inode in inodes]
    return Listening(sorted(set(sockets)), sorted(set(ports), key=lambda where: (where[1], where[0])))


def _program(pid: int, own: str) -> Program:
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="surrogateescape") as file:
        status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        command = file.read(_COMMAND_LIMIT).decode("utf-8", "surrogateescape").split("\0")
    container = _container(pid)
    if container == own:
        # Numbered otherwise than here: in a container, of whichever kind.
        container = "unnamed" if len(status.get("NSpid", "").split()) > 1 else ""
    return Program(pid, status["Name"], int(status["PPid"]), int(status["Uid"].split()[0]), container, command)


def _container(pid: int) -> str:
    with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="surrogateescape") as file:
        found = _CONTAINER.search(file.read())
    return (found.group(1) or found.group(2)) if found else ""


def _unix_sockets() -> List[Tuple[str, str]]:
    with open("/proc/net/unix", encoding="utf-8", errors="surrogateescape") as file:
        rows = [line.split(None, 7) for line in file.read().splitlines()[1:]]
    return [(row[6], row[7]) for row in rows if len(row) == 8 and int(row[3], 16) & _LISTENS_UNIX]


def _tcp_sockets() -> List[Tuple[str, Tuple[str, int]]]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as file:
                rows = [line.split() for line in file.read().splitlines()[1:]]
        except OSError:
            continue  # The kernel does not speak this protocol.
        found += [(row[9], _address(row[1])) for row in rows if row[3] == _LISTENS_TCP]
    return found


def _address(text: str) -> Tuple[str, int]:
    """Where one on this host connects to what listens at `0100007F:1538`."""
    digits, colon, port = text.partition(":")
    # The kernel prints the words of an address in the byte order of the machine.
    words = [int(digits[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(digits), 8)]
    address = ipaddress.ip_address(b"".join(words))
    everywhere = address.is_unspecified or address.is_loopback
    return "127.0.0.1" if everywhere else str(address), int(port, 16)
