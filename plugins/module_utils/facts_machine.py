# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this host is: its machine, operating system, kernel and addresses. None for what can not be seen."""

from __future__ import annotations

import ipaddress
import os
import platform
import re
import shlex
from typing import Any, Dict, Iterator, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_text import first_line, folder, number, shown
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process, ToolError

_SECTOR = 512  # bytes, in what the kernel says of disks
_IN_A_CONTAINER = ("/run/systemd/container", "/run/.containerenv", "/.dockerenv")
# What makers write where they have nothing to say.
_NO_ANSWER = re.compile(r"|none|not (specified|applicable)|default string|to be filled by o\.e\.m\.|system .*|0+", re.I)
_LOCAL_ADDRESS = re.compile(r"\|-- ([0-9.]+)\n\s+/32 host LOCAL")


def machine() -> Dict[str, Any]:
    """Kind, model, serial number, processors, memory and disk in bytes."""
    kind = _kind()
    # A container sees the hardware of the machine under it, which is none of its own.
    owns_hardware = kind != "container"
    return {
        "kind": kind,
        "model": _model() if owns_hardware else None,
        "serial": _told("product_serial") if owns_hardware else None,
        "cpus": os.cpu_count(),
        "memory": _memory(),
        "disk": _disk() if owns_hardware else None,
    }


def operating_system() -> Optional[Dict[str, str]]:
    """Name and version, as `Debian GNU/Linux` and `12.7`."""
    said = _release("/etc/os-release") or _release("/usr/lib/os-release")
    if "NAME" not in said:
        return None
    version = said.get("VERSION_ID", "")
    if said.get("ID") == "debian":
        point = first_line("/etc/debian_version")
        version = point if point[:1].isdigit() else version
    return {"name": shown(said["NAME"]), "version": shown(version)}


def system() -> Dict[str, Any]:
    """Everything about the host but its databases, by the names of the module's answer."""
    return {
        "hostname": shown(platform.node()),
        "machine_id": first_line("/etc/machine-id"),
        "machine": machine(),
        "operating_system": operating_system(),
        "kernel": shown(platform.release()),
        "addresses": addresses(),
    }


def addresses() -> List[str]:
    """The addresses by which others may reach this host."""
    found = set(_ipv4()) | set(_ipv6())
    return sorted(str(address) for address in found if not (address.is_loopback or address.is_link_local))


def _kind() -> Optional[str]:
    if _says_yes("--container") or any(os.path.exists(path) for path in _IN_A_CONTAINER):
        return "container"
    is_virtual = _says_yes("--vm")
    if is_virtual is None:
        return _kind_of_processor()
    return "virtual" if is_virtual else "physical"


def _says_yes(question: str) -> Optional[bool]:
    """What systemd says to it; None on a host without it."""
    try:
        process = Process(Command(["systemd-detect-virt", "--quiet", question]), None, None)
    except ToolError:
        return None
    try:
        return process.wait() == 0
    finally:
        process.close()


def _kind_of_processor() -> Optional[str]:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            return "virtual" if re.search(r"^flags\s*:.*\bhypervisor\b", file.read(1 << 20), re.M) else None
    except OSError:
        return None


def _model() -> Optional[str]:
    words = [word for word in (_told("sys_vendor"), _told("product_name")) if word]
    return " ".join(words) or None


def _told(name: str) -> Optional[str]:
    line = first_line(f"/sys/class/dmi/id/{name}")
    return None if _NO_ANSWER.fullmatch(line) else line


def _memory() -> Optional[int]:
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            found = re.search(r"^MemTotal:\s+([0-9]+) kB$", file.read(), re.M)
    except OSError:
        return None
    return int(found.group(1)) * 1024 if found else None


def _disk() -> Optional[int]:
    # Only real devices have a `device`; what is made of them would count twice.
    disks = [f"/sys/block/{name}" for name in folder("/sys/block") if os.path.exists(f"/sys/block/{name}/device")]
    sizes = [number(f"{disk}/size") * _SECTOR for disk in disks if first_line(f"{disk}/removable") == "0"]
    return sum(sizes) or None


def _release(path: str) -> Dict[str, str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read(1 << 16).splitlines()
    except OSError:
        return {}
    said = {}
    for name, _equals, value in (line.partition("=") for line in lines):
        try:
            said[name] = "".join(shlex.split(value))
        except ValueError:
            continue  # A quote is left open.
    return said


def _ipv4() -> Iterator[ipaddress.IPv4Address]:
    try:
        with open("/proc/net/fib_trie", encoding="ascii") as file:
            text = file.read()
    except OSError:
        return
    for found in _LOCAL_ADDRESS.findall(text):
        yield ipaddress.IPv4Address(found)


def _ipv6() -> Iterator[ipaddress.IPv6Address]:
    try:
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        yield ipaddress.IPv6Address(bytes.fromhex(line.split()[0]))
