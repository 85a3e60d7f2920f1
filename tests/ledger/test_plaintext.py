from __future__ import annotations

import csv
import re
import shutil
import subprocess
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.money import NOTHING, Money
from ledger.plaintext import UnknownAccount, account_names, beancount, hledger

with warnings.catch_warnings():
    # The parser that Beancount was generated with calls a deprecated part of the standard library.
    warnings.simplefilter("ignore")
    from beancount import loader
    from beancount.core import data
    from beancount.core import realization as untyped

realization: Any = untyped

KINDS = ("asset", "liability", "equity", "income", "expense", "memo")
HOSTILE = [
    "",
    "Drawdown of the first tranche",
    'a "quoted" word',
    "back\\slash at the end\\",
    "semi;colon ; and : colon",
    "* starred",
    "! flagged",
    "(coded) entry",
    "[2012-02-30] date:2012-99-99",
    "| bar | bar",
    "£5 — naïve ☃",
    "2012-01-01 open Assets:X",
    "{{braces}} #tag ^link @ @@ =",
    "new\nline\ttab",
    "  spaces  ",
]

ACCOUNTS: dict[tuple[str, str], tuple[str, str]] = {
    ("bank", "1000"): ("asset", "Cash at bank"),
    ("bank", "1200"): ("asset", "Wholesale finance: principal"),
    ("bank", "1200:fac_a"): ("asset", 'Facility "A"'),
    ("bank", "1200:Fac-a"): ("asset", "Facility [A] again"),
    ("bank", "1200:fac.a"): ("asset", "Facility ; A"),
    ("bank", "9100:fac_a"): ("memo", "Undrawn"),
    ("bank", "9199"): ("memo", "Contra"),
    ("bank", "3000"): ("equity", "A shares"),
    ("memo", "3000"): ("equity", "A book that is called memo"),
    ("int_7f", "2100"): ("liability", "Owed to the bank"),
    ("int_7f", "4000"): ("income", "Interest received"),
    ("int_7f", "_x.-y"): ("expense", "An odd code"),
}


@st.composite
def journals(draw: st.DrawFn) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    books = sorted({book for book, _ in ACCOUNTS})
    for seq in range(1, draw(st.integers(1, 12)) + 1):
        book = draw(st.sampled_from(books))
        codes = [code for name, code in ACCOUNTS if name == book]
        legs = [
            (draw(st.sampled_from(codes)), draw(st.integers(-(10**15), 10**15))) for _ in range(draw(st.integers(1, 4)))
        ]
        legs.append((draw(st.sampled_from(codes)), -sum(pence for _, pence in legs)))
        lines.append(
            {
                "key": f"k{seq}",
                "book": book,
                "effective_on": str(draw(st.dates(date(2011, 1, 1), date(2012, 12, 31)))),
                "description": draw(st.sampled_from(HOSTILE) | st.text(max_size=20)),
                "postings": [{"account": code, "amount": str(Money(pence))} for code, pence in legs],
                "seq": seq,
                "recorded_at": "2013-01-21T09:00:00.000000Z",
                "seal": "ab" * 32,
                "pair": draw(st.sampled_from(["", "p1"])),
            }
        )
    return lines


def ours(lines: Iterable[Mapping[str, Any]], until: str) -> dict[str, Money]:
    """Our balances by name in the text, each with what lies below it, counting every entry up to a day."""
    names = account_names(ACCOUNTS)
    sums = dict.fromkeys(names.values(), NOTHING)
    for line in lines:
        for posting in line["postings"] if line["effective_on"] <= until else ():
            moved = names[line["book"], posting["account"]]
            for name in sums:
                if moved == name or moved.startswith(f"{name}:"):
                    sums[name] += Money.parse(posting["amount"])
    return sums


DATES = ("2010-12-31", "2011-06-30", "2011-12-31", "2012-03-31", "2012-12-31")


@given(journals())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_beancount_accepts_the_file_and_has_our_balances_on_every_day(lines: list[dict[str, Any]]) -> None:
    entries, errors, _ = loader.load_string("\n".join(beancount(lines, ACCOUNTS)))
    assert errors == []
    assert sum(isinstance(entry, data.Transaction) for entry in entries) == len(lines)
    for until in DATES:
        tree = realization.realize([entry for entry in entries if str(entry.date) <= until])
        for name, balance in ours(lines, until).items():
            node = realization.get(tree, name)
            found = (
                realization.compute_balance(node).get_currency_units("GBP").number if node is not None else Decimal(0)
            )
            assert found == balance.pounds


@given(journals())
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_beancount_itself_asserts_our_balances(lines: list[dict[str, Any]]) -> None:
    asserted = [f"2013-01-01 balance {name} {sums} ~ 0 GBP" for name, sums in ours(lines, "2012-12-31").items()]
    text = "\n".join([*beancount(lines, ACCOUNTS), *asserted])
    assert loader.load_string(text)[1] == []


def test_beancount_would_notice_a_missing_penny() -> None:
    lines = [
        {
            "key": "k",
            "book": "bank",
            "effective_on": "2012-03-31",
            "description": "d",
            "postings": [{"account": "1000", "amount": "1.00"}, {"account": "3000", "amount": "-1.00"}],
        }
    ]
    text = "\n".join([*beancount(lines, ACCOUNTS), "2013-01-01 balance Assets:Bank:1000 0.99 ~ 0 GBP"])
    assert len(loader.load_string(text)[1]) == 1


def test_an_entry_keeps_what_identifies_it() -> None:
    lines = [
        {
            "key": "draw:fac_a:1",
            "book": "bank",
            "effective_on": "2012-03-31",
            "description": 'The "first"',
            "postings": [{"account": "1200:fac_a", "amount": "1.00"}, {"account": "1000", "amount": "-1.00"}],
            "seq": 7,
            "recorded_at": "2012-04-02T09:00:00.000000Z",
            "seal": "00ff",
        }
    ]
    assert list(beancount(lines, ACCOUNTS))[-8:] == [
        "",
        '2012-03-31 * "The \\"first\\""',
        '  key: "draw:fac_a:1"',
        '  seq: "7"',
        '  recorded_at: "2012-04-02T09:00:00.000000Z"',
        '  seal: "00ff"',
        f"  {account_names(ACCOUNTS)['bank', '1200:fac_a']}  1.00 GBP",
        "  Assets:Bank:1000  -1.00 GBP",
    ]
    assert list(hledger(lines, ACCOUNTS))[-6:-2] == [
        "",
        '2012-03-31 * (7) The "first"',
        "    ; recorded_at: 2012-04-02T09:00:00.000000Z",
        "    ; seal: 00ff",
    ]


def test_memoranda_stand_below_equity_apart_from_any_book() -> None:
    names = account_names(ACCOUNTS)
    assert names["bank", "9199"] == "Equity:Memo:Bank:9199"
    assert names["bank", "3000"] == "Equity:Bank:3000"
    assert names["memo", "3000"] == "Equity:Memo-2:3000"


codes = st.lists(st.text(alphabet="abAB01_.-", min_size=1, max_size=3), min_size=1, max_size=3).map(":".join)


@given(
    st.dictionaries(
        st.tuples(st.text(alphabet="aAmeo_-", min_size=1, max_size=3), codes),
        st.tuples(st.sampled_from(KINDS), st.just("name")),
        max_size=30,
    )
)
def test_every_account_has_a_valid_name_of_its_own(accounts: dict[tuple[str, str], tuple[str, str]]) -> None:
    names = account_names(accounts)
    assert names.keys() == accounts.keys()
    assert len(set(names.values())) == len(names)
    valid = re.compile(r"(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+")
    assert all(valid.fullmatch(name) for name in names.values())


@given(st.lists(codes, min_size=1, max_size=12, unique=True))
def test_what_lies_below_an_account_has_a_name_below_its_name(found: list[str]) -> None:
    names = account_names({("bank", code): ("asset", "") for code in found})
    for one in found:
        for other in found:
            below = other.startswith(f"{one}:")
            assert names["bank", other].startswith(f"{names['bank', one]}:") == below


def test_names_do_not_depend_on_the_order_of_the_accounts() -> None:
    assert account_names(dict(reversed(list(ACCOUNTS.items())))) == account_names(ACCOUNTS)


@pytest.mark.parametrize("write", [beancount, hledger])
def test_an_account_that_is_not_given_is_refused(write: Any) -> None:
    line = {
        "key": "k",
        "book": "bank",
        "effective_on": "2012-03-31",
        "description": "d",
        "postings": [{"account": "1000", "amount": "1.00"}, {"account": "7777", "amount": "-1.00"}],
    }
    with pytest.raises(UnknownAccount, match="'7777'"):
        list(write([line], ACCOUNTS))


needs_hledger = pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not on this machine")


def run_hledger(text: str, *words: str) -> str:
    program = shutil.which("hledger") or ""
    found = subprocess.run(
        [program, "-f", "-", *words],
        input=text,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"LANG": "C.UTF-8"},
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


@needs_hledger
@given(journals())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_hledger_accepts_the_file_and_has_our_balances(lines: list[dict[str, Any]]) -> None:
    text = "\n".join([*hledger(lines, ACCOUNTS), ""])
    run_hledger(text, "check", "--strict")
    names = account_names(ACCOUNTS)
    for until in ("2011-12-31", "2012-12-31"):
        own: defaultdict[str, Money] = defaultdict(lambda: NOTHING)
        for line in lines:
            for posting in line["postings"] if line["effective_on"] <= until else ():
                own[names[line["book"], posting["account"]]] += Money.parse(posting["amount"])
        day_after = date.fromisoformat(until) + timedelta(days=1)
        rows = csv.DictReader(
            run_hledger(text, "balance", "--flat", "-N", "-O", "csv", "-e", str(day_after)).splitlines()
        )
        found = {row["account"]: Money.parse(row["balance"].removesuffix(" GBP")) for row in rows}
        assert found == {name: amount for name, amount in own.items() if amount}
