"""A document ready to be typeset: sections of blocks in order, every word and number already written."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from reports.figures import Frozen, Measure, Table
from reports.statements.inputs import Issue


class Print(Frozen):
    """A number printed outside a table: what it refers to, in which style, and the text on the page."""

    reference: str
    style: str
    text: str


class Said(Frozen):
    """A sentence, and every number in it."""

    text: str = ""
    prints: tuple[Print, ...] = ()


class Prose(Frozen):
    """Paragraphs."""

    kind: Literal["prose"] = "prose"
    said: tuple[Said, ...]
    tone: Literal["", "note", "warn"] = ""


class Listing(Frozen):
    """Short points one under another, under a heading of their own."""

    kind: Literal["listing"] = "listing"
    heading: str = ""
    said: tuple[Said, ...]
    numbered: bool = False


class BigFigure(Frozen):
    """A number that is read from across the table."""

    label: str
    figure: Said
    under: Said
    spark: str = ""
    """SVG."""


class BigFigures(Frozen):
    """Up to four of them side by side."""

    kind: Literal["figures"] = "figures"
    items: tuple[BigFigure, ...]


class Chart(Frozen):
    """A drawing with the sentence it shows above it, and its unit under that."""

    kind: Literal["chart"] = "chart"
    heading: str = ""
    subtitle: str = ""
    svg: str
    prints: tuple[Print, ...] = ()
    note: Said = Said()
    behind: tuple[Measure, ...] = ()
    """The measures drawn: each is linked to what it means and to its entry in the data."""


class Tabulated(Frozen):
    """A table under the sentence it shows, with its notes."""

    kind: Literal["table"] = "table"
    heading: str = ""
    caption: str
    """What the table holds, with unit and day: always printed."""
    table: Table
    note: Said = Said()
    empty: str = "Nothing to report."
    """Printed in place of the rows when there are none."""
    small: bool = False
    prints: tuple[Print, ...] = ()
    """Numbers that stand in columns of words."""


class Facts(Frozen):
    """Names and values, a pair a line."""

    kind: Literal["facts"] = "facts"
    pairs: tuple[tuple[str, str], ...]


class Definitions(Frozen):
    """What every measure of the document means."""

    kind: Literal["definitions"] = "definitions"
    measures: tuple[Measure, ...]


class Answer(Frozen):
    """One question with its answer in a word, and what the figures say to it."""

    question: str
    mark: str
    said: Said


class Answers(Frozen):
    """Questions one under another, each with its answer."""

    kind: Literal["answers"] = "answers"
    items: tuple[Answer, ...]


Block: TypeAlias = Prose | Listing | BigFigures | Chart | Tabulated | Facts | Definitions | Answers


class Pair(Frozen):
    """Two blocks side by side, the left one wider unless they are equal.

    On either side several may stand one under another, and are read before the other side.
    """

    kind: Literal["pair"] = "pair"
    left: Block | tuple[Block, ...]
    right: Block | tuple[Block, ...]
    equal: bool = False

    @property
    def columns(self) -> tuple[tuple[Block, ...], ...]:
        """What stands on the left, and what on the right."""
        return tuple(side if isinstance(side, tuple) else (side,) for side in (self.left, self.right))


class Section(Frozen):
    """A heading that states the finding, and what shows it."""

    code: str
    heading: Said
    lead: Said = Said()
    blocks: tuple[Block | Pair, ...] = ()
    new_page: bool = False


class Document(Frozen):
    """The whole statement, or a notice, with the data that goes with it."""

    kind: Literal["portfolio", "impact", "drawdown", "receipt", "allocation"]
    title: str
    issue: Issue
    headline: Said
    standfirst: Said
    cover: tuple[Block | Pair, ...]
    sections: tuple[Section, ...]
    data: bytes
    """Canonical JSON of every figure, movement, series and table, and of every number printed: `figures.json`."""
    data_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
