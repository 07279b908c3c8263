"""An auditor with one file: what the real commands export holds, by our program and by the page without it."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cadangan.errors import BadInput
from cadangan.evidence.case_audit import audit
from support.export_changes import changes, inside, packed
from support.office import BIN, EXECUTOR
from support.private_machine import PrivateOffice, fill, item

PAGE = Path(__file__).parents[2] / "docs" / "AUDIT.md"
COUNT = int(os.environ.get("CADANGAN_CHANGES", "100"))
SEED = int(os.environ.get("CADANGAN_SEED", "1"))


@dataclass
class Auditor:
    """A folder, the files of two finished cases in it, and what was read from a printed report."""

    folder: Path
    backup: Path
    restore: Path
    pin: str
    head: str

    def runs(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`cadangan`, where there is no office."""
        environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(self.folder)}
        command = [str(BIN / "cadangan"), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    def by_the_page(self, export: Path, checked: str) -> subprocess.CompletedProcess[str]:
        """The commands of the page that need no Cadangan, as they stand there."""
        _, _, without = PAGE.read_text("utf-8").partition("## For the auditor: without Cadangan")
        commands = "".join(re.findall(r"^```sh\n(.*?)^```$", without, re.M | re.S))
        named = {"EXPORT": str(export), "PIN": self.pin, "CHECKED": str(self.folder / checked)}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8", **named},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> PrivateOffice:
    folder = tmp_path_factory.mktemp("office")
    fill(folder / "warga.db")
    return PrivateOffice.on_this_machine(folder, [folder / "warga.db"])


@pytest.fixture(scope="module")
def auditor(office: PrivateOffice, tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    database = office.folder / "warga.db"
    folder = tmp_path_factory.mktemp("auditor")
    backup = office.permitted("backup", [item(database)])
    office.cadangan("execute", backup, "--as", EXECUTOR)
    office.finish(backup)
    restore = office.permitted("restore", [item(database, mode="replace")])
    office.cadangan("execute", restore, "--as", EXECUTOR, "--identity", str(office.identity("kasi")))
    office.finish(restore)
    files = [folder / f"{case}.tar" for case in (backup, restore)]
    for case, file in zip((backup, restore), files, strict=True):
        told = office.cadangan("case", "export", case, "--out", str(file))
        assert (told["missing"], told["faults"]) == ([], [])
    office.cadangan("journal", "export", str(folder / "journal.jsonl"))
    pin = str(office.cadangan("trust", "check")["serial1"])
    return Auditor(folder, *files, pin, str(office.cadangan("journal", "head")["hash"]))


def test_good_cases_end_with_0_where_there_is_no_office(auditor: Auditor) -> None:
    for file in (auditor.backup, auditor.restore):
        done = auditor.runs("case", "audit", str(file), "--pin", auditor.pin, "--head", auditor.head)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert "Everything that can be checked holds." in done.stdout
        assert "Result: acknowledged: Contoh Pejabat OPD Satu (opd-disdukcapil)" in done.stdout
        whole = auditor.runs("case", "audit", str(file), "--journal", "journal.jsonl")
        assert whole.returncode == 0, whole.stdout


def test_good_cases_hold_by_the_page(auditor: Auditor) -> None:
    for number, file in enumerate((auditor.backup, auditor.restore)):
        done = auditor.by_the_page(file, f"good-{number}")
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert "All of this holds." in done.stdout
        assert done.stdout.count('Good "decision@cadangan" signature for') == 7
        assert done.stdout.count('Good "trust@cadangan" signature for') == 2
        assert 'Good "manifest@cadangan" signature for server' in done.stdout
        assert f":{auditor.head}" in done.stdout
        assert '"role":"bidang"' in done.stdout.rpartition("All of this holds.")[2]


def test_the_page_finds_what_was_changed(auditor: Auditor) -> None:
    files = inside(auditor.backup.read_bytes())
    signed = sorted(name for name in files if name.startswith("signed/") and name.endswith(".sig"))
    entry = sorted(name for name in files if name.startswith("journal/0"))[4]
    (manifest,) = (name for name in files if name.startswith("manifests/") and name.endswith(".json"))
    document = next(name for name in files if name.startswith("documents/"))
    changed = {
        "signature": {signed[0]: files[signed[1]]},
        "entry": {entry: files[entry].replace(b'"at":"20', b'"at":"21')},
        "text": {signed[0][:-3] + "json": files[signed[1][:-3] + "json"]},
        "manifest": {manifest: files[manifest].replace(b'"drilled":true', b'"drilled":false')},
        "document": {document: files[document] + b"\n"},
        "letter": {"letter/letter.yml": files["letter/letter.yml"] + b"\n"},
        "work": {"work.json": files["work.json"].replace(b"warga", b"wargi")},
    }
    for name, change in changed.items():
        assert change.items() - files.items(), name
        path = auditor.folder / f"{name}.tar"
        path.write_bytes(packed(files | change))
        done = auditor.by_the_page(path, f"changed-{name}")
        assert done.returncode != 0, name
        assert "DOES NOT HOLD" in done.stdout, f"{name}: {done.stdout}\n{done.stderr}"


def test_every_random_change_ends_with_something_that_broke(auditor: Auditor) -> None:
    print(f"seed {SEED}, {COUNT} changes")
    for one, other in ((auditor.backup, auditor.restore), (auditor.restore, auditor.backup)):
        for said, data in changes(one.read_bytes(), other.read_bytes(), COUNT // 2, SEED):
            try:
                assert audit(data).faults, said
            except BadInput as error:
                assert error.message


def test_changes_end_the_command_with_1_or_2_and_say_what_broke(auditor: Auditor) -> None:
    for number, (said, data) in enumerate(changes(auditor.backup.read_bytes(), auditor.restore.read_bytes(), 6, SEED)):
        file = auditor.folder / f"random-{number}.tar"
        file.write_bytes(data)
        done = auditor.runs("case", "audit", str(file))
        assert done.returncode in (1, 2), said
        assert "do not hold." in done.stdout or "this is not an exported case" in done.stderr, said
        assert "Traceback" not in done.stderr and "fault of the program" not in done.stderr, said


def test_it_holds_no_secret_and_no_data(auditor: Auditor, office: PrivateOffice) -> None:
    private = [path.read_text() for path in office.keys.iterdir() if path.suffix != ".pub"]
    secrets = {
        line for text in private for line in text.splitlines() if len(line) > 30 and not line.startswith(("-", "#"))
    }
    assert len(secrets) > 10
    for file in (auditor.backup, auditor.restore):
        data = file.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in data]
        assert b"PRIVATE KEY" not in data and b"AGE-SECRET-KEY" not in data and b"AGE ENCRYPTED FILE" not in data
        assert b"isi 1" not in data
