"""The journal in the repository, and an office made anew from there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cadangan.evidence.assets import all_asset_keys
from cadangan.evidence.chain import Row
from cadangan.evidence.journal import Journal
from cadangan.execution.repositories import reached_repository
from cadangan.execution.sending import send_after_run, send_journal
from cadangan.register.office import Office
from support.command_line import types
from support.holder_desk import HolderDesk
from support.repository_server import RepositoryServer, Wire
from support.signed_office import Keyring

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> HolderDesk:
    return HolderDesk.make(tmp_path_factory.mktemp("elsewhere"), keyring)


@pytest.fixture
def desk(tmp_path: Path, made: HolderDesk) -> HolderDesk:
    return made.copied(tmp_path / "all")


def recover(desk: HolderDesk, *arguments: str, status: int = 0, holder: str = "kasi") -> str:
    command = ["office", "recover", str(new(desk)), "--from", desk.repository.name]
    return types("--json", *command, "--identity", desk.identity(holder), *arguments, status=status)


def recovered(desk: HolderDesk, *arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(recover(desk, *arguments))
    return answer


def new(desk: HolderDesk) -> Path:
    return desk.root.parent / "new"


def beside(desk: HolderDesk) -> list[str]:
    return sorted(path.name for path in desk.root.parent.iterdir())


def send(desk: HolderDesk, at: str | None = None) -> str:
    """Send the journal; as if it were done at that time, if one is given."""
    name = str(desk.asks("journal", "send")["name"])
    if at is None:
        return name
    folder = Path(desk.repository.name, ".evidence")
    later = f"{name.split('/')[0]}/{at}-{name.rsplit('-', 1)[1]}"
    (folder / name).rename(folder / later)
    return later


def test_a_copy_is_sent_only_when_there_is_something_new(desk: HolderDesk) -> None:
    assert "no copy of the journal" in desk.types("journal", "sent", status=4)
    first = desk.asks("journal", "send")["name"]
    assert desk.asks("journal", "send")["name"] == first
    assert desk.repository.evidence() == [first]
    assert desk.asks("journal", "sent")["newer"] == 0
    desk.back_up(1, "kabid", "kasi")
    assert desk.asks("journal", "sent")["newer"] == 3
    desk.types("journal", "send")
    assert len(desk.repository.evidence()) == 2


def test_nobody_reads_in_the_repository_what_was_sent(desk: HolderDesk) -> None:
    desk.types("journal", "send")
    (copy,) = Path(desk.repository.name).rglob("*.age")
    data = copy.read_bytes()
    assert data.startswith(b"age-encryption.org/")
    assert b"kabid" not in data


@pytest.mark.parametrize("mark", ["-----BEGIN OPENSSH PRIVATE KEY-----", "AGE-SECRET-KEY-1QQQ"])
def test_a_private_key_does_not_leave_the_machine(desk: HolderDesk, mark: str) -> None:
    (desk.root / "inventory" / "group_vars").mkdir()
    (desk.root / "inventory" / "group_vars" / "all.yml").write_text(f"secret: |\n  {mark}\n")
    assert "all.yml holds a private key" in desk.types("journal", "send", status=1)
    assert desk.repository.evidence() == []


def test_what_can_not_be_sent_is_told_and_stops_nothing(desk: HolderDesk) -> None:
    shutil.rmtree(desk.repository.name)
    said = send_after_run(Office.load(desk.root), desk.journal)
    assert said is not None and "cadangan journal send" in said
    (entry,) = desk.entries("not_sent")
    assert desk.repository.name in entry["message"]
    Path(desk.repository.name).mkdir()
    assert send_after_run(Office.load(desk.root), desk.journal) is None
    assert len(desk.repository.evidence()) == 1


def test_an_office_is_made_anew_from_nothing_but_repository_and_key(desk: HolderDesk) -> None:
    known = desk.back_up(1, "kabid", "kasi")
    desk.onboard()
    rotated = desk.back_up(2, "kabid", "kasi")
    sent = send(desk)
    newer = desk.back_up(3, "kabid", "kasi", known=False)
    head = desk.journal.head()
    shutil.move(desk.root, desk.root.parent / "lost")

    answer = recovered(desk, "--head", str(head))
    assert (answer["copy"], answer["head"]["hash"]) == (sent, head.hash)
    assert answer["sets"] == {"taken": 3, "newer": [newer], "missing": [], "faults": {}}
    again = desk.anew(new(desk))
    assert [kept.id for kept in again.catalogue.sets()] == [known, rotated, newer]
    assert again.asks("journal", "verify", "--head", str(head))["entries"] == head.seq + 1
    assert again.journal.row(head.seq + 1).content["type"] == "recovered"
    for file in ("office.yml", "officials.yml", "holidays.yml", "inventory/servers.yml"):
        assert (new(desk) / file).read_bytes() == (desk.root.parent / "lost" / file).read_bytes()
    again.types("trust", "check", "--pin", answer["trust"])


def test_a_journal_in_a_database_that_is_gone_comes_into_the_folder(desk: HolderDesk) -> None:
    (desk.root / "elsewhere").mkdir()
    shutil.move(desk.root / "journal.db", desk.root / "elsewhere" / "journal.db")
    place = f"sqlite:///{desk.root / 'elsewhere' / 'journal.db'}"
    settings = desk.root / "office.yml"
    settings.write_text(f"journal: {place}\n{settings.read_text()}")
    head = Journal.open(place, "diskominfo-kudus").head()
    desk.types("journal", "send")
    assert recovered(desk)["head"]["seq"] == head.seq
    assert (new(desk) / "journal.db").exists()


def test_a_stranger_and_a_wrong_pin_or_head_get_nothing(desk: HolderDesk) -> None:
    send(desk)
    before = beside(desk)
    assert "no identity matched" in recover(desk, status=1, holder="escrow")
    assert "begins with" in recover(desk, "--pin", "ab" * 32, status=1)
    assert "no entry has the hash" in recover(desk, "--head", "ab" * 32, status=1)
    assert beside(desk) == before


def test_a_newest_copy_that_is_damaged_is_not_silently_passed_over(desk: HolderDesk) -> None:
    older = send(desk, "20200101T000000Z")
    desk.back_up(1, "kabid", "kasi")
    newest = send(desk)
    path = Path(desk.repository.name, ".evidence", newest)
    path.write_bytes(path.read_bytes()[:-100])
    before = beside(desk)
    said = recover(desk, status=1)
    assert f"the copy {newest} can not be used" in said
    assert f"The one before it is {older}" in said
    assert beside(desk) == before
    answer = recovered(desk, "--copy", older)
    assert answer["unknown_copies"] == [newest]
    assert len(answer["sets"]["newer"]) == 1


def test_an_old_copy_under_a_new_name_does_not_pass_for_the_newest(desk: HolderDesk) -> None:
    older = send(desk, "20200101T000000Z")
    desk.back_up(1, "kabid", "kasi")
    newest = send(desk)
    folder = Path(desk.repository.name, ".evidence")
    renamed = older.replace("20200101", "20990101")
    shutil.copyfile(folder / older, folder / renamed)
    before = beside(desk)
    said = recover(desk, status=1)
    assert f"the copy {renamed} does not hold the end of {newest}" in said
    assert beside(desk) == before
    shutil.move(folder / renamed, folder / renamed.replace(older[-24:-12], "ab" * 6))
    assert "not as its name says" in recover(desk, status=1)


def test_a_journal_that_was_changed_on_its_way_is_refused(desk: HolderDesk) -> None:
    rows = list(desk.journal.entries())
    rows[2] = Row(3, rows[2].entry.replace("a", "b", 1), rows[2].prev, rows[2].hash)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "entries", lambda self, from_seq=1: iter(rows))
        desk.types("journal", "send")
    said = recover(desk, status=1)
    assert "entry 3: edited" in said


def test_sets_that_are_not_genuine_are_left_out_and_told(desk: HolderDesk) -> None:
    good, lost, forged = (desk.back_up(number, "kabid", "kasi") for number in (1, 2, 3))
    send(desk)
    shutil.rmtree(desk.repository.find(lost).place)
    manifest = Path(desk.repository.find(forged).place, "manifest.json")
    manifest.write_bytes(manifest.read_bytes().replace(b'"drilled":false', b'"drilled":true'))
    said = recover(desk, status=1)
    assert f"{forged}: Part manifest.json.sig" in said
    answer = json.loads(said[: said.rindex("}") + 1])
    assert (answer["sets"]["taken"], answer["sets"]["missing"]) == (1, [lost])
    assert [kept.id for kept in desk.anew(new(desk)).catalogue.sets()] == [good]


def test_a_rewrapped_key_is_found_again(desk: HolderDesk) -> None:
    made = desk.back_up(1, "kabid", "kasi")
    desk.types("trust", "add-recipient", "escrow", desk.public("escrow"))
    desk.renew_trust()
    desk.types("keys", "rewrap", "--all", "--identity", desk.identity("kasi"))
    send(desk)
    assert recovered(desk)["sets"]["taken"] == 1
    again = desk.anew(new(desk))
    assert len(again.catalogue.get(made).keys) == 2


def test_which_office_must_be_clear(desk: HolderDesk) -> None:
    assert "keeps no copy of a journal" in recover(desk, status=4)
    name = send(desk)
    other = Path(desk.repository.name, ".evidence", "demak")
    other.mkdir()
    shutil.copyfile(Path(desk.repository.name, ".evidence", name), other / name.split("/")[1])
    assert "keeps the journals of demak, diskominfo-kudus" in recover(desk, status=2)
    assert "it is of the office diskominfo-kudus" in recover(desk, "--id", "demak", status=1)
    assert recovered(desk, "--id", "diskominfo-kudus")["copy"] == name
    assert "not an empty folder" in recover(desk, "--id", "diskominfo-kudus", status=2)


def test_a_repository_host_takes_and_gives_it_all_to_the_operator(
    desk: HolderDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = desk.back_up(1, "kabid", "kasi")
    desk.types("trust", "add-recipient", "escrow", desk.public("escrow"))
    desk.renew_trust()
    (tmp_path / "host").mkdir()
    server = RepositoryServer(tmp_path / "host", all_asset_keys(desk.journal))
    shutil.copytree(desk.store, server.root, dirs_exist_ok=True)
    contact = Wire(server, monkeypatch).contact
    desk.journal.append({"type": "repository", **contact})
    place = f"ssh://{contact['asset']}"

    desk.types("keys", "rewrap", old, "--repository", place, "--identity", desk.identity("kasi"))
    assert len([name for name in server.repository.find(old).names() if name.startswith("key-")]) == 1
    office = Office.load(desk.root)
    with reached_repository(office, desk.journal, place) as repository:
        sent = send_journal(office, desk.journal, repository)
    assert server.repository.evidence() == [sent.name]

    command = ["office", "recover", str(new(desk)), "--from", "ssh://127.0.0.1:2222"]
    command += ["--identity", desk.identity("escrow")]
    assert "--host-key" in types(*command, status=2)
    types(*command, "--key", "operator", "--host-key", desk.asset_key.with_suffix(".pub").read_text())
    assert [len(kept.keys) for kept in desk.anew(new(desk)).catalogue.sets()] == [2]
