"""Disposal by a signed case: what the rule lets go goes, what is held or the last proven one stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from support.office import AGENCY, APPLICANT, EXECUTOR
from support.private_machine import PrivateOffice, fill, item

RULE = "retention: {last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0, minimum: 1}\n"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "warga.db"
    fill(path)
    return path


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, database: Path) -> PrivateOffice:
    office = PrivateOffice.on_this_machine(tmp_path_factory.mktemp("kantor"), [database])
    settings = office.root / "office.yml"
    settings.write_text(settings.read_text("utf-8") + RULE, "utf-8")
    return office


def back_up(office: PrivateOffice, database: Path, **more: object) -> str:
    case = office.permitted("backup", [{**item(database), **more}])
    done = office.cadangan("execute", case, "--as", EXECUTOR)
    return str(done["items"][0]["facts"]["set"])


def permitted(office: PrivateOffice, letter: Path) -> str:
    """A disposal case with everything signed that its permit needs."""
    case = str(office.cadangan("request", str(letter))["case"])
    office.decided(case)
    return case


def letter(office: PrivateOffice) -> Path:
    path = office.folder / f"{len(list(office.folder.glob('*.yml')))}.yml"
    wanted = ("--agency", AGENCY, "--number", "045/1", "--applicant", APPLICANT)
    office.cadangan("retention", "letter", str(path), *wanted)
    return path


def listed(office: PrivateOffice) -> list[str]:
    return sorted(row["set"] for row in office.cadangan("set", "list")["sets"])


def stored(office: PrivateOffice) -> list[str]:
    folder = office.folder / "repository"
    return sorted(str(path.parent.relative_to(folder)) for path in folder.rglob("manifest.json"))


def going(office: PrivateOffice) -> dict[str, list[str]]:
    rows = office.cadangan("retention", "show")["sets"]
    return {row["set"]: row["reasons"] for row in rows if not row["kept"]}


def test_from_the_rule_to_the_signed_record(office: PrivateOffice, database: Path) -> None:
    unproven = back_up(office, database, drill=False)
    old, newest = back_up(office, database), back_up(office, database)
    everything = sorted([unproven, old, newest])
    assert going(office) == {unproven: ["unproven, and a newer one is proven"], old: ["no rule keeps it"]}
    case = permitted(office, letter(office))
    assert case == "D-2026-0001"

    held = office.cadangan("hold", "add", old, "--reason", "pemeriksaan", "--by", "kadin")["hold"]
    said = office.cadangan("execute", case, "--as", EXECUTOR, fails=3)["stderr"]
    assert f"the set {old} is kept: held: pemeriksaan (hold {held} by kadin)" in said
    office.cadangan("hold", "release", str(held), "--reason", "selesai", "--by", "kadin")

    assert office.cadangan("execute", case, "--as", EXECUTOR, "--check")["result"] == "nothing stands in the way"
    assert stored(office) == everything
    done = office.cadangan("execute", case, "--as", EXECUTOR)
    assert [each["result"] for each in done["items"]] == ["done"] * 2
    assert stored(office) == listed(office) == [newest]
    assert list((office.folder / "repository").rglob("*.partial")) == []
    assert going(office) == {}
    assert office.cadangan("keys", "list")["sets"] == 1
    office.finish(case)
    told = office.cadangan("case", "export", case, "--out", str(office.folder / "audit.tar"))
    assert (told["missing"], told["faults"]) == ([], [])

    record = office.root / "cases" / case / f"Berita-Acara-Pemusnahan-{case}-terkonfirmasi.pdf"
    text = "".join(page.extract_text() for page in PdfReader(record).pages)
    assert "BERITA ACARA PEMUSNAHAN" in text.upper() and "0001/BA-D/2026" in text
    assert "1 set terakhir, 0 harian" in text and "set yang lebih baru sudah terbukti" in " ".join(text.split())
    for set_id in (unproven, old):
        assert set_id in "".join(text.split())


def test_what_may_not_go_stays_whatever_was_signed(office: PrivateOffice, database: Path) -> None:
    [first] = listed(office)
    second = back_up(office, database)
    path = letter(office)
    right = path.read_text()
    path.write_text(right.replace(first, second))
    said = office.cadangan("request", str(path), fails=3)["stderr"]
    assert f"the set {second} is kept" in said and "one of the last 1 proven" in said
    path.write_text(right)
    case = permitted(office, path)

    # The newer one, for which the older may go, is damaged after all was signed.
    part = office.folder / "repository" / second / "data.zst.age"
    whole = part.read_bytes()
    part.write_bytes(whole[:-1])
    office.cadangan("execute", case, "--as", EXECUTOR, fails=1)
    assert "is the last whole drilled set of its database" in str(office.cadangan("case", "show", case))
    part.write_bytes(whole)
    # It is not what was decided on any more.
    manifest = office.folder / "repository" / first / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"drilled":true', '"drilled":false'))
    office.cadangan("execute", case, "--as", EXECUTOR, fails=1)
    assert "is not the one that was decided on" in str(office.cadangan("case", "show", case))
    assert stored(office) == sorted([first, second])


def test_holds_by_whole_names_and_days(office: PrivateOffice) -> None:
    assert len(going(office)) == 1
    said = office.cadangan("hold", "add", "disdukcapi", "--reason", "x", "--by", "kadin", fails=2)["stderr"]
    assert "covers no backup set" in said
    office.cadangan("hold", "add", AGENCY, "--reason", "lama", "--by", "kadin", "--until", "2020-12-31")
    assert len(going(office)) == 1
    office.cadangan("hold", "add", AGENCY, "--reason", "sengketa", "--by", "kadin", "--until", "2999-12-31")
    assert [hold["reason"] for hold in office.cadangan("hold", "list")["holds"]] == ["lama", "sengketa"]
    assert going(office) == {}
    office.cadangan("hold", "add", AGENCY, "--reason", "x", "--by", "kadin", "--until", "kemarin", fails=2)
    office.cadangan("hold", "release", "1", "--reason", "x", "--by", "kadin", fails=4)
