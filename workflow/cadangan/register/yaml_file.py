"""Reading a YAML file of the user into a model, with errors that say where and what, for people."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.scalarbool import ScalarBoolean
from ruamel.yaml.scalarfloat import ScalarFloat
from ruamel.yaml.scalarint import ScalarInt

from cadangan.errors import BadInput, Missing
from cadangan.procedure.names import did_you_mean, printable

Location = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)

_LIMIT = 1 << 20
_DEPTH = 32

_SAYS = {
    "missing": "is missing",
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "date_type": "must be a date like 2026-11-25",
    "date_from_datetime_inexact": "must be a date like 2026-11-25, without a time",
    "list_type": "must be a list",
    "dict_type": "must be names with values (name: value)",
    "model_type": "must be names with values (name: value)",
    "model_attributes_type": "must be names with values (name: value)",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}


class _Constructor(RoundTripConstructor):
    """Says where a date stands that there is not."""

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:
        try:
            return super().construct_yaml_timestamp(node, values)
        except ValueError as error:
            raise ConstructorError(None, None, f"{node.value} is not a date: {error}", node.start_mark) from error


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_yaml_timestamp)


class YamlFile:
    """A YAML file that was read: its plain values in `data`, and where in the file each of them stands."""

    def __init__(self, path: Path, tree: Any) -> None:
        self.path = path
        self._tree = tree
        self.data = _plain(tree)

    @classmethod
    def read(cls, path: Path) -> YamlFile:
        """Read `path`; `Missing` if it is not there, `BadInput` with line and column if it is not YAML."""
        _refuse_tricks(path)
        return cls(path, load_tree(path))

    def validate(self, model: type[Model]) -> Model:
        """The file as `model`; `BadInput` naming every wrong field otherwise."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            faults = [
                (detail["loc"], say(model, detail)) for detail in error.errors(include_url=False, include_context=True)
            ]
        raise self.faults(faults)

    def fault(self, location: Location, what: str) -> BadInput:
        """The error to raise for what is wrong at `location`."""
        return self.faults([(location, what)])

    def faults(self, found: Iterable[tuple[Location, str]]) -> BadInput:
        lines = [f"{self._where(location)}: {what}" for location, what in found]
        return BadInput("\n".join(lines))

    def _where(self, location: Location) -> str:
        line, column = self._position(location)
        field = field_name(location)
        return f"{_at(self.path, line, column)}: {field}" if field else _at(self.path, line, column)

    def _position(self, location: Location) -> tuple[int, int]:
        """Line and column, from 0, of the nearest thing to `location` that the file has."""
        node, position = self._tree, (0, 0)
        for piece in location:
            # What was added since the file was read has no place of its own.
            if not isinstance(node, CommentedMap | CommentedSeq) or piece not in (node.lc.data or {}):
                break
            position = node.lc.key(piece) if isinstance(node, CommentedMap) else node.lc.item(piece)
            node = node[piece]
        return position


def load_tree(path: Path) -> Any:
    """The YAML in `path` with ruamel's own types, which remember places; errors as `YamlFile.read`."""
    text = _text(path)
    with _errors_in(path):
        yaml = YAML()
        yaml.Constructor = _Constructor
        yaml.preserve_quotes = True
        return yaml.load(text)


def field_name(location: Location) -> str:
    """`items[2].database`: a place in a file, counted from 1 as people do."""
    name = ""
    for piece in location:
        name += f"[{piece + 1}]" if isinstance(piece, int) else f"{'.' if name else ''}{printable(piece)}"
    return name


def say(model: type[BaseModel], detail: ErrorDetails) -> str:
    """What a validation error of `model` means, in plain words, with the nearest known name for a typo."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind in _SAYS:
        return _SAYS[kind]
    if kind == "extra_forbidden":
        advice = did_you_mean(str(detail["loc"][-1]), _known_fields(model, detail["loc"][:-1]))
        return f"is not a field here. {advice}".rstrip()
    if kind == "literal_error":
        return f"must be {context['expected']}, not {value!r}"
    if kind in ("string_too_long", "too_long"):
        unit = "characters" if kind == "string_too_long" else "entries"
        return f"is too long: at most {context['max_length']} {unit}"
    if kind == "string_pattern_mismatch":
        return f"{value!r} does not fit: lower-case letters, digits and hyphens only"
    if kind == "value_error":
        return str(context["error"])
    return detail["msg"][0].lower() + detail["msg"][1:]


def _known_fields(model: type[BaseModel], location: Location) -> list[str]:
    kind: Any = model
    for piece in location:
        kind = _inner(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = next(
                (field.annotation for name, field in kind.model_fields.items() if piece in (name, field.alias)),
                None,
            )
        else:
            kind = (typing.get_args(kind) or (None,))[-1]
    kind = _inner(kind)
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _inner(kind: Any) -> Any:
    """`X` for `Annotated[X, …]` and `X | None`."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _inner(typing.get_args(kind)[0])
    if origin in (UnionType, typing.Union):
        return _inner(next(part for part in typing.get_args(kind) if part is not type(None)))
    return kind


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT + 1)
    except FileNotFoundError as error:
        raise Missing("there is no such file", where=str(path)) from error
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(raw) > _LIMIT:
        raise BadInput(f"is larger than {_LIMIT} bytes", where=str(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInput("is not UTF-8 text", where=f"{path}:{line}", advice="Save it as UTF-8.") from error


@contextmanager
def _errors_in(path: Path) -> Iterator[None]:
    try:
        yield
    except MarkedYAMLError as error:
        raise _syntax_error(path, error) from error
    except (YAMLError, ValueError) as error:
        raise BadInput(f"is not YAML: {error}", where=str(path)) from error


def _refuse_tricks(path: Path) -> None:
    """Refuse what makes a small file slow or huge to read: deep nesting, and aliases that unfold."""
    depth, text = 0, _text(path)
    with _errors_in(path):
        for event in YAML().parse(text):
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            where = _at(path, event.start_mark.line, event.start_mark.column)
            if depth > _DEPTH:
                raise BadInput("is nested too deeply", where=where)
            if isinstance(event, AliasEvent):
                raise BadInput("YAML aliases are not used here", where=where, advice="Write the value out.")


def _syntax_error(path: Path, error: MarkedYAMLError) -> BadInput:
    mark = error.problem_mark or error.context_mark
    where = _at(path, mark.line, mark.column) if mark else str(path)
    if isinstance(error, DuplicateKeyError):
        name = str(error.problem).partition(" with value ")[0].removeprefix("found duplicate key ")
        return BadInput(f"{name} is there twice", where=where, advice="Keep one of the two.")
    problem = str(error.problem or error.context or "is not YAML").splitlines()[0]
    return BadInput(problem, where=where, advice="Correct the YAML there; indentation and quotes are the usual cause.")


def _at(path: Path, line: int, column: int) -> str:
    return f"{path}:{line + 1}:{column + 1}"


def _plain(node: Any) -> Any:
    """`node` without ruamel's own types; a value with a YAML tag stays what it is, and no model takes it."""
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    if isinstance(node, ScalarBoolean):
        return bool(node)
    if isinstance(node, ScalarInt):
        return int(node)
    if isinstance(node, ScalarFloat):
        return float(node)
    if isinstance(node, str):
        return str(node)
    return node
