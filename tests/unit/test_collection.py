"""Which engines there are is what the collection has roles for."""

from __future__ import annotations

import pytest
from cadangan.errors import BadInput
from cadangan.register.collection import check_engine, collections_path, engines


def test_the_collection_is_found_beside_the_package() -> None:
    assert (collections_path() / "ansible_collections" / "diskominfo" / "cadangan" / "galaxy.yml").is_file()


def test_every_engine_role_is_an_engine() -> None:
    assert {"postgresql", "sqlite"} <= set(engines())
    for engine in engines():
        check_engine(engine)


@pytest.mark.parametrize("engine", ["postgres", "", "../target", "oracle"])
def test_an_engine_without_a_role_is_refused(engine: str) -> None:
    with pytest.raises(BadInput, match="there is no engine"):
        check_engine(engine)
