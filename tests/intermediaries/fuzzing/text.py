"""Tables of loans as they may come, and CSV and JSON made of them: sound in the beginning, then broken in many ways."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

from intermediaries.returns.layout import COLUMN, HEADER_FIELDS
from tests.intermediaries.returns_strategies import a_loan

Table = list[list[str]]
"""Lines of cells, the headings first."""

ODD: Final = (
    *("", " ", "\u00a0", "?", "-", "'", "''", "'=1+1", "=1+1", "+1", "@SUM(A1)", "0", "-0", "-0.00", "00012.50", "1e5"),
    *("1E400", "NaN", "inf", "-Infinity", "£1,000.00", "1.000,00", "1 000.00", "1\u00a0000", "(100.00)", "100.00-"),
    *(
        "12.345",
        "9" * 31,
        "9" * 400,
        "0." + "0" * 40 + "1",
        "0x10",
        "١٢٣",
        "\uff11\uff12.\uff15",
        "½",
        "7.5%",
        "7,5 %",
        "75",
    ),
    *("31/03/2012", "03/31/2012", "2012-02-30", "2012-3-1", "20120331", "0000-00-00", "9999-12-31", "41000", "41000.5"),
    *("2012-03-31T00:00:00", "31 März 2012", "yes", "TRUE", "Y", "none", "N/A", "#REF!", "#N/A", "null", "None", "{}"),
    *(
        "\x00",
        "\x1f",
        "\x7f",
        "\u200b",
        "\u202e",
        "\ufeff",
        "\ufffe",
        "\U0010ffff",
        "é",
        "e\u0301",
        "ﬁ",
        "ß",
        "İ",
        "😀",
    ),
    *('"', '""', "a\nb", "a\r\nb", "\t", ";", ",", "a,b", '"a","b"', "<b>", "]]>", "&amp;", "\\", "%s", "{0}", "../x"),
    *(
        "GB-COH-",
        "GB-COH-09506232;" * 20,
        "GB-CHC-1164883;GB-CHC-1164883",
        "XX-YYY-1",
        ";",
        "L1 8JQ",
        "l18jq",
        "GIR0AA",
    ),
    *("E01033757", "W01000001", "S01000001", "95AA01A1", "N00000001", "performing", "repaid", "x" * 5000),
)
"""What is put into a cell where something else belongs."""


def table(chance: Random) -> Table:
    """A few sound loans under their headings, some of them spoiled cell by cell."""
    columns = list(COLUMN) if chance.random() < 0.3 else list(a_loan())
    loans = [a_loan(f"L-{number}") for number in range(chance.choice((0, 1, 2, 2, 3, 8, 40)))]
    lines = [columns, *([loan.get(name, "") for name in columns] for loan in loans)]
    for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
        chance.choice(CHANGES)(lines, chance)
    return lines


def spoil(lines: Table, chance: Random) -> None:
    """Put something odd into a cell, perhaps of the headings."""
    line = chance.choice(lines)
    if line:
        line[chance.randrange(len(line))] = chance.choice(ODD)


def _cells_joined(lines: Table, chance: Random) -> None:
    line = chance.choice(lines)
    if line:
        place = chance.randrange(len(line))
        line[place] += chance.choice(ODD)


def _column_twice(lines: Table, chance: Random) -> None:
    place = chance.randrange(max(len(lines[0]), 1))
    for line in lines:
        line.extend(line[place : place + 1])


def _column_gone(lines: Table, chance: Random) -> None:
    place = chance.randrange(max(len(lines[0]), 1))
    for line in lines:
        del line[place : place + 1]


def _columns_mixed(lines: Table, chance: Random) -> None:
    order = list(range(len(lines[0])))
    chance.shuffle(order)
    lines[:] = [[line[place] for place in order if place < len(line)] for line in lines]


def _line_again(lines: Table, chance: Random) -> None:
    place = chance.randrange(len(lines))
    for _ in range(chance.choice((1, 1, 2, 300))):
        lines.insert(chance.randrange(len(lines) + 1), list(lines[place]))


def _line_empty(lines: Table, chance: Random) -> None:
    for _ in range(chance.choice((1, 2, 50))):
        lines.insert(chance.randrange(len(lines) + 1), [""] * chance.choice((0, 1, len(lines[0]))))


def _line_cut(lines: Table, chance: Random) -> None:
    line = chance.choice(lines)
    del line[chance.randrange(len(line) + 1) :]


def _line_longer(lines: Table, chance: Random) -> None:
    chance.choice(lines).extend(chance.choice(ODD) for _ in range(chance.choice((1, 2, 300))))


def _headings_gone(lines: Table, chance: Random) -> None:
    del lines[: chance.choice((1, 1, len(lines)))]
    lines.append([])


def _title_above(lines: Table, chance: Random) -> None:
    lines.insert(0, ["Return for the quarter", *[""] * chance.randrange(5)])


def _says_whose(lines: Table, chance: Random) -> None:
    for name in HEADER_FIELDS:
        lines[0].append(name)
        for line in lines[1:]:
            line.append(chance.choice(("fac_7Q", "2012Q4", "1250.40", "", *ODD)))


CHANGES: Final[tuple[Callable[[Table, Random], None], ...]] = (
    spoil,
    spoil,
    spoil,
    _cells_joined,
    _column_twice,
    _column_gone,
    _columns_mixed,
    _line_again,
    _line_empty,
    _line_cut,
    _line_longer,
    _headings_gone,
    _title_above,
    _says_whose,
)


def as_csv(chance: Random) -> bytes:
    """A table as CSV, in one of the ways in which programs write it, and then perhaps with wrong bytes."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=chance.choice(",,,,,,;\t|"),
        lineterminator=chance.choice(("\r\n", "\r\n", "\n", "\r", "\n\r")),
        quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)),
        doublequote=chance.random() < 0.9,
        escapechar="\\",
    )
    writer.writerows(table(chance))
    return spoiled_bytes(_encoded(out.getvalue(), chance), chance)


def _encoded(text: str, chance: Random) -> bytes:
    others = ("utf-8-sig", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32")
    return text.encode(chance.choice(("utf-8",) * 24 + others), errors="replace")


def spoiled_bytes(data: bytes, chance: Random) -> bytes:
    """Every second time the data as it is, and else with bytes changed, put in, left out, cut off or repeated."""
    if chance.random() < 0.5 or not data:
        return data
    spoiled = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        place = chance.randrange(len(spoiled) + 1)
        match chance.randrange(6):
            case 0:
                spoiled[place : place + 1] = bytes((chance.randrange(256),))
            case 1:
                spoiled[place:place] = chance.randbytes(chance.choice((1, 2, 9)))
            case 2:
                del spoiled[place : place + chance.choice((1, 2, 40))]
            case 3:
                del spoiled[chance.randrange(len(spoiled) // 2 + 1) + len(spoiled) // 2 :]
            case 4:
                piece = bytes(spoiled[place : place + chance.choice((3, 80))])
                spoiled[place:place] = piece * chance.choice((1, 2, 200))
            case _:
                spoiled[place:place] = chance.choice(
                    (b'"', b"\x00", b"\xff", b"\r", b"\n", b"{", b"[", b"]", b"}", b"<!")
                )
        if not spoiled:
            break
    return bytes(spoiled)


def as_json(chance: Random) -> bytes:
    """Loans as JSON, some of the values of another sort than belong there, and then perhaps with wrong bytes."""
    lines = table(chance)
    loans: list[Any] = [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]
    whole: Any = {"facility": "fac_7Q", "quarter": "2012Q4", "cash_held": "1250.40", "loans": loans}
    for _ in range(chance.choice((0, 0, 1, 2, 6))):
        whole = _of_another_sort(whole, chance)
    text = json.dumps(whole, ensure_ascii=chance.random() < 0.5, indent=chance.choice((None, None, 1)))
    if chance.random() < 0.1:
        text = text.replace('"drawn":', f'"drawn": {_number(chance)}, "drawn":', 1)
    return spoiled_bytes(_encoded(text, chance), chance)


def _of_another_sort(whole: Any, chance: Random) -> Any:
    """The value with one part of it, at any depth, put in place of another."""
    if isinstance(whole, dict) and whole and chance.random() < 0.9:
        name = chance.choice(list(whole))
        if chance.random() < 0.1:
            return whole | {chance.choice((*ODD, *COLUMN, "loans", " Drawn ")): whole[name]}
        return whole | {name: _of_another_sort(whole[name], chance)}
    if isinstance(whole, list) and whole and chance.random() < 0.9:
        place = chance.randrange(len(whole))
        return [*whole[:place], _of_another_sort(whole[place], chance), *whole[place + 1 :]]
    return _sort(chance)


def _sort(chance: Random) -> Any:
    deep: Any = []
    for _ in range(chance.choice((1, 5, 500))):
        deep = [deep] if chance.random() < 0.5 else {"loans": deep}
    values: Sequence[Any] = (None, True, False, 0, -1, 10**400, 1.5, float("nan"), float("inf"), 1e308, [], {}, deep)
    return chance.choice((*values, chance.choice(ODD), [chance.choice(ODD)], {chance.choice(ODD): None}))


def _number(chance: Random) -> str:
    return chance.choice(("1", "-0", "1e400", "0." + "1" * 300, "9" * 5000, "NaN", "-Infinity", "01", "1.", "+1"))
