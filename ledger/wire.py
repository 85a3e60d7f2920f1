"""How a value of ours travels: as text on every wire, read by its own parser and written by its own `str`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic_core import CoreSchema, core_schema

from ledger.refusals import Malformed

T = TypeVar("T")


def text_schema(kind: type[T], parse: Callable[[object], T]) -> CoreSchema:
    """The pydantic schema of a type that is text on every wire: what is not text, or not its text, is refused."""

    def read(value: object) -> T:
        if isinstance(value, kind):
            return value
        try:
            return parse(value)
        except Malformed as fault:
            raise ValueError(fault.sentence) from fault

    written = core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema())
    return core_schema.no_info_plain_validator_function(read, serialization=written)


def text_shape(pattern: str, description: str, example: str) -> dict[str, Any]:
    """What OpenAPI says of a type that is text on every wire."""
    return {"type": "string", "pattern": pattern, "description": description, "examples": [example]}
