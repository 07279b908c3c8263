"""What is not permitted is refused on the control host, and again on the server by the module itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest
from support.office import EXECUTOR, Office
from support.scenario import FOLDER, state

OFFICE = Office(FOLDER)
CASES: dict[str, str] = json.loads((FOLDER / "cases.json").read_text())
SERVERS = {"one": "cadangan-one", "two": "cadangan-two", "stranger": "cadangan-stranger"}


@pytest.fixture(autouse=True)
def nothing_changes() -> Iterator[None]:
    before = {name: state(container) for name, container in SERVERS.items()}
    heads = OFFICE.entries("outcome")
    yield
    assert {name: state(container) for name, container in SERVERS.items()} == before
    assert OFFICE.entries("outcome") == heads


def ordered() -> tuple[bytes, bytes]:
    """Permit and order of the permitted case, as the journal keeps them."""
    (entry,) = OFFICE.entries("order")
    signed = {"text": entry["text"], "signature": entry["signature"]}
    order = json.dumps(signed, sort_keys=True, separators=(",", ":")) + "\n"
    return entry["permit"].encode(), order.encode()


def call_module(server: str, permit: bytes, order: bytes, *arguments: str) -> str:
    """Why the module on a server refuses to back up."""
    parameters = {
        "permit": base64.b64encode(permit).decode(),
        "order": base64.b64encode(order).decode(),
        "item": "1",
        "run": "a-run-of-nobody",
    }
    outcome = OFFICE.module(server, "sqlite_backup", parameters, *arguments)["outcome"]
    assert outcome["result"] == "refused", outcome
    reason: str = outcome["message"]
    return reason


def edited(text: bytes, old: bytes, new: bytes) -> bytes:
    assert old in text
    return text.replace(old, new, 1)


def test_without_decisions_refused() -> None:
    case = CASES["requested"]
    assert "disposition" in OFFICE.cadangan("order", case, "--as", EXECUTOR, fails=3)["stderr"]
    OFFICE.playbook("backup", "-e", f"case={case}", status=2)


def test_without_a_case_refused() -> None:
    OFFICE.playbook("backup", status=2)
    OFFICE.playbook("backup", "-e", "case=B-2026-9999", status=2)


def test_a_restore_of_a_backup_case_refused() -> None:
    OFFICE.playbook("restore", "-e", f"case={CASES['permitted']}", status=2)


def test_starting_after_the_check_refused() -> None:
    OFFICE.playbook(
        "backup", "-e", f"case={CASES['permitted']}", "--start-at-task", "SOP 4 | Work | One item after the other"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"antrean.db", b"antrean.dc"), (b'"kind":"single"', b'"kind":"singel"'), (b"SSH SIGNATURE", b"SSH SIGNATURF")],
    ids=["work", "kind", "signature"],
)
def test_a_permit_edited_by_one_byte_refused(old: bytes, new: bytes) -> None:
    permit, order = ordered()
    call_module("one", edited(permit, old, new), order)


def test_an_edited_order_refused() -> None:
    permit, order = ordered()
    call_module("one", permit, edited(order, EXECUTOR.encode(), b"staf-dua!"))


def test_another_server_refused() -> None:
    assert "this host is two" in call_module("two", *ordered())


def test_a_server_that_was_not_onboarded_refused() -> None:
    assert "not onboarded" in call_module("stranger", *ordered())
    refusal = OFFICE.cadangan("order", CASES["stranger"], "--as", EXECUTOR, fails=3)["stderr"]
    assert "never onboarded" in refusal


def test_check_mode_is_refused_alike() -> None:
    assert "this host is two" in call_module("two", *ordered(), "--check")


def test_another_work_item_refused() -> None:
    permit, order = ordered()
    call_module("one", permit, edited(order, b'[\\"1\\"]', b'[\\"2\\"]'))
