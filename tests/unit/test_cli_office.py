"""`cadangan init`, `doctor` and `trust`, as they are typed: output, exit status, and that a refusal changes nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cadangan.evidence.trust_store import newest_trust, trust_pin
from cadangan.execution.runner import PlaybookRun
from support.desk import Desk
from support.signed_office import RECIPIENTS, Keyring

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Path:
    """An example office with keys and recipients, made once by the commands themselves."""
    desk = Desk(tmp_path_factory.mktemp("furnished") / "kudus", keyring)
    desk.furnish({f"pemegang {number}": key for number, key in enumerate(RECIPIENTS)})
    return desk.root


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory, furnished: Path, keyring: Keyring) -> Path:
    """The same office with its first trust in force, made once."""
    root = tmp_path_factory.mktemp("trusted") / "kudus"
    shutil.copytree(furnished, root)
    desk = Desk(root, keyring)
    desk.renew_trust()
    return root


@pytest.fixture
def desk(tmp_path: Path, furnished: Path, keyring: Keyring) -> Desk:
    shutil.copytree(furnished, tmp_path / "kudus")
    return Desk(tmp_path / "kudus", keyring)


@pytest.fixture
def signed(tmp_path: Path, trusted: Path, keyring: Keyring) -> Desk:
    """The desk of an office whose first trust is in force."""
    shutil.copytree(trusted, tmp_path / "signed")
    return Desk(tmp_path / "signed", keyring)


def test_init_refuses_a_folder_that_is_not_empty(desk: Desk) -> None:
    before = sorted(desk.root.rglob("*"))
    assert "not an empty folder" in desk.types("init", str(desk.root), status=2)
    assert sorted(desk.root.rglob("*")) == before


def test_keys_are_added_and_comments_stay(desk: Desk, keyring: Keyring) -> None:
    text = (desk.root / "officials.yml").read_text()
    assert text.startswith("# The officials.")
    assert f"keys:\n      - {keyring.public['tri']}\n" in text
    assert "# as: Plt." in text


def test_add_key_refuses_a_private_key(desk: Desk) -> None:
    before = (desk.root / "officials.yml").read_bytes()
    assert "this is a private key" in desk.types("trust", "add-key", "kadin", str(desk.key("kadin")), status=2)
    assert (desk.root / "officials.yml").read_bytes() == before


def test_add_key_refuses_somebody_elses_key(desk: Desk) -> None:
    before = (desk.root / "officials.yml").read_bytes()
    said = desk.types("trust", "add-key", "staf-dua", str(desk.key("kasi").with_suffix(".pub")), status=2)
    assert "kasi and staf-dua have the same public key" in said
    assert (desk.root / "officials.yml").read_bytes() == before


def test_add_key_refuses_an_unknown_official(desk: Desk) -> None:
    said = desk.types("trust", "add-key", "kasie", str(desk.key("kasi").with_suffix(".pub")), status=2)
    assert "there is no official 'kasie'\nDid you mean 'kasi'?" in said


def test_add_recipient_refuses_a_mistyped_key(desk: Desk) -> None:
    before = (desk.root / "office.yml").read_bytes()
    said = desk.types("trust", "add-recipient", "escrow", RECIPIENTS[0][:-1] + "q", status=2)
    assert "policy.recipients[3].key: must be an age public key" in said
    assert (desk.root / "office.yml").read_bytes() == before


def test_compile_refuses_an_office_without_keys(tmp_path: Path, keyring: Keyring) -> None:
    desk = Desk(tmp_path / "bare", keyring)
    desk.types("init", str(desk.root))
    said = desk.types("trust", "compile", status=2)
    assert "trustee kadin has no public key" in said
    assert "policy.recipients names 0" in said
    assert not (desk.root / "trust").exists()


def test_two_trustees_put_the_first_version_in_force(desk: Desk) -> None:
    said = desk.types("trust", "compile")
    assert "+ kabid: bidang from" in said
    assert "ssh-keygen -Y sign -n trust@cadangan -f KEY trust-1.json" in said
    assert "1 of 2 that are needed" in desk.sign("kadin")
    assert trust_pin(desk.journal) is None
    assert "Trust version 1 is in force, signed by kabid, kadin" in desk.sign("kabid")
    assert newest_trust(desk.journal).newest["serial"] == 1
    assert list((desk.root / "trust").iterdir()) == []


def test_one_trustee_twice_does_not_suffice(desk: Desk) -> None:
    desk.types("trust", "compile")
    assert "1 of 2" in desk.sign("kadin", "kadin")
    assert trust_pin(desk.journal) is None


def test_a_signature_made_apart_is_brought_back(desk: Desk, tmp_path: Path) -> None:
    pending = desk.asks("trust", "compile")
    desk.sign("kadin")
    text = shutil.copy(pending["text"], tmp_path)
    command = [part.replace("KEY", str(desk.key("kasi"))) for part in pending["sign_with"].split()]
    subprocess.run(["/usr/bin/ssh-keygen", *command[1:]], cwd=tmp_path, check=True, capture_output=True)
    said = desk.types("trust", "bring", f"{text}.sig", "--as", "kasi")
    assert f"signed by kadin, kasi. Digest: {pending['digest']}" in said


REFUSED = {
    "not a trustee": (["--as", "staf-satu", "--key", "staf-satu"], 3, "staf-satu is not a trustee of trust version 1"),
    "unknown person": (["--as", "kadis", "--key", "kadin"], 3, "kadis is not a trustee"),
    "another's key": (["--as", "kabid", "--key", "kadin"], 2, "not a signature of kabid"),
    "no key": (["--as", "kabid"], 4, "no SSH agent is running here"),
}


@pytest.mark.parametrize(("arguments", "status", "says"), REFUSED.values(), ids=REFUSED)
def test_signing_is_refused(desk: Desk, arguments: list[str], status: int, says: str) -> None:
    desk.types("trust", "compile")
    if "--key" in arguments:
        arguments = [*arguments[:-1], str(desk.key(arguments[-1]))]
    assert says in desk.types("trust", "sign", *arguments, "--yes", status=status)
    assert not list((desk.root / "trust").glob("*.sig"))


def test_signing_without_a_pending_version_is_refused(desk: Desk) -> None:
    said = desk.types("trust", "sign", "--as", "kadin", "--key", str(desk.key("kadin")), "--yes", status=4)
    assert "no trust document waits for signatures" in said


def test_a_pending_text_edited_by_hand_is_refused(desk: Desk) -> None:
    desk.types("trust", "compile")
    desk.changes("trust/trust-1.json", '"qualified":false', '"qualified":true')
    said = desk.types("trust", "sign", "--as", "kadin", "--key", str(desk.key("kadin")), "--yes", status=2)
    assert "changed after this text was compiled" in said


def test_a_pending_text_cut_off_is_refused(desk: Desk) -> None:
    desk.types("trust", "compile")
    path = desk.root / "trust" / "trust-1.json"
    path.write_bytes(path.read_bytes()[:-20])
    desk.types("trust", "sign", "--as", "kadin", "--key", str(desk.key("kadin")), "--yes", status=3)


def test_files_that_changed_meanwhile_are_refused(desk: Desk) -> None:
    desk.types("trust", "compile")
    desk.changes("officials.yml", "qualification: D3 Manajemen Informatika", "rank: x")
    said = desk.types("trust", "sign", "--as", "kadin", "--key", str(desk.key("kadin")), "--yes", status=2)
    assert "Compile it again" in said


def test_compiling_again_voids_signatures(desk: Desk) -> None:
    desk.types("trust", "compile")
    desk.sign("kadin")
    desk.changes("officials.yml", "qualification: D3 Manajemen Informatika", "rank: x")
    assert desk.asks("trust", "compile")["signed_by"] == []


def test_nothing_to_sign_when_nothing_changed(signed: Desk) -> None:
    assert signed.asks("trust", "compile") == {"serial": 1, "changes": []}
    assert list((signed.root / "trust").iterdir()) == []


def test_the_next_version_is_signed_by_trustees_of_the_one_before(signed: Desk) -> None:
    """Who was removed can still sign the removal; who is new cannot sign themselves in."""
    signed.changes("officials.yml", "trustee: true\n    roles:\n      - role: seksi", "roles:\n      - role: seksi")
    signed.changes("officials.yml", "position: Pranata Komputer", "position: Pranata Komputer\n    trustee: true")
    assert signed.asks("trust", "compile")["changes"] == ["- kasi: is a trustee", "+ staf-satu: is a trustee"]
    refused = ["trust", "sign", "--as", "staf-satu", "--key", str(signed.key("staf-satu")), "--yes"]
    assert "staf-satu is not a trustee of trust version 1" in signed.types(*refused, status=3)
    assert "version 2 is in force, signed by kabid, kasi" in signed.sign("kasi", "kabid")
    assert newest_trust(signed.journal).newest["serial"] == 2


def test_a_lost_key_is_replaced_by_the_other_trustees(signed: Desk, keyring: Keyring, tmp_path: Path) -> None:
    signed.changes("officials.yml", keyring.public["tuti"], keyring.public["bayu"])
    signed.types("trust", "compile")
    new_key = ["trust", "sign", "--as", "kabid", "--key", str(keyring.private("bayu")), "--yes"]
    assert "not a signature of kabid" in signed.types(*new_key, status=2)
    signed.sign("kadin", "kasi")
    assert newest_trust(signed.journal).keys("kabid") == [keyring.public["bayu"]]


def test_a_restart_is_a_new_root_and_check_says_so(signed: Desk) -> None:
    old = trust_pin(signed.journal)
    assert "every server must be onboarded again" in signed.types("trust", "compile", "--restart")
    signed.sign("kadin", "kasi")
    answer = signed.asks("trust", "check")
    assert answer["former_serial1"] == [old]
    assert answer["serial1"] == trust_pin(signed.journal) != old
    assert f"a former serial 1 is {old}" in signed.types("trust", "check")
    assert "pinned is" in signed.types("trust", "check", "--pin", str(old), status=1)


def test_show_says_who_may_do_what(signed: Desk) -> None:
    said = signed.types("trust", "show")
    assert "staf-satu: is qualified to execute" in said
    assert "staf-satu: personil from" in said
    assert signed.asks("trust", "show")["versions"][0]["serial"] == 1


def test_show_without_trust_says_what_to_do(desk: Desk) -> None:
    assert "no signed trust document yet\nMake it with `cadangan trust compile`" in desk.types(
        "trust", "show", status=4
    )


def test_check_finds_a_changed_chain(signed: Desk) -> None:
    assert "every signature is right" in signed.types("trust", "check")
    with sqlite3.connect(signed.root / "journal.db") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f"DROP TRIGGER {name}")
        changed = database.execute(
            "UPDATE entry SET entry = replace(entry, '\\\\\\\"trustees\\\\\\\":2', '\\\\\\\"trustees\\\\\\\":1')"
            " WHERE seq = 2"
        )
        assert changed.rowcount == 1
    assert "trust chain does not hold" in signed.types("trust", "check", status=1)


def test_doctor_names_what_is_missing_with_the_command_that_mends_it(desk: Desk) -> None:
    answer = desk.asks("doctor", status=1)
    missing = {check["what"]: check["mend"] for check in answer["checks"] if not check["ok"]}
    assert missing["official staf-dua"] == "cadangan trust add-key staf-dua FILE.pub"
    assert missing["trust document"] == "cadangan trust compile"
    assert "official kasi" not in missing
    desk.types("trust", "compile")
    said = desk.types("doctor", status=1)
    assert "trust document: version 1 is signed by 0 of 2 trustees\n         mend it: cadangan trust sign" in said


def test_doctor_sees_that_files_and_trust_differ(signed: Desk) -> None:
    def trust_check() -> dict[str, Any]:
        checks = signed.asks("doctor", status=1)["checks"]
        return next(check for check in checks if check["what"] == "trust document")

    assert trust_check()["ok"]
    signed.changes("officials.yml", "qualification: D3 Manajemen Informatika", "rank: x")
    assert trust_check()["found"] == "the files say other than version 1"


def test_doctor_names_a_wrong_file(desk: Desk) -> None:
    desk.changes("officials.yml", "role: seksi", "role: seksie")
    answer = desk.asks("doctor", status=1)
    found = next(check["found"] for check in answer["checks"] if check["what"] == "office files")
    assert "officials.kasi.roles[1].role: must be 'opd', 'bidang', 'seksi' or 'personil', not 'seksie'" in found


def test_a_repository_host_that_is_not_in_operation_is_refused(desk: Desk) -> None:
    desk.changes("office.yml", "repository: /srv/cadangan", "repository: ssh://arsip-kudus-01")
    wrong = "office.yml: policy.repository: server arsip-kudus-01 is not in operation: the asset register says planned"
    assert wrong in desk.types("trust", "compile", status=2)
    assert wrong in desk.types("doctor", status=1)
    desk.changes("inventory/servers.yml", "        status: planned", "        status: in_operation")
    assert "+ policy: backup sets are kept in ssh://arsip-kudus-01" in desk.types("trust", "compile")
    said = desk.types("doctor", status=1)
    assert "MISSING  repository host arsip-kudus-01: was not made ready" in said
    assert "mend it: cadangan onboard arsip-kudus-01" in said


def test_the_repository_host_takes_part_when_a_server_is_made_ready(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.changes("office.yml", "repository: /srv/cadangan", "repository: ssh://arsip-kudus-01")
    desk.changes("inventory/servers.yml", "        status: planned", "        status: in_operation")
    limits = []

    def run_playbook(playbook: str, *, limit: str, **_: object) -> PlaybookRun:
        limits.append(limit)
        return PlaybookRun("successful", 0, results={host: {} for host in limit.split(",")})

    monkeypatch.setattr("cadangan.execution.runner.run_playbook", run_playbook)
    assert "arsip-kudus-01: ready" in desk.types("onboard", "app-kudus-01")
    assert limits == ["app-kudus-01,arsip-kudus-01,localhost"]


def test_doctor_without_an_office_says_so(tmp_path: Path, keyring: Keyring) -> None:
    answer = Desk(tmp_path, keyring).asks("doctor", status=1)
    assert any("there is no office in" in check["found"] for check in answer["checks"])


def test_doctor_names_a_missing_tool(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = desk.asks("doctor", status=1)
    missing = {check["what"]: check["mend"] for check in answer["checks"] if not check["ok"]}
    assert missing["tool age"] == "apt-get install age"
    assert "ansible-playbook" in missing


def test_doctor_names_a_collection_that_shadows_ours(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "stale" / "ansible_collections" / "diskominfo" / "cadangan" / "plugins"
    stale.mkdir(parents=True)
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(tmp_path / "stale"))
    # Ansible reads that variable once, when it is imported.
    command = [sys.executable, "-c", "from cadangan.cli import main; main()"]
    command += ["--json", "--office", str(desk.root), "doctor"]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    check = next(check for check in answer["checks"] if check["what"] == "collection diskominfo.cadangan")
    assert not check["ok"]
    assert str(tmp_path / "stale") in check["found"]


WRONG_COMMANDS = {
    "office that is not there": (["trust", "show"], 4, "there is no office in"),
    "init without a folder": (["init"], 2, "Missing argument"),
}


@pytest.mark.parametrize(("arguments", "status", "says"), WRONG_COMMANDS.values(), ids=WRONG_COMMANDS)
def test_wrong_commands_are_refused(
    tmp_path: Path, keyring: Keyring, arguments: list[str], status: int, says: str
) -> None:
    assert says in Desk(tmp_path, keyring).types(*arguments, status=status)
