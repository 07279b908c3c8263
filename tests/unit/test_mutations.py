"""No damaged permit, order or trust document is accepted: 10,000 random mutations of each."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.permit import check_order, check_permit
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain
from support.mutations import mutations
from support.signed_office import SignedOffice

pytestmark = pytest.mark.slow

COUNT = 10_000
SAMPLE = 50  # of each of the four documents, for ssh-keygen itself

Call = tuple[bytes, str, str, str]


def assert_none_accepted(
    original: bytes, accept: Callable[[bytes], object], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`accept` takes `original`, and raises `Refused` for every mutation of it.

    ssh-keygen is replaced by what it said about the original, and is itself asked about a sample of the signatures
    that got past the parser.
    """
    ssh_keygen = sshsig.run_ssh_keygen
    good: set[Call] = set()

    def remember(*call: str) -> bool:
        good.add(call)
        return ssh_keygen(*call)

    monkeypatch.setattr(sshsig, "run_ssh_keygen", remember)
    accept(original)
    asked: set[Call] = set()

    def look_up(*call: str) -> bool:
        asked.add(call)
        return call in good

    monkeypatch.setattr(sshsig, "run_ssh_keygen", look_up)
    for mutation in mutations(original, COUNT, seed):
        with pytest.raises(Refused):
            accept(mutation)
    doubtful = sorted(asked - good)
    for call in random.Random(seed).sample(doubtful, SAMPLE):
        assert not ssh_keygen(*call)


def test_no_mutated_permit_is_accepted(signed_office: SignedOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    permit = signed_office.case().permit
    pinned = signed_office.pinned
    assert_none_accepted(permit, lambda data: check_permit(data, signed_office.now, pinned), 1, monkeypatch)


def test_no_mutated_order_is_accepted(signed_office: SignedOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    case = signed_office.case()
    permit = check_permit(case.permit, signed_office.now, signed_office.pinned)

    def accept(data: bytes) -> None:
        check_order(permit, shape.parse(data, "order"), signed_office.now, "1")

    assert_none_accepted(canonical.dumps(case.order()), accept, 2, monkeypatch)


def test_no_mutated_first_trust_is_accepted(signed_office: SignedOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    def accept(data: bytes) -> None:
        TrustChain.check([shape.parse(data, "trust")], None)

    assert_none_accepted(canonical.dumps(signed_office.chain[0]), accept, 3, monkeypatch)


def test_no_mutated_later_trust_is_accepted(signed_office: SignedOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = signed_office.chain[0], signed_office.renew_trust()

    def accept(data: bytes) -> None:
        TrustChain.check([first, shape.parse(data, "trust")], None)

    assert_none_accepted(canonical.dumps(second), accept, 4, monkeypatch)
