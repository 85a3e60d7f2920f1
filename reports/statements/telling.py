"""How a sentence is made from figures: the number in it is worked out, written and noted down in one act."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from reports import rounding
from reports.document import (
    Answers,
    BigFigures,
    Block,
    Chart,
    Document,
    Listing,
    Pair,
    Print,
    Prose,
    Said,
    Section,
    Tabulated,
)
from reports.figures import Figure, Measure, Movement, Series, Table, Value
from reports.reckoning import Reckoner
from reports.seal import digest, figures_data
from reports.statements.inputs import Issue

Part = str | tuple[str, str]
"""A piece of a sentence: words as they are, or a reference with the style to write it in."""


class Bundle:
    """Everything one statement is made of, from which sentences are told and the document is bound."""

    def __init__(
        self,
        *,
        figures: Iterable[Figure] = (),
        movements: Iterable[Movement] = (),
        series: Iterable[Series] = (),
        tables: Iterable[Table] = (),
    ) -> None:
        self.figures = tuple(figures)
        self.movements = tuple(movements)
        self.series = tuple(series)
        told = [figure.value for figure in self.figures]
        told += [amount for box in self.movements for amount in (box.opening, box.closing)]
        rounded = rounding.fitted(tuple(tables), told)
        self.tables = {table.code: table for table in rounded}
        self._rounding = rounding.Rounding(rounded)
        self._reckoner = Reckoner.of(self.figures, self.movements, self.tables.values(), self.series)

    def worth(self, reference: str) -> Value:
        """The exact value a reference stands for."""
        return self._reckoner.worth(reference)

    def holds(self, reference: str) -> bool:
        """Whether the value is known and is not nothing."""
        return bool(self.worth(reference))

    @property
    def capital(self) -> str:
        """The reference to all the bank has to lend from: what the trust paid in, and others where they are told."""
        others = any(box.code == "b_shares" for box in self.movements)
        return "bank.closing + b_shares.closing" if others else "bank.closing"

    def written(self, reference: str, style: str) -> Print:
        """The value, written in the style, as it stands in its table where it is a cell of one."""
        text = self._rounding.write(reference, style, self.worth(reference))
        return Print(reference=reference, style=style, text=text)

    def tell(self, template: str, /, **parts: Part) -> Said:
        """The template with its parts put in: words as they are, references worked out and written."""
        used = {name: part for name, part in parts.items() if f"{{{name}}}" in template}
        prints = {name: self.written(*part) for name, part in used.items() if isinstance(part, tuple)}
        words = {name: part for name, part in parts.items() if isinstance(part, str)}
        text = template.format(**words, **{name: one.text for name, one in prints.items()})
        return Said(text=text, prints=tuple(prints.values()))

    def bind(
        self,
        *,
        kind: str,
        title: str,
        issue: Issue,
        headline: Said,
        standfirst: Said,
        cover: tuple[Block | Pair, ...],
        sections: tuple[Section, ...],
        measures: Iterable[Measure],
    ) -> Document:
        """The document, with the data that belongs to it."""
        prints = [*headline.prints, *standfirst.prints, *prints_in(cover)]
        prints += prints_of(sections)
        laid_out = tables_in([*cover, *(block for section in sections for block in section.blocks)])
        data = figures_data(
            kind,
            title,
            issue,
            figures=self.figures,
            movements=self.movements,
            series=self.series,
            tables=self.tables.values(),
            laid_out=frozenset(table.code for table in laid_out),
            measures=measures,
            prints=dict.fromkeys(prints),
        )
        return Document.model_validate(
            {
                "kind": kind,
                "title": title,
                "issue": issue,
                "headline": headline,
                "standfirst": standfirst,
                "cover": cover,
                "sections": sections,
                "data": data,
                "data_sha256": digest(data),
            }
        )


def joined(*said: Said) -> Said:
    """Sentences one after another; empty ones leave no gap."""
    spoken = [one for one in said if one.text]
    return Said(text=" ".join(one.text for one in spoken), prints=tuple(p for one in spoken for p in one.prints))


def begun(said: Said) -> Said:
    """The same sentence with a capital at its start; a number in words there is printed with it."""
    first = said.prints[:1]
    if first and first[0].style == "number-word" and said.text.startswith(first[0].text):
        word = first[0].text.capitalize()
        first = (first[0].model_copy(update={"style": "number-word-first", "text": word}),)
    return Said(text=said.text[:1].upper() + said.text[1:], prints=(*first, *said.prints[1:]))


def plural(count: Value, one: str, many: str) -> str:
    """The word for one or for many."""
    return one if count == 1 else many


def flat(blocks: Iterable[Block | Pair]) -> Iterable[Block]:
    """The blocks, pairs taken apart."""
    for block in blocks:
        if isinstance(block, Pair):
            yield from chain.from_iterable(block.columns)
        else:
            yield block


def prints_in(blocks: Iterable[Block | Pair]) -> Iterable[Print]:
    """Every number printed in the blocks, outside tables."""
    for block in flat(blocks):
        yield from _prints_of(block)


def _prints_of(block: Block) -> Iterable[Print]:
    if isinstance(block, (Chart, Tabulated)):
        yield from (*block.prints, *block.note.prints)
    if isinstance(block, (Prose, Listing)):
        for said in block.said:
            yield from said.prints
    if isinstance(block, Answers):
        for answer in block.items:
            yield from answer.said.prints
    if isinstance(block, BigFigures):
        for item in block.items:
            yield from (*item.figure.prints, *item.under.prints)


def tables_in(blocks: Iterable[Block | Pair]) -> tuple[Table, ...]:
    """Every table laid out as one among the blocks."""
    return tuple(block.table for block in flat(blocks) if isinstance(block, Tabulated))


def prints_of(sections: Iterable[Section]) -> Iterable[Print]:
    """Every number printed in some sections, their headings with them."""
    for section in sections:
        yield from (*section.heading.prints, *section.lead.prints, *prints_in(section.blocks))


def charts_in(blocks: Iterable[Block | Pair]) -> tuple[Chart, ...]:
    """Every drawing among the blocks."""
    return tuple(block for block in flat(blocks) if isinstance(block, Chart))
