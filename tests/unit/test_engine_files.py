"""Application files: archives of awkward folders, a proof that sees every change, and a swap that loses nothing."""

from __future__ import annotations

import errno
import io
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    canonical,
    engine_files,
    files_place,
    files_swap,
    files_tree,
    places,
    proof,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_files import FilesEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import ToolError, run
from support.awkward_files import NAMES, SECONDS, access_list, make_awkward

TAG = "r-2026-0001-1"


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setattr(places, "state_dir", lambda: str(folder))
    monkeypatch.setattr(engine_files, "_PAUSES", (0.01, 0.02))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder."""
    made = tmp_path / "unggahan"
    (made / "2026" / "surat").mkdir(parents=True)
    (made / "cache").mkdir()
    for name in ("2026/surat/a.pdf", "2026/surat/b.pdf", "2026/catatan.log", "cache/x", "isi.txt"):
        (made / name).write_text(f"isi {name}")
    (made / "2026" / "tautan").symlink_to("surat/a.pdf")
    (made / "sama.txt").hardlink_to(made / "isi.txt")
    return made


def engine(folder: str | Path, *exclude: str) -> FilesEngine:
    return FilesEngine("", str(folder), {"exclude": list(exclude)})


def dump(folder: str | Path, *exclude: str) -> tuple[bytes, list[Fact]]:
    with engine(folder, *exclude).snapshot() as snapshot:
        return run(snapshot.parts()[0].command), snapshot.proof()


def restored(folder: str | Path, data: bytes) -> str:
    made = engine(folder)
    name = made.scratch_name(str(folder), TAG)
    made.create(name)
    run(made.load({"name": "data"}, name), data)
    return name


def tree(scratch: str) -> Path:
    return Path(scratch, files_swap.TREE)


def listed(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_restored_folder_equals_its_proof(tmp_path: Path) -> None:
    folder = make_awkward(tmp_path / "aneh")
    engine(folder).check_backup()
    data, facts = dump(folder)
    name = restored(folder, data)
    assert proof.differences(facts, engine(folder).proof_of(name)) == []
    assert len(facts) == sum(1 for _ in Path(folder).rglob("*")) + 1
    assert len({(fact["kind"], fact["name"]) for fact in facts}) == len(facts)
    canonical.dumps({"proof": facts})
    back = tree(name)
    assert back.stat().st_mtime_ns == SECONDS * 10**9 + 5
    assert (back / "foto.jpg").samefile(back / "dalam" / "foto yang sama.jpg")
    assert (back / "berlubang").stat().st_blocks * 512 < 1 << 20
    assert str((back / "keluar").readlink()) == "/etc/passwd"
    assert {os.fsencode(path.name) for path in (back / "dalam").iterdir() if path.is_dir()} == set(NAMES)


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "lost file": (lambda top: (top / "cache/x").unlink(), "lost: file 'cache/x'"),
    "lost folder": (lambda top: shutil.rmtree(top / "cache"), "lost: folder 'cache'"),
    "lost link": (lambda top: (top / "2026/tautan").unlink(), "lost: link '2026/tautan'"),
    "added file": (lambda top: (top / "lagi").touch(), "added: file 'lagi'"),
    "added folder": (lambda top: (top / "lagi").mkdir(), "added: folder 'lagi'"),
    "one byte": (lambda top: _flip(top / "2026/surat/a.pdf"), "changed: file '2026/surat/a.pdf'"),
    "content": (lambda top: (top / "cache/x").write_text("lebih panjang"), "changed: file 'cache/x'"),
    "mode": (lambda top: (top / "cache/x").chmod(0o600), "changed: file 'cache/x'"),
    "mode of a folder": (lambda top: (top / "cache").chmod(0o700), "changed: folder 'cache'"),
    "mode of the top": (lambda top: top.chmod(0o711), "changed: folder '.'"),
    "time": (lambda top: os.utime(top / "cache/x", ns=(0, 1)), "changed: file 'cache/x'"),
    "attribute": (lambda top: os.setxattr(top / "cache/x", "user.a", b"1"), "changed: file 'cache/x'"),
    "access list": (lambda top: _acl(top / "cache/x", "access"), "changed: file 'cache/x'"),
    "inherited access": (lambda top: _acl(top / "cache", "default"), "changed: folder 'cache'"),
    "link target": (lambda top: _relink(top / "2026/tautan", "surat/b.pdf"), "changed: link '2026/tautan'"),
    "two files instead of one": (lambda top: _part(top / "sama.txt"), "changed: file 'sama.txt'"),
    "file became a link": (lambda top: _relink(top / "cache/x", "y"), "added: link 'cache/x'"),
}


def _flip(path: Path) -> None:
    status = path.stat()
    path.write_bytes(b"I" + path.read_bytes()[1:])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _acl(path: Path, kind: str) -> None:
    os.setxattr(path, f"system.posix_acl_{kind}", access_list(54321))


def _relink(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def _part(path: Path) -> None:
    content, status = path.read_bytes(), path.stat()
    path.unlink()
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(("change", "told"), CHANGES.values(), ids=CHANGES.keys())
def test_the_proof_sees(folder: Path, change: Callable[[Path], object], told: str) -> None:
    data, facts = dump(folder)
    name = restored(folder, data)
    assert proof.differences(facts, engine(folder).proof_of(name)) == []
    change(tree(name))
    assert [line for line in proof.differences(facts, engine(folder).proof_of(name)) if told in line]


def test_names_that_look_alike_are_told_apart(folder: Path) -> None:
    for name in (b"\xff", b"%FF", b"%25FF", "ÿ".encode()):
        (folder / os.fsdecode(name)).touch()
    _data, facts = dump(folder)
    assert {"%FF", "%25FF", "%2525FF", "ÿ"} <= {fact["name"] for fact in facts}


def test_what_is_left_out_stands_in_the_manifest_and_nowhere_else(folder: Path) -> None:
    patterns = ("*.log", "cache/*", "2026/surat", "[")
    with engine(folder, *patterns).snapshot() as snapshot:
        data, facts = run(snapshot.parts()[0].command), snapshot.proof()
        assert snapshot.position == [{"name": "left out", "value": pattern} for pattern in patterns]
    name = restored(folder, data)
    assert listed(tree(name)) == ["2026", "2026/tautan", "cache", "isi.txt", "sama.txt"]
    assert proof.differences(facts, engine(folder).proof_of(name)) == []


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("*.log", "a/b/c.log", True),
        ("cache", "a/cache", True),
        ("cache", "a/cache/x", False),  # But nobody looks into a folder that is left out.
        ("cache/*", "cache/x", True),
        ("cache/*", "a/cache/x", False),
        ("*/tmp", "a/tmp", True),
        ("*/tmp", "a/b/tmp", False),
        ("*.LOG", "a.log", False),
    ],
)
def test_patterns(folder: Path, pattern: str, path: str, wanted: bool) -> None:
    assert files_tree.is_left_out(path, [pattern]) is wanted


@pytest.mark.parametrize("pattern", ["", "/", "/cache", "cache/", "../x", "a//b", "./a", "a\0b"])
def test_what_is_no_pattern_is_refused(folder: Path, pattern: str) -> None:
    with pytest.raises(EngineError, match="is not a pattern"):
        engine(folder, pattern).check_backup()


MEANWHILE: dict[str, Callable[[Path], object]] = {
    "changed": lambda top: (top / "2026/surat/a.pdf").write_text("lain"),
    "grown": lambda top: (top / "2026/surat/a.pdf").open("a").write("lagi"),
    "removed": lambda top: (top / "2026/surat/a.pdf").unlink(),
    "renamed": lambda top: (top / "2026/surat/a.pdf").rename(top / "2026/surat/c.pdf"),
    "replaced": lambda top: _part(top / "2026/surat/a.pdf"),
    "given another mode": lambda top: (top / "2026/surat/a.pdf").chmod(0o600),
    "moved with its folder": lambda top: (top / "2026/surat").rename(top / "surat"),
    "became a link": lambda top: _relink(top / "2026/surat/a.pdf", "b.pdf"),
    "became a pipe": lambda top: _pipe(top / "2026/surat/a.pdf"),
    "behind a link": lambda top: _behind_link(top / "2026"),
}


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _behind_link(path: Path) -> None:
    other = path.rename(path.with_name("asli"))
    shutil.copytree(other, path.parent.parent / "di luar", symlinks=True)
    path.symlink_to("../di luar")


@pytest.mark.parametrize("change", MEANWHILE.values(), ids=MEANWHILE.keys())
@pytest.mark.parametrize("moment", ["before tar", "after tar"])
def test_a_file_that_changes_meanwhile_is_named(folder: Path, change: Callable[[Path], object], moment: str) -> None:
    told = r"Changed while they were read: .*'2026/surat/a\.pdf'"
    with pytest.raises(EngineError, match=told), engine(folder).snapshot() as snapshot:
        if moment == "before tar":
            change(folder)
        run(snapshot.parts()[0].command)
        if moment == "after tar":
            change(folder)
        snapshot.proof()


def test_a_file_that_grows_all_the_time_is_named(folder: Path) -> None:
    script = (
        "import sys, time\nwith open(sys.argv[1], 'ab', 0) as file:\n"
        "    for _ in range(60000): file.write(bytes(100)); time.sleep(0.001)"
    )
    busy = folder / "sibuk.log"
    with subprocess.Popen([sys.executable, "-c", script, busy]) as process:
        try:
            while not busy.exists() or busy.stat().st_size == 0:
                time.sleep(0.01)
            with pytest.raises(EngineError, match=r"Changed while they were read: 'sibuk\.log'"):
                dump(folder)
            dump(folder, "*.log")
        finally:
            process.kill()
    dump(folder)


def test_a_file_that_is_just_being_uploaded_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_files, "_PAUSES", (0.1,) * 20)
    script = (
        "import sys, time\nwith open(sys.argv[1], 'ab', 0) as file:\n"
        "    for _ in range(10): file.write(bytes(100)); time.sleep(0.05)"
    )
    upload = folder / "unggahan.part"
    with subprocess.Popen([sys.executable, "-c", script, upload]):
        while not upload.exists():
            time.sleep(0.01)
        _data, facts = dump(folder)
    assert [fact for fact in facts if fact["name"] == "unggahan.part" and " size=1000 " in fact["value"]]


def test_many_changes_are_counted(folder: Path) -> None:
    for number in range(50):
        (folder / f"{number:02}").touch()
    with pytest.raises(EngineError, match="'19' and 30 more"), engine(folder).snapshot() as snapshot:
        for number in range(50):
            (folder / f"{number:02}").write_text("lain")
        snapshot.proof()


def test_what_is_added_meanwhile_is_not_in_the_backup(folder: Path) -> None:
    with engine(folder).snapshot() as snapshot:
        (folder / "2026" / "baru").mkdir()
        data = run(snapshot.parts()[0].command)
        (folder / "2026" / "baru.txt").write_text("baru")
        facts = snapshot.proof()
    name = restored(folder, data)
    assert not [path for path in listed(tree(name)) if "baru" in path]
    assert proof.differences(facts, engine(folder).proof_of(name)) == []


def test_another_fault_of_tar_is_told_as_it_is(folder: Path) -> None:
    with pytest.raises(ToolError, match="tar ended with status 64"), engine(folder).snapshot() as snapshot:
        (command := snapshot.parts()[0].command).argv.append("--no-such-option")
        run(command)


def test_a_snapshot_leaves_nothing(folder: Path, state: Path) -> None:
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    with engine(folder).snapshot():
        assert len(list((state / "staging").iterdir())) == 1
    assert list((state / "staging").iterdir()) == []
    assert len(list(descriptors.iterdir())) == before


def _file(path: Path) -> None:
    path.touch()


def _link(path: Path) -> None:
    path.with_name("asli").mkdir()
    path.symlink_to("asli")


def _socket_in_it(path: Path) -> None:
    path.mkdir()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path / "php.sock"))


def _nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (_file, "is not a folder"),
        (_link, "is a symbolic link to"),
        (_nothing, "There is no folder"),
        (_socket_in_it, "'php.sock' is a socket or a device"),
    ],
)
def test_what_is_no_folder_of_files_is_refused(tmp_path: Path, prepare: Callable[[Path], None], told: str) -> None:
    prepare(tmp_path / "x")
    with pytest.raises(EngineError, match=told):
        engine(tmp_path / "x").check_backup()


def test_a_socket_can_be_left_out(tmp_path: Path) -> None:
    _socket_in_it(tmp_path / "x")
    engine(tmp_path / "x", "*.sock").check_backup()


@pytest.mark.parametrize("path", ["/", "/proc"])
def test_a_mount_point_is_refused(path: str) -> None:
    with pytest.raises(EngineError, match="is a mount point"):
        engine(path).check_backup()


@pytest.mark.parametrize("path", ["unggahan", "/srv/../etc", "/srv//unggahan", "/srv/unggahan/", "/tmp/a\0b"])
def test_a_path_must_be_plain(path: str) -> None:
    with pytest.raises(EngineError, match="is not a plain absolute path"):
        files_place.check_path(path)


def test_an_instance_is_refused(folder: Path) -> None:
    with pytest.raises(EngineError, match="have no instances"):
        FilesEngine("5432", str(folder), {}).check_backup()


def test_too_many_files_are_refused_before_anything_begins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "MANIFEST_LIMIT", 1000)
    with pytest.raises(EngineError, match="too many for the proof"):
        engine(folder).check_backup()


@pytest.mark.parametrize("name", [os.fsdecode(name) for name in NAMES])
def test_a_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.mkdir()
    (path / "isi").touch()
    data, facts = dump(path)
    made, new = engine(path), restored(path, data)
    assert proof.differences(facts, made.proof_of(new)) == []
    aside = made.aside_name(str(path), TAG)
    made.swap(new, str(path), aside)
    assert sorted(tmp_path.iterdir()) == sorted([path, Path(aside)])


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"jahat") -> tuple:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, link, 0o777
    made.uid, made.gid = os.geteuid(), os.getegid()
    made.size = len(content) if kind == tarfile.REGTYPE else 0
    return made, content


OUT = "{out}"
FOLDER, LINK, HARD = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
HOSTILE = {
    "up": [member("../jahat"), member("../../jahat"), member("a/../../../jahat")],
    "absolute": [member(f"{OUT}/jahat")],
    "through an absolute link": [member("x", LINK, OUT), member("x/jahat")],
    "through a link up": [member("x", LINK, "../../luar"), member("x/jahat")],
    "through two links": [member("x", LINK, "y"), member("y", LINK, OUT), member("x/jahat"), member("y/jahat")],
    "over a link to a file": [member("x", LINK, f"{OUT}/isi"), member("x")],
    "over a hard link": [member("x", HARD, f"{OUT}/isi"), member("x")],
    "over a hard link up": [member("x", HARD, "../../luar/isi"), member("x")],
    "hard link to a link": [member("x", LINK, f"{OUT}/isi"), member("y", HARD, "x"), member("y")],
    "a folder that becomes a link": [member("x", FOLDER), member("x", LINK, OUT), member("x/jahat")],
    "the top becomes a link": [member(".", LINK, OUT), member("./jahat")],
    "mode of a link's target": [member("x", LINK, OUT), member("x", FOLDER)],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_writes_nowhere_else(tmp_path: Path, folder: Path, members: list[tuple]) -> None:
    outside = tmp_path / "luar"
    outside.mkdir(mode=0o700)
    (outside / "isi").write_text("milik orang lain")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for made, content in members:
            made.name, made.linkname = (text.replace(OUT, str(outside)) for text in (made.name, made.linkname))
            tar.addfile(made, io.BytesIO(content))
    _data, facts = dump(folder)
    made, before = engine(folder), listed(tmp_path)
    name = made.scratch_name(str(folder), TAG)
    made.create(name)
    try:
        run(made.load({"name": "data"}, name), archive.getvalue())
        assert proof.differences(facts, made.proof_of(name))
    except ToolError as error:
        assert "tar ended with status 2" in error.message
    assert (outside / "isi").read_text() == "milik orang lain"
    assert outside.stat().st_mode & 0o777 == 0o700
    made.drop(name)
    assert listed(tmp_path) == before


def test_a_scratch_folder_that_others_put_there_is_not_used(folder: Path, tmp_path: Path) -> None:
    made = engine(folder)
    name = made.scratch_name(str(folder), TAG)
    Path(name).mkdir()
    (tmp_path / "luar").mkdir()
    Path(name, "tree").symlink_to(tmp_path / "luar")
    Path(name).chmod(0o777)
    with pytest.raises(EngineError, match="is not the folder that was made"):
        made.load({"name": "data"}, name)
    Path(name).chmod(0o700)
    with pytest.raises(EngineError, match="Not a directory"):
        made.load({"name": "data"}, name)


def test_what_is_restored_can_only_be_entered_by_us(folder: Path) -> None:
    folder.chmod(0o777)
    data, _facts = dump(folder)
    assert Path(restored(folder, data)).stat().st_mode & 0o777 == 0o700


def replacement(folder: Path) -> tuple[FilesEngine, str, str]:
    """An engine, a new folder to be swapped in, and the name for the old one, which is damaged."""
    data, _facts = dump(folder)
    (folder / "isi.txt").write_text("rusak")
    made = engine(folder)
    return made, restored(folder, data), made.aside_name(str(folder), TAG)


def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system that can only rename."""

    def fail(*_arguments: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(files_swap, "_renameat2", fail)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_swap_keeps_the_old_folder(folder: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool) -> None:
    made, new, aside = replacement(folder)
    if not can_exchange:
        no_exchange(monkeypatch)
    old = folder.stat().st_ino
    made.check_swap(str(folder))
    made.swap(new, str(folder), aside)
    assert (folder / "isi.txt").read_text() == "isi isi.txt"
    assert Path(aside).stat().st_ino == old and Path(aside, "isi.txt").read_text() == "rusak"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["unggahan", f"unggahan.before-{TAG}"]


@pytest.mark.parametrize("can_exchange", [True, False])
@pytest.mark.parametrize("step", [1, 2])
def test_a_failed_swap_puts_everything_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool, step: int
) -> None:
    made, new, aside = replacement(folder)
    if not can_exchange:
        no_exchange(monkeypatch)
    fail_at(monkeypatch, step, OSError(errno.EIO, "Input/output error"), can_exchange)
    with pytest.raises(EngineError, match="Input/output error"):
        made.swap(new, str(folder), aside)
    assert (folder / "isi.txt").read_text() == "rusak" and not Path(aside).exists()
    made.drop(new)
    assert list(folder.parent.iterdir()) == [folder]


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("can_exchange", [True, False])
@pytest.mark.parametrize("step", [1, 2])
def test_clearing_up_after_a_crash_in_the_swap_keeps_the_old_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool, step: int
) -> None:
    made, new, aside = replacement(folder)
    with monkeypatch.context() as crashing:
        if not can_exchange:
            no_exchange(crashing)
        fail_at(crashing, step, Killed(), can_exchange)
        with pytest.raises(Killed):
            made.swap(new, str(folder), aside)
    assert engine(folder).leftovers() == [new]
    made.drop(new)
    assert not Path(new).exists()
    swapped = can_exchange and step == 2
    assert (folder / "isi.txt").read_text() == ("isi isi.txt" if swapped else "rusak")
    assert Path(aside).exists() is swapped
    if swapped:
        assert Path(aside, "isi.txt").read_text() == "rusak"


def fail_at(monkeypatch: pytest.MonkeyPatch, step: int, error: BaseException, can_exchange: bool) -> None:
    """Let the n-th renaming of folders fail; the later ones work."""
    module, name = (files_swap, "_renameat2") if can_exchange else (os, "rename")
    real, calls = getattr(module, name), []

    def rename(*arguments: object, **named: object) -> None:
        calls.append(arguments)
        if len(calls) == step:
            raise error
        real(*arguments, **named)

    monkeypatch.setattr(module, name, rename)


def test_a_folder_in_use_is_not_replaced(folder: Path) -> None:
    made, new, aside = replacement(folder)
    for where, argv in (
        (folder / "2026", ["sleep", "60"]),
        ("/", ["tail", "-f", str(folder / "isi.txt")]),
    ):
        with subprocess.Popen(argv, cwd=where, stdout=subprocess.PIPE) as process:
            if argv[0] == "tail":
                assert process.stdout is not None and process.stdout.read(1)
            try:
                with pytest.raises(EngineError, match=f"is in use by process {process.pid} .{argv[0]}"):
                    made.check_swap(str(folder))
                with pytest.raises(EngineError, match="is in use by process"):
                    made.swap(new, str(folder), aside)
            finally:
                process.kill()
    assert (folder / "isi.txt").read_text() == "rusak" and not Path(aside).exists()
    made.swap(new, str(folder), aside)


@pytest.mark.parametrize("what", ["folder", "empty folder", "file", "link"])
def test_a_copy_does_not_replace_anything(folder: Path, tmp_path: Path, what: str) -> None:
    made, new, _aside = replacement(folder)
    other = tmp_path / "salinan"
    if what == "file":
        other.touch()
    elif what == "link":
        other.symlink_to("tidak ada")
    else:
        other.mkdir()
    if what == "folder":
        (other / "isi").touch()
    before = listed(tmp_path)
    with pytest.raises(EngineError, match=r"exists already|is a symbolic link"):
        made.check_restore({"parts": [], "proof": []}, "copy", str(other))
    with pytest.raises(EngineError, match=r"File exists|is a symbolic link"):
        made.swap(new, str(other), "")
    assert listed(tmp_path) == before


def test_a_copy_gets_its_name(folder: Path, tmp_path: Path) -> None:
    made, new, _aside = replacement(folder)
    made.swap(new, str(tmp_path / "salinan"), "")
    assert (tmp_path / "salinan" / "isi.txt").read_text() == "isi isi.txt"
    assert (folder / "isi.txt").read_text() == "rusak" and not Path(new).exists()


def test_a_folder_that_is_gone_is_replaced(folder: Path) -> None:
    made, new, aside = replacement(folder)
    shutil.rmtree(folder)
    made.swap(new, str(folder), aside)
    assert (folder / "isi.txt").exists() and not Path(aside).exists()


def test_only_scratch_folders_are_dropped(folder: Path) -> None:
    with pytest.raises(EngineError, match="is not a scratch folder"):
        engine(folder).drop(str(folder))
    assert folder.exists()


def test_no_room_for_the_restored_folder(folder: Path, tmp_path: Path) -> None:
    much = {"parts": [{"plain_bytes": 1 << 60}], "proof": []}
    with pytest.raises(EngineError, match="needs 1152921504606846976 bytes"):
        engine(folder).check_restore(much, "copy", str(tmp_path / "baru"))
