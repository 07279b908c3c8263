"""The register written as a spreadsheet and read again is the same register, whatever its texts look like."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from cadangan.register.asset import Asset
from cadangan.register.spreadsheet.cells import Cells
from cadangan.register.spreadsheet.columns import LANGUAGES
from cadangan.register.spreadsheet.export import rows_of, widths
from cadangan.register.spreadsheet.import_plan import Known, plan_import
from cadangan.register.spreadsheet.mapping_file import MappingFile
from cadangan.register.spreadsheet.sheet import Book, Sheet, Value
from cadangan.register.spreadsheet.spreadsheet_file import read_book, written
from cadangan.register.spreadsheet.vocabulary import Vocabulary
from cadangan.register.written_asset import VARIABLE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.assets import AGENCIES, registers

CELLS = Cells(Vocabulary(AGENCIES))
languages = st.sampled_from(LANGUAGES)


def check_same(book: Book, assets: list[Asset], reached_at: dict[str, str | None]) -> None:
    """Fail unless the book, imported into an empty register, makes it what it was."""
    plan = plan_import(book, Known([], {}), MappingFile(), AGENCIES)
    assert [str(finding) for finding in plan.findings] == []
    again = [Asset.model_validate(variables[VARIABLE] | {"host": host}) for host, variables in plan.new.items()]
    assert again == assets
    assert {host: variables.get("ansible_host") for host, variables in plan.new.items()} == reached_at


def is_formula(cell: Value) -> bool:
    return isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(assets=registers, language=languages, reached=st.booleans())
def test_rows_say_what_the_register_says(assets: list[Asset], language: str, reached: bool) -> None:
    reached_at = {asset.host: f"{asset.host}.example" if reached and asset.host[0] != "_" else None for asset in assets}
    rows = rows_of(assets, reached_at, CELLS, language)
    assert not [cell for row in rows for cell in row if is_formula(cell)]
    check_same(Book([Sheet("Server", rows)]), assets, reached_at)


@pytest.mark.parametrize("kind", [".csv", ".ods", ".xlsx"])
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(assets=registers, language=languages)
def test_files_keep_what_rows_say(kind: str, assets: list[Asset], language: str) -> None:
    reached_at: dict[str, str | None] = {asset.host: None for asset in assets}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"register{kind}"
        file.write_bytes(written(file, "Server", rows_of(assets, reached_at, CELLS, language), widths(language)))
        check_same(read_book(file), assets, reached_at)
