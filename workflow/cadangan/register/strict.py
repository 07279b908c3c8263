"""How the models of the asset register read: nothing unknown, no value of another type, docstrings as descriptions."""

from __future__ import annotations

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)
