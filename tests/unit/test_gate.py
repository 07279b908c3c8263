"""The gate on a target: the right permit on the right host at the right time, once."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, gate, places, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.ledger import Ledger
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from support.signed_office import (
    ASSET,
    HOUR,
    LEDGER,
    MINUTE,
    SignedCase,
    SignedOffice,
    backup_item,
    restore_item,
)


class Target:
    """An onboarded host in two folders."""

    def __init__(self, office: SignedOffice, folder: Path) -> None:
        self.office = office
        self.config = folder / "config"
        self.state = folder / "state"
        self.ledger = office.onboard(self.config, self.state)

    def admit(self, case: SignedCase, item: str = "1", order: str | None = None, **options: Any) -> Any:
        now = options.pop("now", self.office.now)
        return gate.admit(case.permit_b64, order or case.order_b64(), item, now, **options)

    def enter(self, case: SignedCase, item: str = "1", order: str | None = None, **options: Any) -> None:
        with self.admit(case, item, order, **options):
            pass

    def refuse(self, words: str, case: SignedCase, *args: Any, **options: Any) -> Refused:
        """Expect that the case is refused and that nothing on the host changed."""
        before = self.files()
        with pytest.raises(Refused, match=words) as refusal:
            self.enter(case, *args, **options)
        assert self.files() == before
        assert refusal.value.rule
        return refusal.value

    def files(self) -> dict[str, bytes]:
        """What lies in the folders, but for the empty files that locks are held on."""
        files = [path for folder in (self.config, self.state) for path in folder.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in files if path.parent.name != "locks"}

    def edit_asset(self, **changes: str) -> None:
        path = self.config / "asset.json"
        path.write_bytes(canonical.dumps({**canonical.loads(path.read_bytes()), **changes}))

    def stored_serial(self) -> int:
        return len(canonical.loads((self.config / "trust.json").read_bytes())["chain"])


@pytest.fixture
def target(signed_office: SignedOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    target = Target(signed_office, tmp_path)
    monkeypatch.setattr(places, "config_dir", lambda: str(target.config))
    monkeypatch.setattr(places, "state_dir", lambda: str(target.state))
    return target


def test_a_permitted_item_is_let_through_once(target: Target) -> None:
    case = target.office.case([backup_item(1), backup_item(2)])
    order = case.order_b64()
    with target.admit(case, "1", order) as admission:
        assert admission.item == case.items[0]
        assert admission.asset["asset"] == ASSET
        assert admission.order.person == "putra"
        admission.attempt()
        admission.spend()
        admission.finish({"result": "done", "facts": {"set": "x"}})
    assert [event["kind"] for event in target.ledger.events()] == ["attempt", "spent", "outcome"]
    assert target.ledger.outcome_of(admission.permit.schedule, "1") == {"result": "done", "facts": {"set": "x"}}
    target.refuse("was carried out", case, "1", order)
    target.enter(case, "2", order)


def test_what_is_done_stays_done_under_a_new_schedule(target: Target) -> None:
    with target.admit(target.office.case()) as admission:
        admission.spend()
        admission.finish({"result": "done"})
    target.refuse("was carried out", target.office.case(opd={"note": "again"}))


def test_what_was_spent_needs_a_new_schedule(target: Target) -> None:
    with target.admit(target.office.case()) as admission:
        admission.attempt()
        admission.spend()
        admission.finish({"result": "failed"})
    target.refuse("point of no return", target.office.case())
    # Signing something else again makes another permit of the same permission.
    target.refuse("point of no return", target.office.case(withdrawals=[target.office.withdrawals(1, [])]))
    target.enter(target.office.case(opd={"note": "again"}))


def test_an_item_is_tried_three_times(target: Target) -> None:
    case = target.office.case()
    for _attempt in range(3):
        with target.admit(case) as admission:
            admission.attempt()
    target.refuse("tried 3 times", case)
    target.enter(target.office.case(opd={"note": "again"}))


def test_two_executions_at_once_are_one(target: Target) -> None:
    case = target.office.case()
    order = case.order_b64()
    with target.admit(case, "1", order):
        target.refuse("right now", case, "1", order)
    target.enter(case, "1", order)


def test_an_item_is_free_again_after_an_error(target: Target) -> None:
    case = target.office.case()
    with pytest.raises(ZeroDivisionError), target.admit(case):
        raise ZeroDivisionError
    target.enter(case)


def test_check_mode_changes_nothing_and_refuses_the_same(target: Target) -> None:
    target.office.renew_trust()
    case = target.office.case(withdrawals=[target.office.withdrawals(3, [])])
    before = target.files()
    target.enter(case, check=True)
    assert target.files() == before
    assert not (target.state / "locks").exists()
    with target.admit(case) as admission:
        admission.spend()
    target.refuse("point of no return", case, check=True)


@pytest.mark.parametrize("name", ["asset.json", "trust.json"])
def test_a_host_without_identity_or_trust_was_not_onboarded(target: Target, name: str) -> None:
    (target.config / name).unlink()
    assert "onboard" in target.refuse(f"was not onboarded: .*{name}", target.office.case()).advice


def test_a_host_without_a_ledger_is_refused(target: Target) -> None:
    (target.state / "ledger").unlink()
    target.refuse("has no ledger", target.office.case())


@pytest.mark.parametrize("name", ["asset.json", "trust.json"])
@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"type":"asset"}\n', b"\xff"])
def test_damaged_identity_or_trust_is_refused(target: Target, name: str, content: bytes) -> None:
    (target.config / name).write_bytes(content)
    target.refuse(name, target.office.case())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"asset": "db-02"}, "work item 1 is for db-01; this host is db-02"),
        ({"office": "other"}, "another office"),
        ({"journal": "other"}, "another office .* or journal"),
        ({"trust": "0" * 64}, "pinned"),
        ({"ledger": "other"}, "the journal knows"),
    ],
)
def test_a_permit_for_another_host_is_refused(target: Target, changes: dict[str, str], words: str) -> None:
    target.edit_asset(**changes)
    target.refuse("(?i)" + words, target.office.case())


def test_a_permit_of_another_office_is_refused(target: Target) -> None:
    stranger = SignedOffice(target.office.keyring, target.office.at(1))
    target.refuse("pinned", stranger.case(), now=stranger.now)


def test_a_rolled_back_host_is_refused(target: Target) -> None:
    case = target.office.case()
    ledgers = [{"asset": ASSET, "ledger": LEDGER, "last": 1}]
    order = case.order_b64(ledgers=ledgers)
    assert "onboard this asset again" in target.refuse("ends with 0", case, "1", order).advice
    target.ledger.append("withdrawals", number=1)
    carried = target.office.case(withdrawals=[target.office.withdrawals(1, [])])
    target.enter(carried, "1", carried.order_b64(ledgers=ledgers))


def test_a_newer_trust_is_kept_and_an_older_one_refused(target: Target) -> None:
    old = target.office.case()
    order = old.order_b64()
    target.office.renew_trust()
    target.enter(target.office.case())
    assert target.stored_serial() == 2
    assert (target.config / "trust.json").stat().st_mode & 0o777 == 0o644
    target.refuse("trust version 1; this asset knows version 2", old, "1", order)


def test_a_trust_that_parted_is_refused(target: Target) -> None:
    target.office.renew_trust()
    target.enter(target.office.case())
    target.office.chain.pop()
    target.office.renew_trust(at=target.office.at(-MINUTE))
    target.refuse("have parted", target.office.case())


def test_a_refused_permit_renews_no_trust(target: Target) -> None:
    case = target.office.case()
    with target.admit(case) as admission:
        admission.spend()
    target.office.renew_trust()
    target.refuse("point of no return", target.office.case())
    assert target.stored_serial() == 1


def test_the_highest_number_of_withdrawals_is_remembered(target: Target) -> None:
    office = target.office
    target.enter(office.case(withdrawals=[office.withdrawals(5, ["B-2026-0009"])]))
    assert target.ledger.highest_withdrawal() == 5
    target.refuse("list 4 of withdrawals", office.case(withdrawals=[office.withdrawals(4, [])]))
    target.refuse("list 0 of withdrawals", office.case())
    target.enter(office.case(withdrawals=[office.withdrawals(5, [])]))
    assert target.ledger.last == 1
    target.refuse("was withdrawn", office.case(withdrawals=[office.withdrawals(6, ["B-2026-0001"])]))


@pytest.mark.parametrize(("now", "words"), [(-31 * MINUTE, "window"), (5 * HOUR, "order ended")])
def test_outside_its_time_work_is_refused(target: Target, now: int, words: str) -> None:
    target.refuse(words, target.office.case(), now=target.office.at(now))


def test_clocks_may_differ_by_120_seconds(target: Target) -> None:
    case = target.office.case()
    for seconds in (-120, 0, 120):
        target.enter(case, controller_time=target.office.at(seconds))
    for seconds in (-121, 121):
        target.refuse("121 seconds apart", case, controller_time=target.office.at(seconds))
    target.refuse("controller_time is not a time", case, controller_time="now")


def test_an_item_that_was_not_ordered_is_refused(target: Target) -> None:
    case = target.office.case([backup_item(1), backup_item(2)])
    target.refuse("does not name work item '2'", case, "2", case.order_b64(items=["1"]))
    target.refuse("does not name work item '3'", case, "3")


def test_an_order_for_another_permit_is_refused(target: Target) -> None:
    restore = target.office.case([restore_item()])
    target.refuse("another permit", restore, "1", target.office.case().order_b64())


@pytest.mark.parametrize("text", ["", "e30", "{}", "e30=\n", "é", base64.b64encode(b"{}").decode()])
def test_what_is_no_permit_or_order_is_refused(target: Target, text: str) -> None:
    case = target.office.case()
    if text:
        target.refuse("order", case, "1", text)
    with pytest.raises(Refused, match="permit"):
        gate.admit(text, case.order_b64(), "1", target.office.now).__enter__()


def test_a_permit_edited_by_one_byte_is_refused(target: Target) -> None:
    case = target.office.case()
    order = case.order_b64()
    case.permit = case.permit.replace(b"siswa.db", b"siswb.db")
    target.refuse("other work", case, "1", order)


def test_letting_through_costs_four_signature_checks(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    case = target.office.case()
    order = case.order_b64()
    calls: list[str] = []
    real = sshsig.run_ssh_keygen
    monkeypatch.setattr(sshsig, "run_ssh_keygen", lambda *call: calls.append(call[2]) or real(*call))
    target.enter(case, "1", order)
    assert len(calls) == 4


def test_the_folders_have_no_parameter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert (places.config_dir(), places.state_dir()) == ("/etc/cadangan", "/var/lib/cadangan")
    monkeypatch.setattr("os.geteuid", lambda: 65534)
    monkeypatch.setattr("os.path.isdir", lambda path: path == "/etc/cadangan")
    assert (places.config_dir(), places.state_dir()) == ("/etc/cadangan", "/var/lib/cadangan")
    monkeypatch.setattr("os.path.isdir", lambda path: False)
    assert str(tmp_path) not in places.config_dir() + places.state_dir()
    assert places.config_dir().endswith("/.config/cadangan")
    assert places.state_dir().endswith("/.local/state/cadangan")


def test_a_kept_outcome_is_readable_by_a_later_process(target: Target) -> None:
    with target.admit(target.office.case()) as admission:
        admission.finish({"result": "failed", "message": "no space"})
    later = Ledger(target.ledger.path, LEDGER)
    assert later.outcome_of(admission.permit.schedule, "1") == {"result": "failed", "message": "no space"}
