"""The office's copies of manifests, signatures and wrapped keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from cadangan.errors import BadInput, Missing, WorkFailed
from cadangan.evidence.catalogue import Catalogue

SET = "dukcapil/db-01/postgresql/si%20ak/20261125T020637Z-B-2026-0001-1"


def manifest(set_id: str = SET, at: str = "2026-11-25T02:06:37Z") -> bytes:
    return canonical.dumps({"type": "manifest", "set": set_id, "snapshot_at": at})


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "sets")


def test_what_is_kept_is_found_again(catalogue: Catalogue) -> None:
    catalogue.keep(SET, manifest(), "signature", b"key")
    kept = catalogue.get(SET)
    assert kept.id == SET
    assert kept.manifest["snapshot_at"] == "2026-11-25T02:06:37Z"
    assert kept.manifest_text == manifest()
    assert kept.digest == canonical.digest(manifest())
    assert (kept.signature, kept.keys) == ("signature", {"key.age": b"key"})


def test_sets_are_listed_in_order(catalogue: Catalogue) -> None:
    assert list(catalogue.sets()) == []
    ids = [SET.replace("0001-1", f"0001-{number}") for number in (3, 1, 2)]
    for set_id in ids:
        catalogue.keep(set_id, manifest(set_id), "s", b"k")
    assert [kept.id for kept in catalogue.sets()] == sorted(ids)


def test_keeping_again_is_fine_with_a_rewrapped_key_too(catalogue: Catalogue) -> None:
    catalogue.keep(SET, manifest(), "signature", b"key")
    catalogue.keep(SET, manifest(), "signature", b"new key")
    assert catalogue.get(SET).keys == {"key.age": b"new key"}


def test_another_manifest_of_a_kept_set_is_refused(catalogue: Catalogue) -> None:
    catalogue.keep(SET, manifest(), "signature", b"key")
    with pytest.raises(WorkFailed, match="another manifest"):
        catalogue.keep(SET, manifest(at="2026-11-26T00:00:00Z"), "other", b"other")
    assert catalogue.get(SET).signature == "signature"


@pytest.mark.parametrize(
    "set_id",
    [
        "",
        "../../../etc/cron.d/x",
        "a/b/c/d",
        "a/b/c/d/e/f",
        "a/b/c/../e",
        "a/b/c//e",
        "/a/b/c/d",
        "a/b/c/.d/e",
        "a/b/c/d/e\n",
        "a/b/c/d\x00/e",
        "a/b/c/d é/e",
    ],
)
def test_an_id_that_is_none_is_refused_and_nothing_written(catalogue: Catalogue, tmp_path: Path, set_id: str) -> None:
    with pytest.raises(BadInput, match="not the id of a backup set"):
        catalogue.keep(set_id, manifest(set_id), "s", b"k")
    with pytest.raises(BadInput, match="not the id of a backup set"):
        catalogue.get(set_id)
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_of_another_set_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(BadInput, match="manifest is of set"):
        catalogue.keep(SET, manifest(SET + "1"), "s", b"k")


@pytest.mark.parametrize("text", [b"", b"{}", b'{"set": 1}\n', b"nonsense\n"])
def test_a_manifest_that_is_none_is_refused(catalogue: Catalogue, text: bytes) -> None:
    with pytest.raises(BadInput, match="manifest"):
        catalogue.keep(SET, text, "s", b"k")


def test_a_set_that_is_not_kept_is_missing(catalogue: Catalogue) -> None:
    with pytest.raises(Missing, match="no backup set"):
        catalogue.get(SET)


@pytest.mark.parametrize("name", ["manifest.json.sig", "key.age"])
def test_a_copy_that_lost_a_file_is_told(catalogue: Catalogue, tmp_path: Path, name: str) -> None:
    catalogue.keep(SET, manifest(), "s", b"k")
    (tmp_path / "sets" / SET / name).unlink()
    with pytest.raises(WorkFailed, match="damaged"):
        catalogue.get(SET)


def test_a_changed_manifest_that_is_still_text_has_another_digest(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.keep(SET, manifest(), "s", b"k")
    (tmp_path / "sets" / SET / "manifest.json").write_bytes(manifest(at="2020-01-01T00:00:00Z"))
    assert catalogue.get(SET).digest != canonical.digest(manifest())


def test_a_set_without_a_manifest_yet_is_not_listed(catalogue: Catalogue, tmp_path: Path) -> None:
    folder = tmp_path / "sets" / SET
    folder.mkdir(parents=True)
    (folder / "key.age").write_bytes(b"k")
    assert list(catalogue.sets()) == []


def test_no_drafts_are_left_behind(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.keep(SET, manifest(), "s", b"k")
    assert sorted(path.name for path in (tmp_path / "sets" / SET).iterdir()) == [
        "key.age",
        "manifest.json",
        "manifest.json.sig",
    ]


def test_keys_that_were_wrapped_again_are_kept_beside_the_first_the_newest_first(catalogue: Catalogue) -> None:
    catalogue.keep(SET, manifest(), "s", b"first")
    catalogue.add_key(SET, "key-20261126T000000Z.age", b"second")
    catalogue.add_key(SET, "key-20261127T000000Z.age", b"third")
    catalogue.keep(SET, manifest(), "s", b"first")
    kept = catalogue.get(SET)
    assert list(kept.keys.values()) == [b"third", b"second", b"first"]
    assert list(kept.copies) == ["manifest.json", "manifest.json.sig", *kept.keys]


@pytest.mark.parametrize("name", ["key.age", "manifest.json", "../key-20261126T000000Z.age", "key-1.age"])
def test_nothing_but_a_key_is_added_to_a_kept_set(catalogue: Catalogue, name: str) -> None:
    catalogue.keep(SET, manifest(), "s", b"first")
    with pytest.raises(BadInput, match="not the name of a set's wrapped key"):
        catalogue.add_key(SET, name, b"other")
