"""How a JSON return is read: strictly, with every number kept as it was written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from intermediaries.returns.bounds import Form, Limits, Unreadable, too_many
from intermediaries.returns.cells import decoded, written
from intermediaries.returns.findings import shown
from intermediaries.returns.layout import COLUMN, Kind
from intermediaries.returns.raw import RawCell, RawReturn, Records, heading

_LISTED: Final = frozenset({Kind.IDS, Kind.GOALS})
_SHAPE: Final = 'an object {"facility", "quarter", "cash_held", "loans": [{…}, …]}'


class _Bare(str):
    """A number or constant exactly as the file writes it."""

    __slots__ = ()


def read_json(data: bytes, limits: Limits) -> RawReturn:
    """The return in a JSON file: an object with the loans as a list of objects, each keyed by the names of the columns.

    Refuses what is not JSON, a member that stands twice in one object, deep nesting, and any other outer shape.
    """
    text = decoded(data)
    if data.count(b"{") + data.count(b"[") > 4 * limits.max_rows or data.count(b",") > 2 * limits.max_members:
        raise too_many(limits)
    whole = _loaded(text)
    loans = _loans(whole)
    columns = tuple(dict.fromkeys(heading(name) for loan in loans for name in loan))
    if len(columns) > limits.max_columns:
        raise too_many(limits)
    rows = Records(columns, lambda: (_line(loan, columns) for loan in loans), limits)
    said = ((heading(name), _cell("", value)) for name, value in whole.items() if heading(name) != "loans")
    header = {name: (cell,) for name, cell in said if cell}
    return RawReturn("json", columns, rows, header)


def _loans(whole: Any) -> list[dict[str, Any]]:
    """The loans of the file; refuses any other outer shape, saying what stands in its place."""
    if not isinstance(whole, dict):
        raise _no("wrong-shape", f"The file is {_kind(whole)}, and no object with a list of loans in it.", "")
    loans = next((value for name, value in whole.items() if heading(name) == "loans"), None)
    if not isinstance(loans, list):
        missing = all(heading(name) != "loans" for name in whole)
        found = 'has no member "loans"' if missing else f'has {_kind(loans)} as its "loans", and no list'
        raise _no("wrong-shape", f"The file {found}.", ", ".join(whole)[:80])
    for place, loan in enumerate(loans, 1):
        if not isinstance(loan, dict):
            raise _no("wrong-shape", f"Loan {place} of the file is {_kind(loan)}, and no object.", str(loan)[:80])
    return loans


def _kind(value: object) -> str:
    if isinstance(value, _Bare):
        return "a number"
    known = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing (null)"}
    return known.get(type(value), "a value")


def _line(loan: Mapping[str, Any], columns: tuple[str, ...]) -> list[RawCell | None]:
    named = {heading(name): value for name, value in loan.items()}
    return [_cell(name, named.get(name)) for name in columns]


def _cell(name: str, value: object) -> RawCell | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return written("true" if value else "false", Form.BARE)
    if isinstance(value, _Bare):
        return written(str(value), Form.BARE)
    if isinstance(value, str):
        return written(value)
    if isinstance(value, list) and name in COLUMN and COLUMN[name].kind in _LISTED and _all_text(value):
        return written(";".join(value))
    return RawCell("[…]" if isinstance(value, list) else "{…}", Form.NESTED)


def _all_text(values: list[object]) -> bool:
    return all(isinstance(value, str) and not isinstance(value, _Bare) for value in values)


def _loaded(text: str) -> Any:
    kept: Callable[[str], _Bare] = _Bare
    try:
        return json.loads(text, parse_float=kept, parse_int=kept, parse_constant=kept, object_pairs_hook=_once)
    except json.JSONDecodeError as broken:
        where = f"line {broken.lineno}, column {broken.colno}"
        raise _no("broken-json", f"The file is not JSON: {broken.msg} at {where}.", "") from broken
    except RecursionError as deep:
        raise _no("broken-json", "The file is nested far deeper than a return.", "") from deep


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    names = Counter(heading(name) for name in found)
    if len(found) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise _no("repeated-member", f"The member {shown(twice)!r} stands twice in one object.", twice)
    if len(names) != len(found):
        twice = names.most_common(1)[0][0]
        raise _no(
            "repeated-member", f"The member {shown(twice)!r} stands twice in one object, written two ways.", twice
        )
    return found


def _no(rule: str, message: str, value: str) -> Unreadable:
    return Unreadable(
        rule, message, expected=_SHAPE, remedy="Mend the file, or start from our JSON template.", value=value
    )
