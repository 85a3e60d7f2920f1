"""`/v1/code-lists`: every list of codes that a return may use, with its titles, version, dates and source."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import BaseModel

from bank.allocations.products.registry import FACILITY_PRODUCT
from bank.api.door import AnyKey, router
from intermediaries.outcomes.codes import CODE_LISTS
from intermediaries.outcomes.lists import CodeList
from ledger.refusals import NotFound

routes = router("/code-lists", "code lists")

_SERVED: Final = {**CODE_LISTS, FACILITY_PRODUCT.name: FACILITY_PRODUCT}
"""The partners' lists, and the bank's own of its products."""


class CodeOut(BaseModel):
    """One code."""

    code: str
    title: str
    valid_from: date
    valid_to: date | None


class CodeListOut(BaseModel):
    """One list."""

    name: str
    title: str
    version: str
    valid_from: date
    valid_to: date | None
    source: str
    codes: list[CodeOut]


class CodeLists(BaseModel):
    """All lists."""

    items: list[CodeListOut]
    next_cursor: None = None


@routes.get("")
def code_lists(desk: AnyKey) -> CodeLists:
    """Every list."""
    del desk  # any key in force opens this
    return CodeLists(items=[_out(found) for found in _SERVED.values()])


@routes.get("/{name}")
def code_list(desk: AnyKey, name: str) -> CodeListOut:
    """One list by its name."""
    del desk
    if name not in _SERVED:
        raise NotFound(f"There is no code list {name!r:.60}: the lists are {', '.join(_SERVED)}")
    return _out(_SERVED[name])


def _out(found: CodeList) -> CodeListOut:
    return CodeListOut(
        name=found.name,
        title=found.title,
        version=found.version,
        valid_from=found.valid_from,
        valid_to=found.valid_to,
        source=found.source,
        codes=[
            CodeOut(code=code.code, title=code.title, valid_from=code.valid_from, valid_to=code.valid_to)
            for code in found.codes
        ],
    )
