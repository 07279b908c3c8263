"""Writing the commented example office that a new office starts from."""

from __future__ import annotations

from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from cadangan.errors import BadInput

EXAMPLE_ROLE_YEARS = 5


def write_example_office(directory: Path, today: date) -> list[Path]:
    """Write the example office into `directory`, new or empty, and return its files; `BadInput` if it holds any."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise BadInput(f"{directory} is there already and is not an empty folder", advice="Name a new folder.")
    values = {
        "@today@": today.isoformat(),
        "@year@": str(today.year),
        "@from@": f"{today.year}-01-01",
        "@until@": f"{today.year + EXAMPLE_ROLE_YEARS - 1}-12-31",
    }
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    return _copy(resources.files(__package__).joinpath("example"), directory, values)


def _copy(source: Traversable, target: Path, values: dict[str, str]) -> list[Path]:
    written = []
    for entry in sorted(source.iterdir(), key=lambda each: each.name):
        place = target / entry.name
        if entry.is_dir():
            place.mkdir()
            written += _copy(entry, place, values)
            continue
        text = entry.read_text("utf-8")
        for name, value in values.items():
            text = text.replace(name, value)
        place.write_text(text, "utf-8")
        written.append(place)
    return written
