"""Write spreadsheets in the open format (ODS): sheets with headings, widths of columns, and what to choose from."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from odfdo import Cell, Document, Element, Paragraph, Row, Style, Table

from cadangan.register.spreadsheet.sheet import Uncomputed, Value

HEAD, TEXT, LINE, TITLE = "cadangan-head", "cadangan-text", "cadangan-line", "cadangan-title"
"""How a row looks: headings of columns; text wrapped in its cell; text that runs on over the next cells; a title."""
ASKED = "cadangan-asked"
"""How cells look that somebody is to fill in."""
_DAY, _DAY_FORMAT = "cadangan-day", "cadangan-day-format"
# Without one, a date is shown in whatever way the program likes, and as ### where that is too wide.
_DATE_STYLE = (
    f'<number:date-style style:name="{_DAY_FORMAT}"><number:year number:style="long"/><number:text>-</number:text>'
    '<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>'
    "</number:date-style>"
)
_COLUMN = "cadangan-column-"
# What neither LibreOffice nor Excel takes in the name of a sheet, nor more letters.
_NOT_IN_NAMES, _LONGEST_NAME = re.compile(r"[\[\]*?:/\\'\"]"), 31
_STYLES = (
    (
        "table-cell",
        HEAD,
        '<style:table-cell-properties fo:background-color="#ececec" fo:border="0.5pt solid #777777" '
        'fo:wrap-option="wrap" style:vertical-align="middle"/><style:paragraph-properties fo:text-align="center"/>'
        '<style:text-properties fo:font-weight="bold"/>',
    ),
    (
        "table-cell",
        TEXT,
        '<style:table-cell-properties fo:border="0.2pt solid #aaaaaa" fo:wrap-option="wrap" '
        'style:vertical-align="top"/>',
    ),
    (
        "table-cell",
        ASKED,
        '<style:table-cell-properties fo:background-color="#fff8d0" fo:border="0.5pt solid #777777" '
        'fo:wrap-option="wrap" style:vertical-align="top"/>',
    ),
    ("table-cell", LINE, ""),
    ("table-cell", TITLE, '<style:text-properties fo:font-weight="bold"/>'),
)
_PAGE = {
    "fo:page-width": "29.7cm",
    "fo:page-height": "21cm",
    "style:print-orientation": "landscape",
    "style:scale-to-X": "1",
    "style:scale-to-Y": "0",
}


@dataclass(frozen=True)
class Choice:
    """The values among which one is chosen in a column; the program refuses others."""

    name: str
    values: tuple[str, ...]


class OdsWriter:
    """A file to be; `language` (`id`, `en`) and `title` go into its metadata. Text is text, whatever it begins with."""

    def __init__(self, *, language: str, title: str) -> None:
        self._document = Document("spreadsheet")
        self._document.body.clear()
        self._document.meta.title = title
        self._document.meta.language = language
        for family, name, properties in _STYLES:
            self._add_style(family, name, properties)
            if name == TEXT:
                self._add_style(family, _DAY, properties, data_style=_DAY_FORMAT)
        self._document.insert_style(_DATE_STYLE, automatic=True)
        self._fit_pages()
        self._names: set[str] = set()
        self._validations: list[Choice] = []
        self._widths: set[str] = set()

    def add_sheet(
        self,
        name: str,
        widths: Sequence[float],
        rows: Iterable[Sequence[Value]],
        *,
        styles: Mapping[int, str] | None = None,
        columns: Mapping[int, str] | None = None,
        choices: Mapping[int, Choice] | None = None,
    ) -> str:
        """Add a sheet and give the name that it got, which is `name` as far as programs allow it.

        `widths` of the columns are in centimetres; `styles` those of rows that are no plain text, by their number.
        `columns` are the styles of columns, and `choices` what is chosen from in them, below the last such row.
        """
        styles, columns, choices = styles or {}, columns or {}, choices or {}
        table = Table(self._free_name(name))
        for width in widths:
            column = Element.from_tag("table:table-column")
            column.set_attribute("table:style-name", self._width_style(width))
            table.append(column)
        first_line = max(styles, default=-1) + 1
        for number, values in enumerate(rows):
            is_line = number >= first_line
            row, empty = Row(), None
            for place, value in enumerate(values):
                style = columns.get(place, TEXT) if is_line else styles.get(number, TEXT)
                choice = choices.get(place) if is_line else None
                if empty is not None and value is None and empty.style == style and choice is None:
                    empty.repeated = (empty.repeated or 1) + 1
                    continue
                cell = _cell(value, style)
                if choice is not None:
                    cell.set_attribute("table:content-validation-name", choice.name)
                empty = cell if value is None and choice is None else None
                # The library's own ways to add cells and rows count all of them again each time.
                Element.append(row, cell)
            Element.append(table, row)
        self._validations += choices.values()
        self._document.body.append(table)
        return str(table.name)

    def to_bytes(self) -> bytes:
        """The file."""
        if self._validations:
            self._document.body.insert(_validations(self._validations), position=0)
        file = io.BytesIO()
        self._document.save(file)
        return file.getvalue()

    def _fit_pages(self) -> None:
        """Print on A4 across, as wide as a page."""
        layouts = self._document.styles.get_elements("//style:page-layout/style:page-layout-properties")
        for name, value in _PAGE.items():
            layouts[0].set_attribute(name, value)

    def _free_name(self, name: str) -> str:
        plain = _NOT_IN_NAMES.sub(" ", name).strip()[:_LONGEST_NAME].strip() or "1"
        free, number = plain, 1
        while free.casefold() in self._names:
            number += 1
            free = f"{plain[: _LONGEST_NAME - len(str(number)) - 1]} {number}"
        self._names.add(free.casefold())
        return free

    def _width_style(self, centimetres: float) -> str:
        name = f"{_COLUMN}{round(centimetres * 10)}"
        if name not in self._widths:
            self._widths.add(name)
            properties = f'<style:table-column-properties style:column-width="{centimetres:.1f}cm"/>'
            self._add_style("table-column", name, properties)
        return name

    def _add_style(self, family: str, name: str, properties: str, data_style: str = "") -> None:
        style = Element.from_tag(f'<style:style style:name="{name}" style:family="{family}">{properties}</style:style>')
        assert isinstance(style, Style)
        if data_style:
            style.set_attribute("style:data-style-name", data_style)
        self._document.insert_style(style, automatic=True)


def _cell(value: Value, style: str) -> Cell:
    assert not isinstance(value, Uncomputed)
    cell = Cell(style=_DAY if isinstance(value, date) and style == TEXT else style)
    if isinstance(value, str):
        cell.set_attribute("office:value-type", "string")
        for line in value.split("\n"):
            cell.append(Paragraph(line))
    elif value is not None:
        cell.set_value(value)
    return cell


def _validations(choices: Sequence[Choice]) -> Element:
    whole = Element.from_tag("table:content-validations")
    for choice in choices:
        listed = ";".join('"' + value.replace('"', '""') + '"' for value in choice.values)
        validation = Element.from_tag("table:content-validation")
        validation.set_attribute("table:name", choice.name)
        validation.set_attribute("table:condition", f"of:cell-content-is-in-list({listed})")
        validation.set_attribute("table:allow-empty-cell", "true")
        validation.set_attribute("table:display-list", "unsorted")
        message = Element.from_tag("table:error-message")
        message.set_attribute("table:message-type", "stop")
        message.set_attribute("table:display", "true")
        validation.append(message)
        whole.append(validation)
    return whole
