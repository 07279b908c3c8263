"""What every test may import (`support`) and the signed example office that many of them need."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

from support.signed_office import Keyring, SignedOffice

# A slow machine is not a fault, and CI tries the same examples every time: a new one must not stop a change.
settings.register_profile("unhurried", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    """A key pair for every person of the example office, made once."""
    return Keyring(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def signed_office(keyring: Keyring) -> SignedOffice:
    """An office whose trust is signed."""
    return SignedOffice(keyring)
