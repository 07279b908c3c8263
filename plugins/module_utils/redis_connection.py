# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Talking to a Redis or Valkey server: its protocol (RESP2) over a socket, so that a password never leaves us."""

from __future__ import annotations

import os
import socket
import stat
from typing import Any, Dict, Iterable, Iterator, List, Sequence, Tuple, Union

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError

Word = Union[bytes, str, int]
Address = Union[str, Tuple[str, int]]
"""Path of a Unix socket, or host and port."""

TIMEOUT = 60
"""Seconds of silence after which a server is given up."""

_RECEIVED_AT_ONCE = 1 << 18
_SECRET_LIMIT = 4096
_ADVICE = {
    "NOAUTH": "Set the option password_file to a file that holds its password.",
    "WRONGPASS": "Correct the file that the option password_file names, and the option user.",
    "NOPERM": "Give this user of Redis more rights (ACL SETUSER), or set the options user and password_file.",
    "LOADING": "Wait until the server has read its data, then run it again.",
    "NOMASTERLINK": "Mend the replication first.",
    "MISCONF": "Look at the server's log: it can not save its data.",
}


class RedisError(EngineError):
    """The server refused a command; `code` is the first word of its answer."""

    def __init__(self, command: str, answer: str) -> None:
        self.code = answer.partition(" ")[0]
        super().__init__(
            f"The server refused {command}: {answer}", _ADVICE.get(self.code, "Look at the server's configuration.")
        )


class Connection:
    """One connection. Answers are bytes, int, None, or lists of them. Raises EngineError when the server is gone."""

    def __init__(self, address: Address, user: str = "", password: bytes = b"") -> None:
        self._buffer = bytearray()
        self._at = 0
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(TIMEOUT)
            self._socket.connect(address)
            # Short, so that an interruption is noticed while the server says nothing.
            self._socket.settimeout(0.5)
            if password:
                self.call("AUTH", *([user] if user else []), password)
            # Refused while it reads its data; unlike PING not refused while it can not save them.
            self.call("DBSIZE")
        except OSError as error:
            self.close()
            where = address if isinstance(address, str) else f"port {address[1]} of this host"
            raise EngineError(
                f"No server answers at {where}: {error.strerror or error}", "Start it, or correct the register."
            ) from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def call(self, *words: Word) -> Any:
        """The answer to one command; RedisError if it is one."""
        [answer] = self.pipeline([words])
        if isinstance(answer, RedisError):
            raise answer
        return answer

    def pipeline(self, commands: Iterable[Sequence[Word]]) -> Iterator[Any]:
        """The answers to several commands that are sent at once; a RedisError stands for itself."""
        sent = list(commands)
        self.send(b"".join(map(_encoded, sent)))
        for words in sent:
            yield self._answer(str(words[0]))

    def table(self, *words: Word) -> Dict[str, str]:
        """The answer to a command that gives names and values in turn (CONFIG GET)."""
        answer = [_text(value) for value in self.call(*words)]
        return dict(zip(answer[::2], answer[1::2]))

    def info(self, *sections: str) -> Dict[str, str]:
        """What INFO says."""
        lines = _text(self.call("INFO", *sections)).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        view = memoryview(data)
        waited = 0.0
        while view:
            try:
                view = view[self._socket.send(view) :]
                waited = 0
            except socket.timeout:
                waited = self._waited(waited)
            except OSError as error:
                raise _gone(error) from error

    def line(self) -> bytes:
        """One line; empty ones, by which a server says that it is still there, are passed over."""
        while True:
            end = self._buffer.find(b"\n", self._at)
            if end < 0:
                self._receive()
                continue
            line = bytes(self._buffer[self._at : end]).rstrip(b"\r")
            self._at = end + 1
            if line:
                return line

    def some(self) -> bytes:
        """The bytes that came next, at least one."""
        if self._at == len(self._buffer):
            self._receive()
        data = bytes(self._buffer[self._at :])
        self._at = len(self._buffer)
        return data

    def _answer(self, command: str) -> Any:
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            length = int(rest)
            return None if length < 0 else self._exactly(length + 2)[:-2]
        if kind == b"*":
            count = int(rest)
            return None if count < 0 else [self._answer(command) for _element in range(count)]
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest
        if kind == b"-":
            return RedisError(command, _text(rest))
        raise EngineError("What answers does not speak the protocol of Redis", "Correct the port in the register.")

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) - self._at < count:
            self._receive()
        data = bytes(self._buffer[self._at : self._at + count])
        self._at += count
        return data

    def _receive(self) -> None:
        del self._buffer[: self._at]
        self._at = 0
        waited = 0.0
        while True:
            try:
                data = self._socket.recv(_RECEIVED_AT_ONCE)
                break
            except socket.timeout:
                waited = self._waited(waited)
            except OSError as error:
                raise _gone(error) from error
        interruption.check()
        if not data:
            raise _gone(None)
        self._buffer += data

    def _waited(self, so_far: float) -> float:
        interruption.check()
        if so_far > TIMEOUT:
            raise EngineError(f"The server said nothing for {TIMEOUT} seconds", "Look at its log.")
        return so_far + (self._socket.gettimeout() or 0)


def read_password(path: str) -> bytes:
    """The one line of a file that nobody else may read; empty for an empty `path`."""
    if not path:
        return b""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            line = file.read(_SECRET_LIMIT).rstrip(b"\r\n")
    except OSError as error:
        raise EngineError(f"The password file {path!a} can not be read: {error.strerror}", "Make it anew.") from error
    if status.st_uid not in (0, os.geteuid()) or stat.S_IMODE(status.st_mode) & 0o077:
        raise EngineError(
            f"The password file {path!a} is not protected",
            f"chown root {path} && chmod 600 {path}, and a new password.",
        )
    if not line or b"\n" in line:
        raise EngineError(f"The password file {path!a} does not hold one line", "Write the password into it, alone.")
    return line


def text(value: bytes) -> str:
    """A server's bytes as printable text, whatever they are."""
    return value.decode("utf-8", "backslashreplace")


def _text(value: Any) -> str:
    return text(value) if isinstance(value, bytes) else str(value)


def _encoded(words: Sequence[Word]) -> bytes:
    parts: List[bytes] = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode("utf-8", "surrogateescape")
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


def _gone(error: object) -> EngineError:
    why = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return EngineError(f"The server closed the connection{why}", "Look at its log; start it if it has ended.")
