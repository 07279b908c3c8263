"""From a letter file to the request that goes into the journal: read, resolved against register and catalogue, kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.errors import BadInput, CadanganError, Missing
from cadangan.evidence.cases import open_case
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.journal import Journal
from cadangan.procedure import moment
from cadangan.procedure.case import Case
from cadangan.procedure.letter import Letter, LetterItem
from cadangan.procedure.work import ChosenSet, Item, work_item
from cadangan.register.collection import check_engine
from cadangan.register.disposal import check_present, disposal_grounds
from cadangan.register.office import Office
from cadangan.register.yaml_file import YamlFile

OLDEST_LETTER = timedelta(days=365)
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# What an office itself puts into the folder of a case.
OWN_FILES = re.compile(r"letter\.(yml|key)|(Laporan|Berita-Acara)-.*")


@dataclass(frozen=True)
class FiledLetter:
    """A letter that was read and found right, with the work items that it asks for."""

    path: Path
    letter: Letter
    items: list[Item]
    attachments: list[Path]


def read_letter(office: Office, path: Path, today: date) -> FiledLetter:
    """Read a letter file and resolve what it names; `BadInput` with file, line and field for what is wrong."""
    file = YamlFile.read(path)
    letter = file.validate(Letter)
    if letter.date > today:
        raise file.fault(("date",), f"{letter.date} lies in the future")
    if letter.date < today - OLDEST_LETTER:
        raise file.fault(("date",), f"{letter.date} is more than a year ago; ask the agency for a new letter")
    fault_at(file, ("agency",), lambda: office.agency(letter.agency))
    official = office.officials.officials.get(letter.applicant)
    if official is None:
        raise file.fault(("applicant",), _message(lambda: office.officials.get(letter.applicant)))
    if not any(role.role == "opd" and role.agency == letter.agency for role in official.roles):
        raise file.fault(("applicant",), f"{letter.applicant} does not hold the role opd for agency {letter.agency}")
    items = [_resolve(office, file, letter, number, item) for number, item in enumerate(letter.items, start=1)]
    _refuse_doubles(file, letter, items)
    return FiledLetter(path, letter, items, _attachments(file, letter.attachments))


def file_letter(office: Office, journal: Journal, path: Path, today: date) -> Case:
    """File a letter: read it, open its case, keep it. Raises as `read_letter`; nothing is opened then.

    `Refused` if it asks to dispose of what is kept, or to restore what was disposed of.
    """
    filed = read_letter(office, path, today)
    grounds: list[dict[str, Any]] = []
    if filed.letter.kind == "disposal":
        grounds = disposal_grounds(office, journal, filed.items, moment.now())
    else:
        check_present(journal, filed.items)
    raw = path.read_bytes()
    key, sealed = seal(raw)
    case = open_case(
        journal,
        filed.letter.prefix,
        lambda case_id: request_text(office.id, case_id, filed, sealed, moment.now(), grounds),
    )
    keep_letter(office.case_dir(case.id), filed, raw, key)
    return case


def request_text(
    office: str, case: str, filed: FiledLetter, sealed: str, now: str, grounds: list[dict[str, Any]]
) -> bytes:
    """The canonical request, as the journal keeps it; `grounds` say why the sets of a disposal may go."""
    letter = filed.letter
    return canonical.dumps(
        {
            "type": "request",
            "office": office,
            "case": case,
            "agency": letter.agency,
            "at": now,
            "applicant": letter.applicant,
            "subject": letter.subject,
            "letter": {"number": letter.number, "date": letter.date.isoformat()},
            "attachments": [
                {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
                for path in filed.attachments
            ],
            "sealed": sealed,
            "items": filed.items,
        }
        | ({"retention": grounds} if grounds else {})
    )


def seal(letter: bytes) -> tuple[str, str]:
    """A fresh key and the HMAC-SHA256 of the letter under it: without the key nobody can tell what the letter said."""
    key = secrets.token_hex(32)
    return key, hmac.new(bytes.fromhex(key), letter, hashlib.sha256).hexdigest()


def keep_letter(folder: Path, filed: FiledLetter, letter: bytes, key: str) -> None:
    """Put the letter, the key of its seal and its attachments into the case's folder."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    (folder / "letter.yml").write_bytes(letter)
    (folder / "letter.key").write_text(key + "\n")
    (folder / "letter.key").chmod(0o600)
    for path in filed.attachments:
        shutil.copyfile(path, folder / path.name)


def _resolve(office: Office, file: YamlFile, letter: Letter, number: int, item: LetterItem) -> Item:
    where = ("items", number - 1)
    if letter.kind == "disposal":
        chosen = fault_at(file, (*where, "set"), lambda: _set_of(office, letter, item))
        return work_item(number, letter, item, drill=False, chosen=chosen) | {
            "asset": office.policy.keeper or item.asset
        }
    fault_at(file, (*where, "asset"), lambda: office.register.asset(item.asset))
    fault_at(file, (*where, "engine"), lambda: check_engine(item.engine))
    fault_at(file, (*where, "database"), lambda: _check_place(office, letter, item))
    chosen = None
    if letter.kind == "restore":
        if item.target is not None:
            target = (item.asset, item.engine, item.instance, item.target, letter.agency)
            fault_at(file, (*where, "target"), lambda: office.register.check_target(*target))
        chosen = fault_at(file, (*where, "set"), lambda: _choose_set(office, letter, item))
    return work_item(number, letter, item, drill=office.policy.drill_backups, chosen=chosen)


def _set_of(office: Office, letter: Letter, item: LetterItem) -> ChosenSet:
    """The set that is to be disposed of, which must be one of the database that the item names."""
    kept = Catalogue(office.sets_dir).get(item.set or "")
    named = {"agency": letter.agency, **item.model_dump(include={"asset", "engine", "instance", "database"})}
    for key, value in named.items():
        if kept.manifest[key] != value:
            raise BadInput(f"set {item.set} is of {key} {kept.manifest[key]!a}, not of {value!a}")
    return ChosenSet(kept.id, kept.digest, kept.manifest["snapshot_at"])


def _check_place(office: Office, letter: Letter, item: LetterItem) -> None:
    """`BadInput` unless the database is registered and the agency's own, or this is a drill where drills are."""
    place = (item.asset, item.engine, item.instance, item.database)
    if item.mode == "drill" and office.register.is_drill_place(*place):
        if item.set in (None, "newest"):
            raise BadInput("is in a place for drills of other servers' sets: say which set, by its id")
        return
    owner = office.register.database(*place).agency
    if owner != letter.agency:
        raise BadInput(f"belongs to agency {owner}, not to {letter.agency}")


def _choose_set(office: Office, letter: Letter, item: LetterItem) -> ChosenSet:
    """The set that the letter names; without a name, the newest one of that database."""
    catalogue = Catalogue(office.sets_dir)
    if item.set not in (None, "newest"):
        kept = catalogue.get(item.set or "")
    else:
        place = (letter.agency, item.engine, item.instance, item.database)
        candidates = [
            kept
            for kept in catalogue.sets()
            if tuple(kept.manifest[key] for key in ("agency", "engine", "instance", "database")) == place
            and kept.manifest["asset"] == item.asset
        ]
        if not candidates:
            raise BadInput(f"there is no backup set of {item.engine} {item.database} on {item.asset}")
        kept = max(candidates, key=lambda found: str(found.manifest["snapshot_at"]))
    for key in ("agency", "engine"):
        if kept.manifest[key] != (letter.agency if key == "agency" else item.engine):
            raise BadInput(f"set {item.set} is of {key} {kept.manifest[key]}")
    return ChosenSet(kept.id, kept.digest, kept.manifest["snapshot_at"])


def _refuse_doubles(file: YamlFile, letter: Letter, items: list[Item]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    keys = ("asset", "engine", "instance", "database", "mode", "target")
    for number, item in enumerate(items):
        # Sets of several servers may well be drilled in the same place.
        own = item["set"] if item["action"] in ("dispose", "drill") else ""
        place = (*(str(item.get(key, "")) for key in keys), own)
        if place in seen:
            raise file.fault(("items", number), f"asks for the same as items[{seen[place] + 1}]")
        seen[place] = number


def _attachments(file: YamlFile, names: list[str]) -> list[Path]:
    """The files beside the letter that it names; a name that leads elsewhere could hand out what is secret."""
    for number, name in enumerate(names):
        where = ("attachments", number)
        if not SAFE_NAME.fullmatch(name):
            raise file.fault(
                where,
                f"{name!a} is not the name of a file beside the letter. "
                "Put it there, and name it with letters, digits, '.', '_' and '-' only",
            )
        if OWN_FILES.fullmatch(name):
            raise file.fault(where, f"{name} is a name that the office uses itself. Rename the attachment")
        if name in names[:number]:
            raise file.fault(where, f"{name} is there twice. Keep one of the two")
        path = file.path.parent / name
        if path.is_symlink() or not path.is_file():
            raise file.fault(where, f"there is no file {path}")
    return [file.path.parent / name for name in names]


def fault_at(file: YamlFile, location: tuple[int | str, ...], look: Any) -> Any:
    """What `look()` returns; its `BadInput` or `Missing` is raised as a fault of this place in the file."""
    try:
        return look()
    except (BadInput, Missing) as error:
        raise file.fault(location, _flat(error)) from error


def _message(look: Any) -> str:
    try:
        look()
    except BadInput as error:
        return _flat(error)
    return ""


def _flat(error: CadanganError) -> str:
    return f"{error.message}. {error.advice}" if error.advice else error.message
