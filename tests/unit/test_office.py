"""Reading `office.yml` and friends: what is right loads, what is wrong is named with file, line, field and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from cadangan.errors import BadInput, Missing
from cadangan.procedure.letter import Letter
from cadangan.procedure.office_hours import BY_LAW
from cadangan.register.new_office import write_example_office
from cadangan.register.office import Office
from cadangan.register.yaml_file import YamlFile

OFFICE = """\
id: diskominfo-kudus
name: Diskominfo
place: Kudus
letterhead:
  government: PEMERINTAH KABUPATEN KUDUS
  office: DISKOMINFO
  address: [Kudus]
agencies:
  disdukcapil:
    name: Dukcapil
policy:
  trustees: 2
"""
OFFICIALS = """\
officials:
  kasi:
    name: Kasi
    position: Kepala Seksi
    roles:
      - role: seksi
        from: 2026-01-01
        until: 2026-12-31
"""


def an_office(folder: Path, office: str = OFFICE, officials: str = OFFICIALS) -> Path:
    (folder / "office.yml").write_text(office)
    (folder / "officials.yml").write_text(officials)
    return folder


def test_the_example_office_validates(tmp_path: Path) -> None:
    write_example_office(tmp_path / "kudus", date(2026, 11, 25))
    office = Office.load(tmp_path / "kudus")
    assert office.id == "diskominfo-kudus"
    assert office.officials.get("kasi").roles[0].last_day == date(2030, 12, 31)
    assert {asset.host for asset in office.register.assets()} == {"db-kudus-01", "app-kudus-01", "arsip-kudus-01"}
    assert office.journal_url == f"sqlite:///{tmp_path}/kudus/journal.db"


@pytest.mark.parametrize("kind", ["backup", "restore"])
def test_the_example_letters_validate(tmp_path: Path, kind: str) -> None:
    write_example_office(tmp_path / "kudus", date(2026, 11, 25))
    letter = YamlFile.read(tmp_path / "kudus" / "letters" / f"{kind}.yml").validate(Letter)
    office = Office.load(tmp_path / "kudus")
    assert (letter.kind, letter.date) == (kind, date(2026, 11, 25))
    assert office.officials.get(letter.applicant).roles[0].agency == letter.agency
    for item in letter.items:
        assert office.register.database(item.asset, item.engine, item.instance, item.database)


def test_defaults(tmp_path: Path) -> None:
    office = Office.load(an_office(tmp_path))
    assert (office.language, office.zone.key) == ("id", "Asia/Jakarta")
    assert office.settings.hours == BY_LAW
    assert office.policy.drill_backups is True
    assert office.policy.disposition_days == 14
    assert office.case_dir("B-2026-0001") == tmp_path / "cases" / "B-2026-0001"


def test_hours_of_a_weekday(tmp_path: Path) -> None:
    office = Office.load(an_office(tmp_path, OFFICE + 'hours:\n  saturday: ["08:00-12:00"]\n'))
    assert [bool(spans) for spans in office.settings.hours.week] == [False] * 5 + [True, False]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ('monday: ["7:30-12:00"]', "office.yml:14:12: hours.monday[1]: '7:30-12:00' must be hours like '07:30-12:00'"),
        ("monday: 07:30-12:00", "office.yml:14:3: hours.monday: must be a list"),
        ('mondai: ["07:30-12:00"]', "office.yml:14:3: hours.mondai: is not a field here. Did you mean 'monday'?"),
        ("monday: []", "office.yml:13:1: hours: name the hours of one weekday at least"),
    ],
)
def test_wrong_hours_are_refused_with_their_line(tmp_path: Path, hours: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        Office.load(an_office(tmp_path, f"{OFFICE}hours:\n  {hours}\n"))
    assert said in str(refused.value)


def test_no_office_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"no office in .*\n.*cadangan init"):
        Office.load(tmp_path)


def test_missing_officials_file_is_refused(tmp_path: Path) -> None:
    an_office(tmp_path)
    (tmp_path / "officials.yml").unlink()
    with pytest.raises(Missing, match=r"officials\.yml: there is no such file"):
        Office.load(tmp_path)


WRONG_OFFICES = {
    "typo in a field": (
        OFFICE.replace("place:", "plase:"),
        ["office.yml:3:1: plase: is not a field here. Did you mean 'place'?", "place: is missing"],
    ),
    "typo in a nested field": (
        OFFICE.replace("trustees: 2", "trustes: 2"),
        ["office.yml:12:3: policy.trustes: is not a field here. Did you mean 'trustees'?"],
    ),
    "field below an agency": (
        OFFICE.replace("    name: Dukcapil", "    nam: Dukcapil"),
        ["office.yml:10:5: agencies.disdukcapil.nam: is not a field here. Did you mean 'name'?"],
    ),
    "key twice": (OFFICE + "place: Pati\n", ['office.yml:13:1: "place" is there twice']),
    "not YAML": (OFFICE + "x: [\n", ["office.yml:14:1: expected the node content", "indentation and quotes"]),
    "tab": (OFFICE + "\tx: 1\n", ["office.yml:13:1"]),
    "alias": (OFFICE + "legal_basis: &x [a]\nx: *x\n", ["office.yml:14:4: YAML aliases are not used"]),
    "empty": ("", ["office.yml:1:1: must be names with values"]),
    "a list": ("- a\n", ["office.yml:1:1: must be names with values"]),
    "number as a name": (OFFICE.replace("name: Diskominfo", "name: 5"), ["office.yml:2:1: name: must be text"]),
    "text as a number": (OFFICE.replace("trustees: 2", "trustees: two"), ["policy.trustees: must be a whole number"]),
    "yes as a boolean": (
        OFFICE + "  drill_backups: yes\n",
        ["office.yml:13:3: policy.drill_backups: must be true or false"],
    ),
    "too many trustees": (OFFICE.replace("trustees: 2", "trustees: 3"), ["policy.trustees: input should be less"]),
    "unknown language": (OFFICE + "  x: 1\n" + "language: jv\n", ["language: must be 'id' or 'en', not 'jv'"]),
    "unknown time zone": (OFFICE + "timezone: Asia/Kudus\n", ["timezone: 'Asia/Kudus' is not a time zone"]),
    "path as a time zone": (OFFICE + "timezone: ../../etc/passwd\n", ["timezone: '../../etc/passwd' is not"]),
    "id with a slash": (OFFICE.replace("id: diskominfo-kudus", "id: a/../b"), ["office.yml:1:1: id: 'a/../b'"]),
    "relative repository": (OFFICE + "  repository: srv\n", ["policy.repository: must be an absolute path"]),
    "climbing repository": (OFFICE + "  repository: /srv/../etc\n", ["policy.repository: must be an absolute path"]),
    "repository host with a path": (
        OFFICE + "  repository: ssh://gudang/srv\n",
        ["office.yml:13:3: policy.repository: must be ssh:// and the name of a server"],
    ),
    "repository host with an option": (OFFICE + "  repository: ssh://-oProxyCommand=x\n", ["must be ssh:// and"]),
    "mistyped age key": (
        OFFICE + "  recipients: [{holder: a, key: age1ucgwfqnjm6z0gc3vk4epy9k2z0frkd66r75gnz0wu8k7prjjk3wqrdxfwd}]\n",
        ["office.yml:13:28: policy.recipients[1].key", "mistyped"],
    ),
    "private age key": (
        OFFICE + "  recipients: [{holder: a, key: AGE-SECRET-KEY-1X}]\n",
        ["policy.recipients[1].key: this is a private age key"],
    ),
    "no agencies": (OFFICE.replace("  disdukcapil:\n    name: Dukcapil", "  {}"), ["agencies"]),
    "python object": (OFFICE + "language: !!python/object:os.system x\n", ["language"]),
    "nested without end": ("[" * 20000 + "]" * 20000, ["nested too deeply"]),
    "not UTF-8": (OFFICE.encode() + b"# \xff\n", ["office.yml:13: is not UTF-8"]),
    "null byte": (OFFICE + "x: \x00\n", ["office.yml: is not YAML"]),
    "impossible date as text": (OFFICE + "language: 2026-13-45\n", ["office.yml"]),
}


@pytest.mark.parametrize(("text", "says"), WRONG_OFFICES.values(), ids=WRONG_OFFICES)
def test_wrong_office_file_is_refused(tmp_path: Path, text: str | bytes, says: list[str]) -> None:
    an_office(tmp_path)
    (tmp_path / "office.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadInput) as refused:
        Office.load(tmp_path)
    for words in says:
        assert words in str(refused.value)


def test_every_fault_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        Office.load(an_office(tmp_path, OFFICE.replace("name: Diskominfo", "name: 5").replace("place: Kudus", "")))
    assert "name: must be text" in str(refused.value)
    assert "place: is missing" in str(refused.value)


def test_private_keys_are_not_repeated_in_messages(tmp_path: Path) -> None:
    secret = "AGE-SECRET-KEY-1QQPQ"
    with pytest.raises(BadInput) as refused:
        Office.load(an_office(tmp_path, OFFICE + f"  recipients: [{{holder: a, key: {secret}}}]\n"))
    assert secret not in str(refused.value)


def test_unknown_agency_of_an_official_is_refused(tmp_path: Path) -> None:
    officials = OFFICIALS.replace("role: seksi", "role: opd\n        agency: disdukcapi")
    with pytest.raises(BadInput) as refused:
        Office.load(an_office(tmp_path, officials=officials))
    assert "officials.yml:7:9: officials.kasi.roles[1].agency: agency 'disdukcapi' is not in office.yml" in str(
        refused.value
    )
    assert "Did you mean 'disdukcapil'?" in str(refused.value)


def test_unknown_agency_of_a_server_is_refused(tmp_path: Path) -> None:
    an_office(tmp_path)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "servers.yml").write_text(
        "all:\n  hosts:\n    db-01:\n      cadangan_asset:\n"
        "        {number: '1', name: a, status: in_operation, agency: dukcapil}\n"
    )
    with pytest.raises(BadInput, match=r"db-01: cadangan_asset: agency 'dukcapil' is not in office.yml"):
        _ = Office.load(tmp_path).register


def test_names_that_hold_templates_arrive_as_text(tmp_path: Path) -> None:
    name = "{{ lookup('pipe', 'touch /tmp/pwned') }}'; DROP TABLE entry; $(reboot)"
    officials = OFFICIALS.replace("name: Kasi", f'name: "{name}"')
    assert Office.load(an_office(tmp_path, officials=officials)).officials.get("kasi").name == name


def test_unknown_agency_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"office\.yml: there is no agency 'dukcapil'\nDid you mean 'disdukcapil'\?"):
        Office.load(an_office(tmp_path)).agency("dukcapil")


def test_example_is_not_written_over_anything(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="not an empty folder"):
        write_example_office(tmp_path, date(2026, 11, 25))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


REPOSITORY_HOSTS = """\
servers:
  hosts:
    gudang:
      cadangan_asset: {number: '1', name: a, status: in_operation, agency: disdukcapil, repository: {root: /srv/sets}}
    gudang-lama:
      cadangan_asset: {number: '2', name: a, status: retired, agency: disdukcapil, repository: {root: /srv/sets}}
    db-01:
      cadangan_asset: {number: '3', name: a, status: in_operation, agency: disdukcapil}
"""


def office_with_repository(tmp_path: Path, place: str) -> Office:
    an_office(tmp_path)
    (tmp_path / "office.yml").write_text(OFFICE + f"  repository: {place}\n")
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "servers.yml").write_text(REPOSITORY_HOSTS)
    return Office.load(tmp_path)


def test_the_policy_names_the_repository_host(tmp_path: Path) -> None:
    host = office_with_repository(tmp_path, "ssh://gudang").repository_host()
    assert host is not None and host.host == "gudang"


def test_a_folder_has_no_repository_host(tmp_path: Path) -> None:
    assert office_with_repository(tmp_path, "/srv/cadangan").repository_host() is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gudan", "'gudan' is not in the asset register\n.*Did you mean 'gudang'"),
        ("db-01", "db-01 keeps no repository\nGive db-01 in the inventory"),
        ("gudang-lama", "gudang-lama is not in operation: the asset register says retired"),
    ],
)
def test_a_repository_host_that_is_none_is_refused(tmp_path: Path, name: str, says: str) -> None:
    office = office_with_repository(tmp_path, f"ssh://{name}")
    with pytest.raises(BadInput, match=f"office.yml: policy.repository: server {says}"):
        office.repository_host()
