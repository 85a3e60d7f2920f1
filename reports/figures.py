"""What a document is made of: measures, figures with where they come from, movements, series and tables, all frozen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, model_validator

from ledger.dates import Quarter, instant_text
from ledger.money import Money

type_of_unit: Mapping[str, type] = {
    "money": Money,
    "count": int,
    "share": Fraction,
    "rate": Decimal,
    "days": int,
    "number": Decimal,
    "text": str,
    "date": date,
}
"""The one type a value of each unit has. A share is an exact fraction of one; a rate is a decimal fraction a year."""

Unit: TypeAlias = Literal["money", "count", "share", "rate", "days", "number", "text", "date"]
Value: TypeAlias = Money | int | Fraction | Decimal | date | str | None
"""`None` always means "not known": it prints as words, never as a blank or a nought."""


def _exact(value: object) -> Value:
    if isinstance(value, (Money, int, Fraction, Decimal, date, str)) or value is None:
        return value
    raise ValueError(f"{type(value).__name__} is not a kind of value a statement prints")


def value_json(value: Value) -> str | int | None:
    """A value as it stands in canonical JSON: amounts, fractions and decimals as text, counts as numbers."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if value is None or isinstance(value, (int, str)) else str(value)


AnyValue = Annotated[Value, PlainValidator(_exact), PlainSerializer(value_json)]


class Frozen(BaseModel):
    """A fact that cannot be altered after it is made, and that refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Provenance(Frozen):
    """Where a figure comes from: the accounts read, as at which day, as known when, and how it is worked out."""

    formula: str
    """The working in words: "the balance of account 1200 in the bank's book"."""
    as_at: date
    known_seq: int
    known_at: datetime
    source: Literal["ledger", "returns", "register", "calculation"] = "ledger"
    book: str = ""
    accounts: tuple[str, ...] = ()
    entries: tuple[tuple[int, int], ...] = ()
    """First and last `seq` of each run of entries behind the figure."""
    entry_count: int = Field(default=0, ge=0)
    returns: tuple[str, ...] = ()
    """The returns behind the figure, by `ret_…`."""


class Measure(Frozen):
    """A thing that is measured: its code, its title in print, its unit, and what exactly it means."""

    code: str
    title: str
    unit: Unit
    definition: str


class Coverage(Frozen):
    """How much of the whole a figure rests on: n of N, and the money of those n out of all the money."""

    known: int = Field(ge=0)
    of: int = Field(ge=0)
    known_money: Money | None = None
    of_money: Money | None = None
    what: str = "loans"

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.known > self.of:
            raise ValueError(f"coverage of {self.known} out of {self.of} is more than the whole")
        return self

    @property
    def share_of_money(self) -> Fraction | None:
        """The exact share of the money that is covered; unknown when there is no money to share."""
        if self.known_money is None or not self.of_money:
            return None
        return Fraction(self.known_money.pence, self.of_money.pence)


class Figure(Frozen):
    """One number with its meaning, its coverage and its provenance; `value` is None when it is not known."""

    measure: Measure
    value: AnyValue
    provenance: Provenance
    coverage: Coverage | None = None

    @model_validator(mode="after")
    def _of_its_unit(self) -> Self:
        check_unit(self.measure.code, self.measure.unit, self.value)
        return self

    @property
    def code(self) -> str:
        """The code of the measure."""
        return self.measure.code


class Movement(Frozen):
    """What a box of money held at the quarter's start, what came in, what went out, and what it holds at the end."""

    measure: Measure
    opening: Money
    added: Money
    taken: Money
    """What went out, as a positive sum."""
    closing: Money
    provenance: Provenance

    @model_validator(mode="after")
    def _rolls_forward(self) -> Self:
        if self.opening + self.added - self.taken != self.closing:
            raise ValueError(
                f"{self.measure.code}: {self.opening} + {self.added} - {self.taken} is not the closing {self.closing}"
            )
        return self

    @property
    def code(self) -> str:
        """The code of the measure."""
        return self.measure.code

    @property
    def change(self) -> Money:
        """What the quarter changed, exact: it is rounded only when it is printed."""
        return self.closing - self.opening


class Point(Frozen):
    """The value at the end of one quarter; None where it is not known."""

    quarter: Quarter
    value: AnyValue


class Series(Frozen):
    """One measure over successive quarters, the oldest first."""

    measure: Measure
    points: tuple[Point, ...]
    provenance: Provenance

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for point in self.points:
            check_unit(self.measure.code, self.measure.unit, point.value)
        if any(later.quarter <= earlier.quarter for earlier, later in pairwise(self.points)):
            raise ValueError(f"{self.measure.code}: the quarters of a series run forward, each once")
        return self


class Column(Frozen):
    """One column of a table: its measure, how it is written (`style`), how wide it is, and the word for "not known"."""

    code: str
    title: str
    unit: Unit
    style: str = ""
    """How a value is written, by name in `reports.formatting.STYLES`; empty takes the unit's own."""
    width: int = 10
    """Relative width."""
    unknown: str = "not known"

    @property
    def align(self) -> Literal["left", "right"]:
        """Words run from the left; whatever is counted ends at the right."""
        return "left" if self.unit == "text" else "right"


class Row(Frozen):
    """One row: its key, which stays the same from quarter to quarter, its cells, and a mark for the eye."""

    key: str = Field(pattern=r"^\S+$")
    cells: tuple[AnyValue, ...]
    mark: Literal["", "warn", "faint", "sum"] = ""


class Adding(Frozen):
    """A sum that a reader can make in a table: rows of each column, or columns of each row, that come to a whole.

    It is meant wherever the exact amounts add: where one is not known, or stands for something else, nothing is said.
    """

    whole: str
    """The key of a row, or the code of a column."""
    parts: tuple[str, ...]
    less: tuple[str, ...] = ()
    """What is taken off."""
    along: Literal["column", "row"] = "column"


class Table(Frozen):
    """Columns, rows and at most one total row, which is printed last in the body and never repeated."""

    code: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    total: Row | None = None
    provenance: tuple[Provenance, ...] = ()
    adding: tuple[Adding, ...] = ()
    """The sums in it besides that of all rows to the total."""
    fitted: Mapping[str, int] = Field(default_factory=dict)
    """By `row.column` what a cell is printed above or below its nearest rounding, in units of its last digit."""

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        for row in self.every_row():
            if len(row.cells) != len(self.columns):
                raise ValueError(f"{self.code}: row {row.key!r} has {len(row.cells)} cells, not {len(self.columns)}")
            for column, cell in zip(self.columns, row.cells, strict=True):
                check_unit(f"{self.code}.{row.key}.{column.code}", column.unit, cell)
        keys = [row.key for row in self.every_row()]
        if len(set(keys)) != len(keys):
            raise ValueError(f"{self.code}: two rows have the same key")
        return self

    def every_row(self) -> Iterator[Row]:
        """The rows and then the total."""
        yield from self.rows
        if self.total is not None:
            yield self.total

    def every_adding(self) -> Iterator[Adding]:
        """The sum of all rows, where there is a total, and the others."""
        if self.total is not None:
            yield Adding(whole=self.total.key, parts=tuple(row.key for row in self.rows))
        yield from self.adding

    def step(self, row: Row, column: Column) -> int:
        """What a cell is printed above or below its nearest rounding, in units of its last digit."""
        return self.fitted.get(f"{row.key}.{column.code}", 0)


def check_unit(what: str, unit: Unit, value: Value) -> None:
    """Refuse a value whose type is not the one its unit has; None is always allowed."""
    wanted = type_of_unit[unit]
    if value is not None and (not isinstance(value, wanted) or isinstance(value, bool)):
        raise ValueError(f"{what}: a {unit} is a {wanted.__name__}, not a {type(value).__name__}")


_DECIMAL: Final = r"-?[0-9]{1,60}(?:\.[0-9]{1,60})?"
_WRITTEN: Final[Mapping[str, tuple[re.Pattern[str], Callable[[str], Value]]]] = {
    "share": (re.compile(r"-?[0-9]{1,60}(?:/0{0,59}[1-9][0-9]{0,59})?"), Fraction),
    "rate": (re.compile(_DECIMAL), Decimal),
    "number": (re.compile(_DECIMAL), Decimal),
    "date": (re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"), date.fromisoformat),
    "text": (re.compile(".*", re.DOTALL), str),
}
_MOST_COUNTED: Final = 10**60
"""How values are written, and no longer: what is longer, or has an exponent, could keep whoever reads it for ever."""


def read_value(unit: Unit, value: object) -> Value:
    """The value that canonical JSON holds, in its own type again; refuses what `value_json` does not write of the unit.

    So a share is a whole number or a quotient by more than nothing, a decimal has no exponent, and neither has more
    than sixty digits on a side; nor has a count, which is a whole number.
    """
    if value is None:
        return None
    if unit == "money":
        return Money.parse(value)
    if unit in _WRITTEN and isinstance(value, str):
        pattern, read = _WRITTEN[unit]
        if pattern.fullmatch(value):
            return read(value)
    counted = type_of_unit[unit] is int and not isinstance(value, bool)
    if counted and isinstance(value, int) and abs(value) < _MOST_COUNTED:
        return value
    raise ValueError(f"{value!r:.60} is not a {unit} as a statement writes one")
