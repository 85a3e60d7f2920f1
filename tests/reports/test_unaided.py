"""The check that needs none of our code: the same verdict as ours, on whole statements and on spoilt ones."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pikepdf
import pytest

from ledger.money import Money
from ledger.notes import sign
from ledger.refusals import Refusal
from ledger.slips import written
from reports import formatting, seal
from reports import opened as opening
from reports.figures import Unit, read_value
from reports.heads import CHECKPOINT, CONSISTENCY, KEY, contradiction, read_head
from reports.sealing import Press, Sealer, new_key
from reports.unaided import checks, pages, values
from reports.unaided.joined import PARTS, statement_verifier
from reports.unaided.pages import Fault
from reports.verify import verify
from tests.reports.test_attached import changed as with_file
from tests.reports.test_heads import FORKED, LEAVES, OTHER, SIGNER, files, slips, tree
from tests.reports.test_sealing import MADE_AT
from tests.reports.test_verify import stream_of_the_attachment, with_data

OURS: Final[dict[str, Callable[[int], Any]]] = {
    "money": Money,
    "count": lambda n: n,
    "share": lambda n: Fraction(n, 100_000),
    "rate": lambda n: Decimal(n).scaleb(-5),
    "days": lambda n: n,
    "number": lambda n: Decimal(n).scaleb(-3),
    "date": lambda n: date(2012, 1, 1).replace(year=2000 + abs(n) % 90, month=1 + abs(n) % 12, day=1 + abs(n) % 28),
    "text": str,
}
"""A value of each unit from a whole number."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one file, where none of our code is."""
    made = tmp_path_factory.mktemp("unaided") / "statement_verifier.py"
    made.write_text(statement_verifier(), encoding="utf-8")
    return made


def alone(program: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """What a Python without any packages says."""
    command: list[str | Path] = [sys.executable, "-I", "-S", program, *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=program.parent, check=False, timeout=60)
    assert done.stderr == ""
    told: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, told


@pytest.mark.parametrize("style", list(formatting.STYLES))
def test_every_way_of_writing_is_ours(style: str) -> None:
    unit, ours = formatting.STYLES[style]
    former = checks.FORMATS[0] == seal.FORMAT
    dice = random.Random(style)  # noqa: S311 -- the same tries each time
    near = [edge + more for edge in (0, 5, 50, 950, 1000, 99_950, 100_000, 50_000, 99_999_500) for more in (-1, 0, 1)]
    many = [dice.randrange(10 ** dice.randrange(1, 13)) for _ in range(300)]
    for size in (*near, *many):
        for number in (size, -size):
            value = OURS[unit](number)
            theirs = values.Pence(number) if unit == "money" else value
            assert values.write(style, theirs, former=former) == ours(value), (style, value)
    assert values.write(style, None) == formatting.NOT_KNOWN


def test_whole_statements_hold_by_the_one_file_alone(
    program: Path, portfolio_pdf: bytes, impact_pdf: bytes, empty_portfolio_pdf: bytes, public_pdf: bytes
) -> None:
    some = {"portfolio": portfolio_pdf, "impact": impact_pdf, "empty": empty_portfolio_pdf, "public": public_pdf}
    for name, blob in some.items():
        (program.parent / f"{name}.pdf").write_bytes(blob)
        code, told = alone(program, f"{name}.pdf")
        ours = verify(blob)
        assert (code, told["faults"], told["statement"]) == (0, [], ours.statement)
        assert told["form"] == ours.form == ("public" if name == "public" else "trustees")
        assert min(told["checked"], ours.figures_checked) > (100 if name == "public" else 200)


@pytest.mark.parametrize(
    "line",
    [
        ("lent,housing,withheld,9,700123.00", "lent,housing,withheld,9,700124.00"),
        ("lent,housing,withheld,9,", "lent,housing,withheld,8,"),
        ("lent,arts,E12000007,22", "lent,housing,E12000007,22"),
        ("lent,arts,E12000007,22", "lent,arts,E12000002,22"),
        ("outstanding,withheld,withheld,40,2900077.00\n", ""),
    ],
    ids=("an amount", "a number of loans", "an area", "a region", "a line left out"),
)
def test_each_row_told_to_the_public_is_added_up_from_its_lines_by_both(
    public_pdf: bytes, line: tuple[str, str]
) -> None:
    """A line moved within the whole leaves the whole as it was: the rows give it away, not the digest alone."""
    data = _told(public_pdf)
    with pikepdf.open(BytesIO(public_pdf)) as file:
        content = file.attachments["loans.csv"].get_file().read_bytes()
    assert line[0].encode() in content
    other = content.replace(line[0].encode(), line[1].encode())
    for one in data["attached"]:
        if one["name"] == "loans.csv":
            one.update(sha256=seal.digest(other), size=len(other))
    blob = with_file(with_data(public_pdf, seal.canonical(data)), "loans.csv", other)
    for faults in (checks.Found(blob, []).faults, verify(blob).faults):
        assert [one for one in faults if one.startswith("loans.csv comes to ")]


def test_what_it_cannot_show_of_a_file_without_a_seal_is_said_and_a_file_that_is_not_there_is_named(
    program: Path, empty_portfolio_pdf: bytes
) -> None:
    (program.parent / "plain.pdf").write_bytes(empty_portfolio_pdf)
    words = [sys.executable, "-I", str(program)]
    done = subprocess.run([*words, "plain.pdf"], cwd=program.parent, capture_output=True, text=True, check=False)
    assert (done.returncode, "It has no seal: who issued it, and whether" in done.stdout) == (0, True)
    done = subprocess.run([*words, "none.pdf"], cwd=program.parent, capture_output=True, text=True, check=False)
    assert (done.returncode, "none.pdf cannot be read" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_both_checks_read_files_of_the_same_size_and_three_hundred_thousand_loans_are_not_too_many() -> None:
    assert pages.MOST_BYTES == opening.MOST_BYTES >= 300_000 * 250


def test_no_part_hides_a_name_of_another_and_none_imports_ours() -> None:
    text = statement_verifier()
    defined = [line.split()[1].split("(")[0].rstrip(":") for line in text.splitlines() if line[:4] in {"def ", "clas"}]
    assert len(defined) == len(set(defined))
    assert "reports" not in {word for line in text.splitlines() if "import" in line for word in line.split(".")[:1]}
    assert [part for part in PARTS if f"from reports.unaided.{part}" in text] == []


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Press:
    folder = tmp_path_factory.mktemp("sealed")
    new_key(folder / "seal.p12", b"secret", "The bank of the tests", MADE_AT, days=10_000)
    (folder / "pass").write_text("secret")
    return Press(Sealer(folder / "seal.p12", folder / "pass"))


@pytest.fixture(scope="module")
def sealed(empty_portfolio_pdf: bytes, press: Press) -> bytes:
    return press.sealed(empty_portfolio_pdf)[0]


@pytest.mark.filterwarnings("ignore:This document has 1 form widget")
@pytest.mark.parametrize("kind", ["Tx", "Sig"])
def test_under_a_seal_nothing_lies_over_a_page_either_and_only_the_seals_field_is_there(
    empty_portfolio_pdf: bytes, press: Press, kind: str
) -> None:
    """Anybody can make a key and seal a file with it: the field of a form can show whatever it likes."""
    out = BytesIO()
    with pikepdf.open(BytesIO(empty_portfolio_pdf)) as file:
        shown = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name(f"/{kind}"),
            T="over",
            Rect=[0, 0, 600, 400],
            AP=pikepdf.Dictionary(N=file.make_stream(b"1 g 0 0 600 400 re f")),
        )
        file.pages[1].Annots = pikepdf.Array([file.make_indirect(shown)])
        file.save(out)
    blob, _ = press.sealed(out.getvalue())
    for faults in (checks.Found(blob, []).faults, verify(blob).faults):
        assert list(faults) == ["page 2 carries something laid over it (Widget), and no statement does"]


def test_of_a_file_whose_digest_was_written_anew_into_its_seal_nothing_is_claimed(sealed: bytes) -> None:
    """Whoever changes a file can do that; ours finds it, and the other says that it has not looked."""
    spoilt = sealed.replace(b"/DisplayDocTitle true", b"/DisplayDocTitle null")
    start, after = (int(one) for one in checks.RANGE.findall(spoilt)[0][1:3])
    message = bytearray.fromhex(spoilt[start + 1 : after - 1].decode())
    at = message.index(checks.MESSAGE_DIGEST) + len(checks.MESSAGE_DIGEST)
    for digest, holds in ((bytes(32), False), (sha256(spoilt[:start] + spoilt[after:]).digest(), True)):
        message[at : at + 32] = digest
        blob = spoilt[: start + 1] + message.hex().upper().encode() + spoilt[after - 1 :]
        assert not verify(blob).holds
        found = checks.Found(blob, [])
        assert (found.faults == []) == holds, found.faults
    told = " ".join(found.told())
    assert "NOT checked: its seal. The seal names this file's digest, and whoever changes a file can write that" in told
    assert "was changed since, a reader of signed PDFs tells" in told


def test_of_a_sealed_file_no_byte_outside_the_seal_can_be_another(program: Path, sealed: bytes) -> None:
    """Neither check takes it; what the digits of the seal are worth it says it has not looked at."""
    (program.parent / "sealed.pdf").write_bytes(sealed)
    code, told = alone(program, "sealed.pdf")
    assert (code, told["faults"], told["seal_checked"]) == (0, [], False)
    start, end = sealed.rindex(b"/Contents <") + 10, sealed.rindex(b">\n/ByteRange")
    dice = random.Random(7)  # noqa: S311 -- as above
    places = [place for place in (dice.randrange(len(sealed)) for _ in range(400)) if not start <= place <= end]
    places += [0, len(sealed) - 1, start - 1, end + 1, sealed.index(b"/ByteRange"), sealed.index(b"/DocMDP")]
    for place in places:
        spoilt = sealed[:place] + bytes([sealed[place] ^ dice.randrange(1, 256)]) + sealed[place + 1 :]
        assert checks.Found(spoilt, []).faults, place
    for changed in (sealed + b"\n", sealed[:-1], sealed + sealed[-900:]):
        assert checks.Found(changed, []).faults


def _told(blob: bytes) -> Any:
    with pikepdf.open(BytesIO(blob)) as file:
        return json.loads(file.attachments["figures.json"].get_file().read_bytes())


def _first(data: Any, what: str) -> Any:
    return next(one for one in data["movements"] if one["code"] == what)


TAMPERED: Final[dict[str, Callable[[Any], object]]] = {
    "a figure": lambda data: _first(data, "received").update(closing="26500000.00"),
    "a cell": lambda data: data["tables"][0]["rows"][0]["printed"].__setitem__(1, "999"),
    "a printed number": lambda data: data["printed"][0].update(text="£1.0bn"),
    "a style": lambda data: data["printed"][0].update(style="of nobody"),
    "a stranger": lambda data: data["printed"].append({"reference": "nowhere", "style": "count", "text": "1"}),
    "the digest of a file": lambda data: data["attached"].append({"name": "x", "sha256": "0", "sums": []}),
    "the root": lambda data: data["statement"]["seal"].update(root="0" * 64),
    "the statement": lambda data: data["statement"].update(id="sta_another"),
    "the format": lambda data: data.update(format="another"),
    "the format before": lambda data: data.update(format=seal.FORMER),
    "the format with forms": lambda data: data.update(format=seal.FORMED),
    "a form in the format without": lambda data: data["statement"].update(form="public"),
    "a form of nobody": lambda data: data["statement"].update(form={"a": 1}),
    "every printed number": lambda data: data.update(printed=[]),
    "everything": lambda data: data.update(
        {part: [] for part in ("figures", "movements", "series", "tables", "printed")}
    ),
}


@pytest.mark.parametrize(("form", "format_"), [("public", seal.FORMED), ("whole", seal.FORMED), (None, seal.FORMAT)])
def test_the_form_that_a_file_says_it_has_is_told_by_the_columns_of_its_loans_in_both(
    public_pdf: bytes, long_portfolio_pdf: bytes, form: str | None, format_: str
) -> None:
    """A list of single loans handed on as the public's would tell the public of borrowers."""
    for own, blob in (("public", public_pdf), (None, long_portfolio_pdf)):
        data = _told(blob)
        data["statement"].pop("form", None)
        data["statement"] |= {"form": form} if form else {}
        data["format"] = format_
        other = with_data(blob, seal.canonical(data))
        for faults in (checks.Found(other, []).faults, verify(other).faults):
            named = [one for one in faults if "form" in one and "figures.json" not in one]
            assert len(named) == (form != own), (own, form, faults)
            assert all(one.startswith("loans.csv does not have the columns that the form") for one in named)


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_altered_in_the_data_is_found_by_both(empty_portfolio_pdf: bytes, what: str) -> None:
    data = _told(empty_portfolio_pdf)
    same = checks.Found(with_data(empty_portfolio_pdf, seal.canonical(data)), [])
    assert same.faults == []
    TAMPERED[what](data)
    blob = with_data(empty_portfolio_pdf, seal.canonical(data))
    theirs, ours = checks.Found(blob, []).faults, verify(blob).faults
    assert theirs
    assert ours
    assert len(theirs) > 2 or what == "a style", "not by the digest alone"


UNREADABLE: Final[tuple[tuple[Unit, Any], ...]] = (
    *(("share", told) for told in ("1/0", "1/-2", "1e999999999", "0.5", "inf", "9" * 61, "\u0663", " 1", 1)),
    *(("rate", told) for told in ("Infinity", "NaN", "1E+999999999", "1E-999999999", "0." + "1" * 61, ".5", 0.5)),
    *(("number", told) for told in ("1_0", "+1", "sNaN")),
    *(("count", told) for told in (10**60, 1.0, "1", True)),
    *(("days", told) for told in (1.5, -(10**60))),
    *(("date", told) for told in ("2012-W01-1", "20120101", "2012-01-01T00:00:00", "0000-00-00", 20120101)),
    *(("money", told) for told in ("90000000000000.01", "1e5", 1)),
    ("text", 1),
)


@pytest.mark.parametrize(("unit", "told"), UNREADABLE)
def test_a_value_that_no_statement_writes_is_refused_at_once_by_both(unit: Unit, told: object) -> None:
    with pytest.raises((ValueError, Refusal)):
        read_value(unit, told)
    with pytest.raises((ValueError, Fault)):
        values.READ[unit](told)


@pytest.mark.parametrize("told", ["1/0", "1e999999999"])
def test_a_whole_file_with_such_a_value_is_told_to_be_none_and_nothing_is_raised(
    portfolio_pdf: bytes, told: str
) -> None:
    data = _told(portfolio_pdf)
    next(one for one in data["figures"] if one["unit"] == "share" and one["value"])["value"] = told
    blob = with_data(portfolio_pdf, seal.canonical(data))
    for faults in (checks.Found(blob, []).faults, verify(blob).faults):
        assert any(f"'{told}' is not" in one for one in faults), faults


@pytest.mark.parametrize("blob", [b"", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", bytes(range(256)) * 40])
def test_what_is_no_pdf_is_refused_in_words(blob: bytes) -> None:
    assert len(checks.Found(blob, []).faults) == 1


@pytest.mark.parametrize(("tenth", "bit"), [(0, 0), (1, 7), (4, 3), (7, 5), (9, 1)])
def test_one_flipped_bit_in_the_attachment_is_found(empty_portfolio_pdf: bytes, tenth: int, bit: int) -> None:
    """In a file without a seal, at the places at which ours is tried."""
    start, end = stream_of_the_attachment(empty_portfolio_pdf)
    spoilt = bytearray(empty_portfolio_pdf)
    spoilt[start + tenth * (end - start) // 10] ^= 1 << bit
    assert checks.Found(bytes(spoilt), []).faults


@pytest.mark.parametrize("earlier", [0, 1, 3, 16, 31, 48])
@pytest.mark.parametrize("forked", [False, True])
def test_two_heads_are_judged_as_by_ours(earlier: int, forked: bool) -> None:
    leaves = FORKED if forked else LEAVES
    one = files(earlier)
    other = {
        CHECKPOINT: str(sign(str(tree(48, leaves)), SIGNER)).encode(),
        KEY: one[KEY],
        CONSISTENCY: written(slips(48, earlier, leaves=leaves) if earlier != 48 else ()).encode(),
    }
    ours = contradiction(read_head(one), read_head(other))
    theirs = checks.apart(checks.Head(one, []), checks.Head(other, []))
    assert bool(ours) == bool(theirs) == (forked and earlier > 19)
    for name in (CHECKPOINT, CONSISTENCY):
        for at in range(0, len(other[name]), 13):
            spoilt = other | {name: other[name][:at] + bytes([other[name][at] ^ 1]) + other[name][at + 1 :]}
            assert _disagree(one, spoilt, head_of=read_head) == _disagree(one, spoilt, head_of=checks.Head), (name, at)


def _disagree(one: dict[str, bytes], other: dict[str, bytes], *, head_of: Any) -> bool:
    """Whether the two are found not to be of one history, or one of them not to be written as it must."""
    judge: Any = contradiction if head_of is read_head else checks.apart
    try:
        return bool(judge(head_of(one, []), head_of(other, [])))
    except (Refusal, Fault, ValueError, IndexError):
        return True


def test_whose_signature_a_head_has_is_told_and_that_of_another_key_refused() -> None:
    signed = files(9)
    head = checks.Head(signed, [str(SIGNER.verifier)])
    assert (head.size, head.signer, head.unchecked, head.given) == (9, str(SIGNER.verifier), False, True)
    assert not checks.Head(signed, []).given
    with pytest.raises(Fault, match="nobody whose key was given"):
        checks.Head(signed, [str(OTHER.verifier)])
    with pytest.raises(Fault, match="not signed, and a key was given"):
        checks.Head({CHECKPOINT: str(tree(9)).encode()}, [str(SIGNER.verifier)])
    with pytest.raises(Fault, match="is false"):
        checks.Head(signed | {CHECKPOINT: signed[CHECKPOINT].replace(b"\n9\n", b"\n8\n")}, [])


@pytest.mark.parametrize("name", [CHECKPOINT, KEY, CONSISTENCY])
def test_a_paper_of_the_head_that_is_no_text_is_named_by_both(name: str) -> None:
    spoilt = files(48, 7) | {name: b"old\xff"}
    said = f"{name} is no text: its byte 4 is 0xff, where UTF-8 was expected"
    with pytest.raises(Fault, match=f"^{said}$"):
        checks.Head(spoilt, [])
    with pytest.raises(Refusal, match=said):
        read_head(spoilt, [])


def test_a_list_that_is_no_text_is_named_by_both_and_by_its_own_name_alone(public_pdf: bytes) -> None:
    data, other = _told(public_pdf), b"measure\xff"
    (listed,) = (one for one in data["attached"] if one["name"] == "loans.csv")
    listed.update(sha256=seal.digest(other), size=len(other))
    blob = with_file(with_data(public_pdf, seal.canonical(data)), "loans.csv", other)
    for faults in (checks.Found(blob, []).faults, verify(blob).faults):
        (named,) = (one for one in faults if "0xff" in one or "codec" in one)
        assert named.startswith("loans.csv ")
        assert "loans.csv is no text: its byte 8 is 0xff, where UTF-8 was expected" in named


def _thousands(cells: dict[str, int], printed: list[str], **more: Any) -> dict[str, Any]:
    """A table of one column in thousands, whose last row is its total."""
    rows = [
        {"key": key, "cells": [str(Money(value))], "printed": [text]}
        for (key, value), text in zip(cells.items(), printed, strict=True)
    ]
    column = {"code": "sum", "unit": "money", "style": "thousands"}
    return {"code": "t", "columns": [column], "rows": rows[:-1], "total": rows[-1]} | more


def test_what_is_printed_must_add_and_be_no_unit_from_what_it_is() -> None:
    """Three times 1.4 are 4.2: one of the parts is printed as 2, or the whole as another than its parts come to."""
    cells = dict.fromkeys("abc", 140_000) | {"all": 420_000}
    values_ = {f"t.{key}.sum": values.Pence(value) for key, value in cells.items()}
    style = "thousands"

    def faults(printed: list[str], *stepped: str, **more: Any) -> int:
        steps = {(f"t.{key}.sum", style): 1 for key in stepped}
        return len(checks.sum_faults(_thousands(cells, printed, **more), values_, steps))

    assert faults(["1", "1", "2", "4"], "c") == 0
    assert faults(["1", "1", "1", "4"]) == 1
    assert faults(["1", "1", "1", "3"], "all") == 1, "they add, and the whole is more than a unit from what it is"
    assert faults(["2", "2", "2", "4"], "a", "b", "c") == 1
    both = [{"whole": "all", "parts": ["a", "b"], "less": [], "along": "column"}]
    assert faults(["1", "1", "2", "4"], "c", adding=both) == 0, "whose exact amounts do not add are held to nothing"
    assert [checks.units_of(text) for text in ("1,234", "\u22121.5", "<1", "\u2212<0.1", ">\u22120.1", ">99.9")] == [
        1234,
        -15,
        0,
        0,
        0,
        1000,
    ]
