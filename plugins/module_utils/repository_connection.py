# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A connection to a repository host: SSH with pinned keys only, requests over it, and every way in which it fails."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from typing import Any, Dict, Iterator, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import RepositoryError, RepositoryLost
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_link import (
    PROTOCOL,
    Link,
    LinkAbused,
    LinkBroken,
    Message,
)

Contact = Dict[str, Any]
"""How a repository host is reached (repository_host.CONTACT)."""

SSH = "/usr/bin/ssh"

_SILENCE = 300.0  # seconds; the host says every few that it works on an answer
_LAST_WORDS_SECONDS = 2.0
_SENTENCE = shape.Rule("a sentence", lambda value: isinstance(value, str) and len(value) <= 4000)
_REFUSED = {"op": shape.constant("refused"), "reason": _SENTENCE, "rule": _SENTENCE, "advice": _SENTENCE}
_GREETING = {"free": shape.COUNT, "quota_left": shape.nullable(shape.COUNT), "clock": shape.TIME}
_ONBOARD = "Onboard this server and the repository host again: ansible-playbook diskominfo.cadangan.onboard."


def ssh_command(contact: Contact, key_file: str, known_hosts: str) -> List[str]:
    """The program that reaches a repository host. The command at its end is not run: the key is bound to another."""
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": known_hosts,
        "GlobalKnownHostsFile": "/dev/null",
        "HostKeyAlias": contact["asset"],
        "HostKeyAlgorithms": "ssh-ed25519",
        "UpdateHostKeys": "no",
        "CheckHostIP": "no",
        "VerifyHostKeyDNS": "no",
        "PreferredAuthentications": "publickey",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "ClearAllForwardings": "yes",
        "ForwardAgent": "no",
        "RequestTTY": "no",
        # The fastest where the processor knows AES; the other one where it does not.
        "Ciphers": "aes128-gcm@openssh.com,chacha20-poly1305@openssh.com",
        "Compression": "no",
        "ConnectTimeout": "20",
        "ServerAliveInterval": "15",
        "ServerAliveCountMax": "4",
        "LogLevel": "ERROR",
    }
    argv = [SSH, "-F", "/dev/null", "-i", key_file, "-l", contact["account"], "-p", str(contact["port"])]
    for name, value in options.items():
        argv += ["-o", f"{name}={value}"]
    return [*argv, "--", contact["address"], "cadangan-repository"]


class Connection:
    """A session with the repository host that `contact` tells of, by the key in `key_file`.

    Every method raises RepositoryLost if it can not be reached or is lost, RepositoryError if its answer is no or none
    that it should give. `is_in_step`: it can be asked again, also after a no.
    `greeting` is what it said of itself: `free` bytes, `quota_left` (null: none), `clock`.
    """

    def __init__(self, contact: Contact, key_file: str) -> None:
        self.name: str = contact["asset"]
        self.is_in_step = True
        self._key_file = key_file
        with tempfile.TemporaryDirectory(prefix="cadangan-") as folder:
            known_hosts = os.path.join(folder, "known_hosts")
            with open(known_hosts, "w", encoding="ascii") as file:
                file.writelines(f"{self.name} {key}\n" for key in contact["host_keys"])
            self._process = Process(
                Command(ssh_command(contact, key_file, known_hosts)), subprocess.PIPE, subprocess.PIPE
            )
            self.link = Link(self._process.stdout.fileno(), self._process.stdin.fileno(), _SILENCE)
            try:
                self.greeting = self._greet()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """End the session. What was not published is removed there."""
        self.link.close()
        self._process.close()

    def ask(self, doing: str, message: Message, answer: Dict[str, Any]) -> Message:
        """Ask something, and give the answer, which has the shape `answer` beside `op`; `doing` says what for.

        FileNotFoundError: the set has no such file.
        """
        self.tell(doing, message)
        return self.answer(doing, answer)

    def tell(self, doing: str, message: Message) -> None:
        """Send a message, to be answered later."""
        with self.watched(doing):
            self.link.send(message)

    def answer(self, doing: str, shape_: Dict[str, Any]) -> Message:
        """The answer to what was asked, as `ask` gives it."""
        with self.watched(doing):
            return self._answer(shape_)

    @contextlib.contextmanager
    def watched(self, doing: str) -> Iterator[None]:
        """Tell what goes wrong with the wire meanwhile, in words of the repository host if it has left any."""
        try:
            yield
        except LinkBroken as error:
            raise self._lost(doing, str(error)) from error
        except LinkAbused as error:
            raise self.abused(doing, str(error)) from error
        except Refused as error:
            raise self.abused(doing, error.reason) from error

    def abused(self, doing: str, how: str) -> RepositoryError:
        """The error of a repository host that does not do what it should."""
        self.is_in_step = False
        return RepositoryError(
            f"The repository host {self.name} does not answer as it should while {doing}: {how}",
            "Bring both to the same version of Cadangan: onboard them again. If they are, look after that host.",
        )

    def _greet(self) -> Message:
        try:
            self.link.send({"op": "hello", "protocol": PROTOCOL})
            return self._answer(_GREETING)
        except LinkBroken as error:
            raise self._unreached(str(error)) from error
        except LinkAbused as error:
            raise self.abused("greeting", str(error)) from error
        except Refused as error:
            raise self.abused("greeting", error.reason) from error

    def _answer(self, wanted: Dict[str, Any], within: Optional[float] = None) -> Message:
        while True:
            message = self.link.receive(within)
            if message is None:
                raise LinkBroken("it was closed")
            kind = message.get("op")
            if kind == "working":
                continue
            if kind == "refused":
                raise self._refused(message)
            if kind == "missing":
                raise FileNotFoundError
            shape.check(message, {"op": shape.constant("ok"), **wanted}, "the answer")
            return message

    def _refused(self, message: Message) -> RepositoryError:
        shape.check(message, _REFUSED, "the answer")
        reason, rule, advice = (_printable(message[key]) for key in ("reason", "rule", "advice"))
        return RepositoryError(
            f"The repository host {self.name} refuses: {reason}", " ".join(text for text in (rule, advice) if text)
        )

    def _lost(self, doing: str, how: str) -> EngineError:
        """The error of a wire that broke; a refusal if that is what it was broken off with."""
        self.is_in_step = False
        try:
            with contextlib.suppress(LinkBroken, LinkAbused, Refused, FileNotFoundError):
                while True:
                    self._answer({}, _LAST_WORDS_SECONDS)
        except RepositoryError as refusal:
            return refusal
        return RepositoryLost(
            f"The connection to the repository host {self.name} broke while {doing}: {self._last_words() or how}",
            "See that the repository host and the network are well, then run it again.",
        )

    def _unreached(self, how: str) -> EngineError:
        words = self._last_words()
        if "Host key verification failed" in words:
            return EngineError(
                f"The repository host {self.name} shows another key than the one that was pinned; nothing was sent",
                "If it was installed anew, onboard it again. If not, somebody stands between: look at the network.",
            )
        if "Permission denied" in words:
            return EngineError(
                f"The repository host {self.name} does not let in the key {self._key_file}: {words}", _ONBOARD
            )
        return RepositoryLost(
            f"The repository host {self.name} can not be reached: {words or how}",
            "See that it runs and that the network reaches it, then run it again.",
        )

    def _last_words(self) -> str:
        """What ssh has said, once it has ended."""
        deadline = time.monotonic() + _LAST_WORDS_SECONDS
        while not self._process.ended and time.monotonic() < deadline:
            time.sleep(0.05)
        self._process.end()
        return _printable(self._process.last_words())


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
