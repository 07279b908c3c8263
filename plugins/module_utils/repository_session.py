# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One session on a repository host: what a role may ask for, and how it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Any, Callable, Dict, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_keeper import (
    Keeper,
    admit_session,
    quota_left,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_link import (
    PROTOCOL,
    Link,
    Message,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_receive import Receiver
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_serve import Operator, PermittedReader

_HELLO_SECONDS = 60.0
_HELLO = {"protocol": shape.NUMBER}


@dataclass(frozen=True)
class Request:
    """What may be asked: what it says beside its name, who answers (None: it was answered), whether data follows it."""

    shape: Dict[str, Any]
    answer: Callable[[Message], Optional[Message]]
    has_data: bool = False


class Session:
    """The session of a sender, the asset of that name, or of the operator (None)."""

    def __init__(self, keeper: Keeper, asset: Optional[str], link: Link) -> None:
        self._keeper = keeper
        self._asset = asset
        self._link = link
        self._receiver = Receiver(keeper, asset, link)
        self._place: Optional[IO[bytes]] = None
        self._requests = {
            "begin": Request({"set": shape.LINE}, self._receiver.begin),
            "put": Request({"name": shape.LINE}, self._receiver.put, has_data=True),
            "publish": Request({"set": shape.LINE, "manifest": shape.DIGEST}, self._receiver.publish),
            **(_for_operator(Operator(keeper, link)) if asset is None else _for_sender(keeper, asset, link)),
        }

    def run(self) -> None:
        """Answer requests until the other end has no more. Raises LinkBroken, LinkAbused, Interrupted."""
        try:
            greeting = self._link.receive(_HELLO_SECONDS)
            if greeting is None or not self._answer(greeting, {"hello": Request(_HELLO, self._hello)}):
                return
            while True:
                message = self._link.receive()
                if message is None:
                    return
                if not self._answer(message, self._requests) and self._has_data(message):
                    # What follows is no message.
                    return
        finally:
            self._receiver.close()
            if self._place is not None:
                self._place.close()

    def _hello(self, message: Message) -> Message:
        if message["protocol"] != PROTOCOL:
            raise Refused(
                f"This repository host speaks protocol {PROTOCOL}, not {message['protocol']}.",
                "Both ends speak the same.",
                "Bring both to the same version of Cadangan: onboard them again.",
            )
        left = None
        if self._asset is not None:
            self._keeper.keys(self._asset)
            self._place = admit_session(self._keeper, self._asset)
            left = quota_left(self._keeper, self._asset)
        return {"free": self._keeper.free(), "quota_left": left, "clock": moment.now()}

    def _answer(self, message: Message, requests: Dict[str, Request]) -> bool:
        """Answer one request; whether the answer was not no."""
        try:
            request = self._requested(message, requests)
            answer = request.answer(message)
        except Refused as error:
            self._refuse(error.reason, error.rule, error.advice)
            return False
        except EngineError as error:
            self._refuse(error.message, "", error.advice)
            return False
        except OSError as error:
            about = f" ({error.filename!a})" if error.filename else ""
            self._refuse(f"Its operating system says: {error.strerror}{about}", "", "Mend the repository host.")
            return False
        if answer is not None:
            self._link.send({"op": "ok", **answer})
        return True

    def _requested(self, message: Message, requests: Dict[str, Request]) -> Request:
        name = message.get("op")
        request = requests.get(name) if isinstance(name, str) else None
        if request is None:
            role = "a sender" if self._asset is not None else "the operator"
            raise Refused(
                f"{name!a} is nothing that {role} may ask for now.", f"It may ask for: {', '.join(requests)}."
            )
        shape.check(message, {"op": shape.LINE, **request.shape}, str(name))
        return request

    def _has_data(self, message: Message) -> bool:
        name = message.get("op")
        return isinstance(name, str) and name in self._requests and self._requests[name].has_data

    def _refuse(self, reason: str, rule: str, advice: str) -> None:
        self._link.send(refusal(reason, rule, advice))


def refusal(reason: str, rule: str = "", advice: str = "") -> Message:
    """The answer that is no."""
    return {"op": "refused", "reason": reason, "rule": rule, "advice": advice}


def _for_sender(keeper: Keeper, asset: str, link: Link) -> Dict[str, Request]:
    reader = PermittedReader(keeper, asset, link)
    return {
        "fetch": Request({"permit": shape.LINE, "order": shape.LINE, "item": shape.LINE}, reader.fetch),
        "names": Request({}, reader.names),
        "get": Request({"name": shape.LINE}, reader.get),
        "measure": Request({"name": shape.LINE}, reader.measure),
    }


def _for_operator(operator: Operator) -> Dict[str, Request]:
    one_set = {"set": shape.LINE}
    one_file = {"set": shape.LINE, "name": shape.LINE}
    evidence = {"name": shape.LINE}
    return {
        "list": Request({}, operator.list),
        "names": Request(one_set, operator.names),
        "get": Request(one_file, operator.get),
        "measure": Request(one_file, operator.measure),
        "add_key": Request(one_file, operator.add_key, has_data=True),
        "put_evidence": Request(evidence, operator.put_evidence, has_data=True),
        "list_evidence": Request({}, operator.list_evidence),
        "get_evidence": Request(evidence, operator.get_evidence),
    }
