"""Officials: one person is one id, roles are whole, keys are public."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from cadangan.errors import BadInput
from cadangan.procedure.officials import Officials
from cadangan.register.yaml_file import YamlFile

OFFICIALS = """\
officials:
  kabid:
    name: Kabid
    nip: "1970 01"
    position: Kepala Bidang
    keys: []
  kasi:
    name: Kasi
    position: Kepala Seksi
    roles:
      - role: seksi
        from: 2026-01-01
        until: 2026-12-31
"""


def a_key(folder: Path, kind: str = "ed25519") -> str:
    path = folder / f"key-{len(list(folder.iterdir()))}"
    subprocess.run(["/usr/bin/ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "a comment", "-f", str(path)], check=True)
    return path.with_suffix(".pub").read_text().strip()


def read(folder: Path, text: str) -> Officials:
    path = folder / "officials.yml"
    path.write_text(text)
    return YamlFile.read(path).validate(Officials)


def test_a_key_is_kept_without_its_comment(tmp_path: Path) -> None:
    key = a_key(tmp_path)
    officials = read(tmp_path, OFFICIALS.replace("keys: []", f"keys: ['{key}']"))
    assert officials.get("kabid").keys == [key.removesuffix(" a comment")]


def test_an_unknown_official_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"officials\.yml: there is no official 'kabit'\nDid you mean 'kabid'\?"):
        read(tmp_path, OFFICIALS).get("kabit")


def test_a_date_in_quotes_is_a_date(tmp_path: Path) -> None:
    officials = read(tmp_path, OFFICIALS.replace("from: 2026-01-01", 'from: "2026-01-01"'))
    assert officials.get("kasi").roles[0].first_day == date(2026, 1, 1)


WRONG = {
    "unknown role": ("role: seksi", "role: seksie", ["officials.yml:11:9", "roles[1].role: must be 'opd', 'bidang'"]),
    "until before from": ("until: 2026-12-31", "until: 2025-12-31", ["officials.yml:11:9", "is before from"]),
    "no end": ("        until: 2026-12-31\n", "", ["officials.yml:11:9: officials.kasi.roles[1].until: is missing"]),
    "a day that is not": ("from: 2026-01-01", 'from: "2026-02-30"', ["from: must be a date like 2026-11-25"]),
    "a number as a date": ("from: 2026-01-01", "from: 20260101", ["from: must be a date like 2026-11-25"]),
    "a date with a time": ("from: 2026-01-01", "from: 2026-01-01 08:00:00", ["from: must be a date like 2026-11-25"]),
    "opd without agency": ("role: seksi", "role: opd", ["agency is missing: role opd speaks for one agency"]),
    "agency of another role": ("role: seksi", "role: seksi\n        agency: a", ["agency belongs to role opd"]),
    "acting without a letter": ("role: seksi", "role: seksi\n        as: Plt.", ["letter is missing: who acts (Plt.)"]),
    "acting in other words": (
        "role: seksi",
        "role: seksi\n        as: Plt",
        ["as: must be 'Plh.' or 'Plt.', not 'Plt'"],
    ),
    "number as NIP": ('nip: "1970 01"', "nip: 197001", ["officials.yml:4:5: officials.kabid.nip: must be text"]),
    "id in capitals": ("  kasi:", "  Kasi:", ["officials.yml:7:3: officials.Kasi.id", "lower-case letters"]),
    "same id twice": ("  kasi:", "  kabid:", ['officials.yml:7:3: "kabid" is there twice']),
    "another id inside": ("name: Kasi", "name: Kasi\n    id: kabid", ["kasi says that its id is kabid"]),
    "same NIP twice": ("name: Kasi", 'name: Kasi\n    nip: "197001"', ["kabid and kasi have the same NIP"]),
    "a private key": ("keys: []", "keys: ['-----BEGIN OPENSSH PRIVATE KEY-----']", ["this is a private key"]),
    "a key cut off": ("keys: []", "keys: [ssh-ed25519 AAAAC3Nza]", ["officials.yml:6:12: officials.kabid.keys[1]"]),
    "nobody": (OFFICIALS, "officials:\n", ["officials: must be names with values"]),
}


@pytest.mark.parametrize(("old", "new", "says"), WRONG.values(), ids=WRONG)
def test_wrong_officials_are_refused(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    assert old in OFFICIALS
    with pytest.raises(BadInput) as refused:
        read(tmp_path, OFFICIALS.replace(old, new, 1))
    for words in says:
        assert words in str(refused.value)


def test_one_key_for_two_officials_is_refused(tmp_path: Path) -> None:
    key = a_key(tmp_path)
    text = OFFICIALS.replace("keys: []", f"keys: ['{key}']").replace("name: Kasi", f"name: Kasi\n    keys: ['{key}']")
    with pytest.raises(BadInput, match="kabid and kasi have the same public key"):
        read(tmp_path, text)


def test_one_key_twice_is_refused(tmp_path: Path) -> None:
    key = a_key(tmp_path)
    with pytest.raises(BadInput, match="kabid has a public key twice"):
        read(tmp_path, OFFICIALS.replace("keys: []", f"keys: ['{key}', '{key} other comment']"))


def test_an_rsa_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="ssh-rsa"):
        read(tmp_path, OFFICIALS.replace("keys: []", f"keys: ['{a_key(tmp_path, 'rsa')}']"))
