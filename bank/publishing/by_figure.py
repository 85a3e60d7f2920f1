"""A file of another version held against the books figure by figure, since this version composes other pages.

Tables come and go with versions, and so do words, columns and the order of all of it. What is stated is not: a figure
is its code, its definition, a day and a moment of knowledge, and can be worked out again whatever stood around it. So
each value that the file states is looked up, by its code and not by its place, in what this version composes of the
same books at the same two times, and where it is not composed any more, in the registry. What this version does not
know, or defines otherwise, is named and not judged. Words are not compared: that they are those issued is shown by the
file's digest, which was kept when it was filed.

Of a notice nothing is kept. So what it leaves out of what the books give is a difference: no digest shows that it was
given without. The words in its tables, its title and what its figures are called and mean are held against this
version's, and where they are others that is named, though another version may have put them otherwise. The sentences
around them, and which entries a figure rests on, are not compared, and that is named of every such notice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bank.figures.course import series
from bank.figures.evidence import Evidence
from bank.figures.money import FOLDS
from bank.figures.registry import REGISTRY
from bank.publishing.agreement import Difference, Judgement, NotJudged
from bank.publishing.lists import BLOCK, by_key, key_of, read
from ledger.refusals import Refusal
from reports.attached import CSV, WITHHELD
from reports.document import Document
from reports.figures import Unit, Value, read_value, value_json

_HEAD: Final = (
    "kind",
    "id",
    "subject",
    "quarter",
    "as_at",
    "known_at",
    "known_seq",
    "caution",
    "supersedes",
    "form",
    "fewest",
)
"""What a statement says of itself that the books, or the register of what was filed, know again."""
_OF: Final = {"credit-stages": ("in_stage",), "stage-migration": ("in_stage",)}
"""Tables of which every cell is of a measure, though not every column is called by it."""
_PARTS: Final = ("opening", "added", "taken", "closing")
_LINE: Final = "a line"
_LEFT_OUT: Final = {"figures": "a figure", "movements": "a movement", "series": "a series", "tables": "a table"}
"""What a notice may leave out, by the part of its data that it belongs in."""
_SENTENCES: Final = (
    "the sentences and headings of a notice are not compared, nor which entries its figures rest on: no notice is kept"
)
_OTHERS_TOGETHER: Final = "this version tells of others together"

Json = Mapping[str, Any]


def compared_by_figure(
    stated: Json, files: Mapping[str, bytes], document: Document, evidence: Evidence | None
) -> Judgement:
    """Each value that a file's data and lists state beside the books': its own, at both its times, as defined now.

    There is no evidence for a notice: its figures are of one thing, and those of the registry of the whole bank.
    """
    one = _ByFigure(stated, json.loads(document.data), evidence)
    again = {each.name: each.content.whole for each in document.issue.attached if each.media == CSV}
    for name, content in files.items():
        if name in again:
            one.lines(name, content, again[name])
        elif name.endswith(".csv"):
            one.leave(f"/{name}", "this version attaches no such list")
    one.head()
    one.figures()
    one.movements()
    one.series()
    one.tables()
    if evidence is None:
        one.of_a_notice()
    return Judgement(
        compared=one.compared, differences=tuple(one.differences), not_judged=tuple(one.not_judged.values())
    )


class _ByFigure:
    """What was found so far."""

    def __init__(self, stated: Json, found: Json, evidence: Evidence | None) -> None:
        self.compared = 0
        self.differences: list[Difference] = []
        self.not_judged: dict[str, NotJudged] = {}
        self._stated, self._found, self._evidence = stated, found, evidence
        self._regrouped: set[str] = set()
        self._told = {one["code"]: one["definition"] for one in stated["measures"]}
        self._meant = {} if evidence is None else {code: one.measure.definition for code, one in REGISTRY.items()}
        self._meant |= {one["code"]: one["definition"] for one in found["measures"]}

    def leave(self, where: str, why: str) -> None:
        """Name what is not judged, once."""
        self.not_judged.setdefault(where, NotJudged(where=where, why=why))

    def _hold(self, where: str, unit: Unit, stated: Any, known: Any, codes: Iterable[str] = ()) -> None:
        """Compare one value with the books' own; where they differ and what is meant by it does too, name that."""
        self.compared += 1
        if _typed(unit, stated) == _typed(unit, known):
            return
        for code in codes:
            if code in self._told and code in self._meant and self._told[code] != self._meant[code]:
                self.compared -= 1
                said = f"{code} is defined otherwise by this version, and comes to {known} where {stated} is stated"
                self.leave(where, said)
                return
        self.differences.append(Difference(where=where, stated=_text(stated), in_books=_text(known)))

    def head(self) -> None:
        """What it is, of when, and the head of the books that it was drawn from."""
        said, known = self._stated["statement"], self._found["statement"]
        for name in _HEAD:
            if name in said or name in known:
                self._hold(f"/statement/{name}", "text", said.get(name), known.get(name))
        for name in ("seq", "root", "recorded_at"):
            self._hold(f"/statement/seal/{name}", "text", said["seal"].get(name), known["seal"].get(name))

    def of_a_notice(self) -> None:
        """What no digest vouches for in a notice: that nothing was left out of it, and its words."""
        for part, what in _LEFT_OUT.items():
            stated = {one["code"] for one in self._stated[part]}
            for one in self._found[part]:
                if one["code"] not in stated:
                    self._lacks(f"/{part}/{one['code']}", what)
        for name in ("title", "institution"):
            self._words(f"/statement/{name}", self._stated["statement"].get(name), self._found["statement"].get(name))
        there = {one["code"]: one for one in self._found["measures"]}
        for one in self._stated["measures"]:
            for name in ("title", "definition") if one["code"] in there else ():
                self._words(f"/measures/{one['code']}/{name}", one.get(name), there[one["code"]][name])
        self.leave("/sentences", _SENTENCES)

    def _lacks(self, where: str, what: Any) -> None:
        """Name what the books' notice has and the file's has not."""
        self.compared += 1
        self.differences.append(Difference(where=where, stated=None, in_books=_text(what)))

    def figures(self) -> None:
        """Each figure with what it rests on."""
        there = {one["code"]: one for one in self._found["figures"]}
        for one in self._stated["figures"]:
            code, where = one["code"], f"/figures/{one['code']}"
            known = there.get(code) or self._from_registry(code)
            if known is None:
                self.leave(where, f"this version knows no figure {code}")
            elif known["unit"] != one["unit"]:
                self.leave(where, f"this version counts {code} in {known['unit']}, and the file in {one['unit']}")
            else:
                self._hold(f"{where}/value", one["unit"], one["value"], known["value"], (code,))
                self._coverage(where, one["coverage"] or {}, known["coverage"] or {}, code)

    def _coverage(self, where: str, said: Json, known: Json, code: str) -> None:
        units: dict[str, Unit] = {"known": "count", "of": "count", "known_money": "money", "of_money": "money"}
        for part, unit in units.items():
            if part in said or (self._evidence is None and part in known):
                self._hold(f"{where}/coverage/{part}", unit, said.get(part), known.get(part), (code,))

    def _from_registry(self, code: str) -> Json | None:
        if self._evidence is None or code not in REGISTRY:
            return None
        found = REGISTRY[code].work_out(self._evidence)
        covered = found.coverage
        return {
            "unit": found.measure.unit,
            "value": value_json(found.value),
            "coverage": None if covered is None else covered.model_dump(mode="json"),
        }

    def movements(self) -> None:
        """Each box, with what the quarter did to it."""
        there = {one["code"]: one for one in self._found["movements"]}
        for one in self._stated["movements"]:
            code, where = one["code"], f"/movements/{one['code']}"
            known = there.get(code) or self._moved(code)
            if known is None:
                self.leave(where, f"this version follows no {code} through a quarter")
                continue
            for part in _PARTS:
                self._hold(f"{where}/{part}", "money", one[part], known[part], (code,))

    def _moved(self, code: str) -> Json | None:
        if self._evidence is None or code not in FOLDS:
            return None
        box = REGISTRY[code].work_out(self._evidence).movement
        return {part: str(getattr(box, part)) for part in _PARTS}

    def series(self) -> None:
        """Each quarter's end of what ran over the quarters."""
        there = {one["code"]: dict(one["points"]) for one in self._found["series"]}
        for one in self._stated["series"]:
            code = one["code"]
            known = there.get(code)
            if known is None and self._evidence is not None and code in FOLDS:
                known = {str(at.quarter): value_json(at.value) for at in series(self._evidence, code).points}
            if known is None:
                self.leave(f"/series/{code}", f"this version knows no series {code}")
                continue
            for quarter, value in one["points"]:
                where = f"/series/{code}/{quarter}"
                if quarter in known:
                    self._hold(where, one["unit"], value, known[quarter], (code,))
                else:
                    self.leave(where, "this version's series does not reach so far back")
            if self._evidence is None:
                for quarter in sorted(known.keys() - dict(one["points"]).keys()):
                    self._lacks(f"/series/{code}/{quarter}", known[quarter])

    def tables(self) -> None:
        """Each cell that is no word, by its table, row and column."""
        there = {one["code"]: one for one in self._found["tables"]}
        for one in self._stated["tables"]:
            known = there.get(one["code"])
            if known is None:
                self.leave(f"/tables/{one['code']}", "this version composes no such table")
            else:
                self._cells(one, known)
                if self._evidence is None:
                    self._left_out(one, known)

    def _left_out(self, said: Json, known: Json) -> None:
        """Rows and columns of a notice's table that the books have and the file has not; a row is told by its cells."""
        rows, columns = {row["key"] for row in _rows(said)}, {column["code"] for column in said["columns"]}
        for row in _rows(known):
            if row["key"] not in rows:
                self._lacks(f"/tables/{said['code']}/{row['key']}", row["cells"])
        for column in known["columns"]:
            if column["code"] not in columns:
                self._lacks(f"/tables/{said['code']}/*/{column['code']}", "a column")

    def _cells(self, said: Json, known: Json) -> None:
        places = {column["code"]: (place, column["unit"]) for place, column in enumerate(known["columns"])}
        rows = {row["key"]: row for row in _rows(known)}
        others = {row["key"] for row in said["rows"]} != {row["key"] for row in known["rows"]}
        for row in _rows(said):
            where = f"/tables/{said['code']}/{row['key']}"
            if row["key"] not in rows:
                self.leave(where, "this version's table has no such row")
                continue
            if (others and row["key"] == WITHHELD) or (said["code"] in self._regrouped and row is not said["total"]):
                self.leave(where, _OTHERS_TOGETHER)
                continue
            for column, cell in zip(said["columns"], row["cells"], strict=True):
                code, unit = column["code"], column["unit"]
                place, now = places.get(code, (0, ""))
                if unit == "text" and self._evidence is not None:
                    continue
                if unit == now == "text":
                    self._words(f"{where}/{code}", cell, rows[row["key"]]["cells"][place])
                elif now != unit:
                    self.leave(f"/tables/{said['code']}/*/{code}", "this version's table has no such column")
                else:
                    codes = (code, row["key"], *_OF.get(said["code"], ()))
                    self._hold(f"{where}/{code}", unit, cell, rows[row["key"]]["cells"][place], codes)

    def _words(self, where: str, said: Any, known: Any) -> None:
        if said != known:
            self.leave(where, f"it says {_text(said)}, and this version {_text(known)}: no words of a notice are kept")

    def lines(self, name: str, content: bytes, again: bytes) -> None:
        """Each cell of an attached list, by what its line is known by; a loan that one side alone has is told."""
        (said, own), (known, theirs) = read(content), read(again)
        key = key_of({*said} & {*known})
        if key is None:
            self.leave(f"/{name}", "this version does not know its lines")
            return
        stated, found = (by_key(rows, key) for rows in (own, theirs))
        shared = [column for column in said if column in known and column not in key]
        for column in said:
            if column not in known:
                self.leave(f"/{name}/*/{column}", "this version's list has no such column")
        redacted = any(WITHHELD in line for line in (*stated, *found))
        regrouped = redacted and stated.keys() != found.keys()
        if regrouped and key == BLOCK:
            self._regrouped = {f"{line[0].replace('_', '-')}-by-region" for line in stated.keys() ^ found.keys()}
        for line in dict.fromkeys((*stated, *found)):
            where = f"/{name}/{'/'.join(line)}"
            if line in stated and line in found and not (regrouped and WITHHELD in line):
                self._line(where, shared, stated[line], found[line])
            elif redacted:
                self.leave(where, _OTHERS_TOGETHER)
            else:
                self._hold(where, "text", _LINE if line in stated else None, _LINE if line in found else None)

    def _line(self, where: str, columns: Iterable[str], said: Mapping[str, str], known: Mapping[str, str]) -> None:
        for column in columns:
            one, other = said[column], known[column]
            if one != other and WITHHELD in {one, other}:
                self.leave(f"{where}/{column}", "this version withholds others of few borrowers")
            else:
                self._hold(f"{where}/{column}", "text", one, other)


def _rows(table: Json) -> list[Json]:
    return [*table["rows"], *([table["total"]] if table["total"] else [])]


def _typed(unit: Unit, value: Any) -> Value:
    """The value in its own type, so that two writings of one number are one; as it stands where it is of no such."""
    try:
        return read_value(unit, value)
    except (ValueError, ArithmeticError, TypeError, Refusal):
        return f"{value!r} is no {unit}"


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
