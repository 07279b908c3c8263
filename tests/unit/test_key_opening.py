"""Opening the wrapped key of a set with age."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey
from cadangan.errors import BadInput, Missing, WorkFailed
from cadangan.evidence.catalogue import KeptSet
from cadangan.evidence.key_opening import open_kept_key, open_set_key
from support.terminal import at_a_terminal


def make_identity(path: Path) -> str:
    """Write a new identity to `path` and return its recipient."""
    subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True)
    return subprocess.run(["age-keygen", "-y", path], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    make_identity(tmp_path / "ani.key")
    return tmp_path / "ani.key"


@pytest.fixture
def secret(tmp_path: Path) -> str:
    make_identity(tmp_path / "set.key")
    return (tmp_path / "set.key").read_text().splitlines()[-1]


def wrap(text: str, identity: Path) -> bytes:
    recipient = subprocess.run(["age-keygen", "-y", identity], check=True, capture_output=True, text=True).stdout
    argv = ["age", "--armor", "--recipient", recipient.strip()]
    return subprocess.run(argv, input=f"{text}\n".encode(), check=True, capture_output=True).stdout


def test_a_recipient_opens_the_key(identity: Path, secret: str) -> None:
    assert open_set_key(wrap(secret, identity), identity) == secret


def test_somebody_else_does_not(identity: Path, secret: str, tmp_path: Path) -> None:
    make_identity(tmp_path / "budi.key")
    with pytest.raises(BadInput, match="none of the recipients"):
        open_set_key(wrap(secret, identity), tmp_path / "budi.key")


def test_an_identity_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no age identity file"):
        open_set_key(b"", tmp_path / "none")


def kept(secret: str, **keys: bytes) -> KeptSet:
    """A set with the key `secret`, and these wrapped keys, the newest first."""
    recipient = SetKey.of(secret).recipient
    return KeptSet("id", {"recipient": recipient}, "", b"", "", keys)


def test_a_set_is_opened_by_whichever_of_its_keys_fits(identity: Path, secret: str, tmp_path: Path) -> None:
    make_identity(tmp_path / "budi.key")
    other = wrap((tmp_path / "budi.key").read_text().splitlines()[-1], identity)
    for newest in (b"cut off", wrap(secret, tmp_path / "budi.key"), other):
        assert open_kept_key(kept(secret, newest=newest, first=wrap(secret, identity)), identity).identity == secret


def test_the_key_of_another_set_is_not_taken_for_this_one(identity: Path, secret: str, tmp_path: Path) -> None:
    make_identity(tmp_path / "budi.key")
    other = wrap((tmp_path / "budi.key").read_text().splitlines()[-1], identity)
    with pytest.raises(WorkFailed, match="not that set's"):
        open_kept_key(kept(secret, newest=other), identity)


def test_of_several_keys_that_do_not_open_the_newest_is_told(identity: Path, secret: str, tmp_path: Path) -> None:
    make_identity(tmp_path / "budi.key")
    with pytest.raises(BadInput, match="none of the recipients"):
        open_kept_key(kept(secret, newest=wrap(secret, tmp_path / "budi.key"), first=b"cut off"), identity)


@pytest.mark.parametrize("content", ["", "nonsense\n", "-----BEGIN OPENSSH PRIVATE KEY-----\n"])
def test_a_file_that_is_no_identity(identity: Path, secret: str, tmp_path: Path, content: str) -> None:
    (tmp_path / "other").write_text(content)
    with pytest.raises(BadInput, match="not an age identity"):
        open_set_key(wrap(secret, identity), tmp_path / "other")


@pytest.mark.parametrize("key_age", [b"", b"nonsense", b"-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n"])
def test_a_damaged_key(identity: Path, key_age: bytes) -> None:
    with pytest.raises(WorkFailed, match=r"key\.age cannot be opened"):
        open_set_key(key_age, identity)


def test_something_else_in_the_lock_is_not_printed(identity: Path) -> None:
    with pytest.raises(WorkFailed, match="holds no age key") as caught:
        open_set_key(wrap("something else", identity), identity)
    assert "something else" not in str(caught.value)


def test_age_that_is_not_installed(identity: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="age is not installed"):
        open_set_key(b"", identity)


def test_a_passphrase_is_asked_for_at_the_terminal(identity: Path, secret: str, tmp_path: Path) -> None:
    protected = tmp_path / "protected.key"
    at_a_terminal(
        ["/usr/bin/age", "--passphrase", "--output", str(protected), str(identity)], "kata sandi", "kata sandi"
    )
    (tmp_path / "key.age").write_bytes(wrap(secret, identity))
    program = (
        "import sys; from pathlib import Path; from cadangan.evidence.key_opening import open_set_key;"
        " print('opened', open_set_key(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])) == sys.argv[3])"
    )
    shown = at_a_terminal(
        [sys.executable, "-c", program, str(tmp_path / "key.age"), str(protected), secret], "kata sandi"
    )
    assert "opened True" in shown
    assert "kata sandi" not in shown


def test_a_passphrase_without_a_terminal_is_told(identity: Path, secret: str, tmp_path: Path) -> None:
    protected = tmp_path / "protected.key"
    at_a_terminal(["/usr/bin/age", "--passphrase", "--output", str(protected), str(identity)], "rahasia", "rahasia")
    (tmp_path / "key.age").write_bytes(wrap(secret, identity))
    program = (
        "import sys; from pathlib import Path; from cadangan.evidence.key_opening import open_set_key;"
        " open_set_key(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "key.age", protected],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert "protected by a passphrase" in done.stderr
