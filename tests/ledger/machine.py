"""The stateful machine: hostile steps for the twins, drawn by Hypothesis and shrunk by it when they find something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from ledger.dates import CALENDAR_ENDS, CALENDAR_STARTS, Quarter
from ledger.entries import Entry
from ledger.money import LIMIT_PENCE
from tests.ledger.twins import OPENED, Step, Twins, Verb, as_json

Written = dict[str, Any]

QUARTERS: Final = st.sampled_from(["2011Q2", "2011Q4", "2012Q1", "2012Q2", "2012Q3", "2012Q4", "2013Q1"])
_EDGES: Final = [CALENDAR_STARTS, CALENDAR_ENDS, date(2011, 12, 31), date(2012, 1, 1), date(2012, 2, 29)]
DAYS: Final = st.one_of(
    st.integers(0, 720).map(lambda offset: date(2011, 4, 1) + timedelta(days=offset)),
    QUARTERS.flatmap(lambda text: st.sampled_from([Quarter.parse(text).starts_on, Quarter.parse(text).ends_on])),
    st.sampled_from(_EDGES),
).map(date.isoformat)
PENCE: Final = st.one_of(
    st.integers(1, 3), st.integers(1, 10**9), st.sampled_from([LIMIT_PENCE, LIMIT_PENCE - 1, LIMIT_PENCE // 2])
)
ACCOUNTS: Final = {
    "bank": ("1000", "1200", "1200:fac_a", "1200:fac_b", "1200:fac_a:deep", "4000", "5010"),
    "reclaim-fund": ("1000", "2000", "4000"),
}
KINDS: Final = st.sampled_from(["entry", "entry", "return", "accrual", "drawdown"])
TEXTS: Final = st.one_of(
    st.just("model"),
    st.text(st.sampled_from("a Z0'\"\\%?:;{}[]/,&<>é€£😀\u0301\u00a0\u200d\ufeff"), min_size=1, max_size=12),
).filter(str.strip)
"""What a writer might get wrong who puts texts together: quotes, backslashes, signs of other tongues."""
WAITS: Final = st.sampled_from([0, 0, 1, 3_600, 86_400 * 20, -7_200])
PICKS: Final = st.integers(0, 200)


@st.composite
def legs(draw: st.DrawFn, book: str) -> list[list[Any]]:
    """Legs that balance: debits, each with a credit, or several with one credit; perhaps several on one account."""
    account = st.sampled_from(ACCOUNTS[book])
    pence = draw(st.lists(PENCE, min_size=1, max_size=3).filter(lambda found: sum(found) <= LIMIT_PENCE))
    debits = [[draw(account), amount] for amount in pence]
    if draw(st.booleans()):
        return [*debits, [draw(account), -sum(pence)]]
    return [[draw(account), -sum(pence)], *reversed(debits)]


@st.composite
def entries(draw: st.DrawFn) -> Written:
    """An entry without its key, which the machine gives."""
    book = draw(st.sampled_from(["bank", "bank", "bank", "reclaim-fund"]))
    entry = {"book": book, "on": draw(DAYS), "legs": draw(legs(book)), "kind": draw(KINDS), "text": draw(TEXTS)}
    return entry | {"truly": draw(DAYS)} if draw(st.booleans()) else entry


@st.composite
def bursts(draw: st.DrawFn) -> list[Written]:
    """Many alike, every third of them dated back by more than a year."""
    first = draw(entries())
    on = date.fromisoformat(first["on"])
    back = max(on - timedelta(days=draw(st.integers(1, 500))), CALENDAR_STARTS).isoformat()
    count = draw(st.integers(2, 9))
    return [first | {"on": back if number % 3 == 2 else first["on"]} for number in range(count)]


@dataclass(frozen=True)
class Found:
    """What a search ended with: the script that shows it, and what was wrong."""

    seed: int
    fault: Exception
    script: list[Step]


class Machine(RuleBasedStateMachine):
    """One example: a fresh pair of journals and the steps taken on them."""

    run: ClassVar[Path]
    script: ClassVar[list[Step]]
    """The script of the example that ran last: when Hypothesis has found something, of the smallest that shows it."""

    def __init__(self) -> None:
        super().__init__()
        self.twins = Twins(self.run)
        type(self).script = self.twins.script
        self.keys = 0

    def teardown(self) -> None:
        try:
            self.twins.grid()
        finally:
            self.twins.close()

    def named(self, entry: Written, *, down: bool = True) -> Written:
        """With a key of its own; keys run downwards or upwards, so that nothing can lean on their order."""
        self.keys += 1
        return {"key": f"k{10_000 - self.keys if down else 10_000 + self.keys}", **entry}

    def there(self, pick: int) -> Written:
        posted = self.twins.oracle.entries
        return as_json(posted[-1 - pick % len(posted)])

    def reversals(self) -> list[tuple[int, Entry]]:
        return [(seq, entry) for seq, entry in enumerate(self.twins.oracle.entries, 1) if entry.reverses]

    def take(self, *verbs: Verb, **more: Any) -> None:
        self.twins.take({"verbs": list(verbs), **more})

    @rule(entry=entries(), wait=WAITS, down=st.booleans(), alone=st.booleans())
    def post(self, entry: Written, wait: int, *, down: bool, alone: bool) -> None:
        self.take(["post", [self.named(entry, down=down)]], wait=wait, alone=alone)

    @rule(burst=bursts(), alone=st.booleans())
    def post_many(self, burst: list[Written], *, alone: bool) -> None:
        self.take(["post", [self.named(entry) for entry in burst]], alone=alone)

    @rule(burst=bursts())
    def post_one_after_another_in_one_act(self, burst: list[Written]) -> None:
        self.take(*(["post", [self.named(entry)]] for entry in burst[:4]))

    @rule(entry=entries())
    def post_to_an_account_that_is_not_there(self, entry: Written) -> None:
        stray = self.named(entry | {"legs": [["1299", 5], ["1000", -5]]})
        self.take(["post", [self.named(entry), stray]])

    @precondition(lambda self: self.twins.oracle.entries)
    @rule(pick=PICKS, entry=entries(), single=st.booleans(), alone=st.booleans())
    def replay(self, pick: int, entry: Written, *, single: bool, alone: bool) -> None:
        again = self.there(pick)
        self.take(["post", [again] if single else [again, self.named(entry), again]], alone=alone)

    @precondition(lambda self: self.twins.oracle.entries)
    @rule(pick=PICKS, entry=entries(), change=st.sampled_from(["text", "pair", "on", "kind"]), alone=st.booleans())
    def same_key_with_other_content(self, pick: int, entry: Written, change: str, *, alone: bool) -> None:
        there = self.there(pick)
        other = there | {change: "2012-02-28" if change == "on" else f"{there[change]}x"}
        self.take(["post", [self.named(entry), other]], alone=alone)

    @rule(entry=entries(), change=st.sampled_from(["text", "kind"]), alone=st.booleans())
    def two_contents_under_one_key_in_one_act(self, entry: Written, change: str, *, alone: bool) -> None:
        one = self.named(entry | {"text": "model", "kind": "entry"})
        self.take(["post", [one, one | {change: "other"}]], alone=alone)

    @precondition(lambda self: self.twins.oracle.entries)
    @rule(pick=PICKS, on=DAYS, wait=WAITS)
    def reverse(self, pick: int, on: str, wait: int) -> None:
        seq = len(self.twins.oracle.entries) - pick % len(self.twins.oracle.entries)
        self.take(["reverse", seq, self.named({})["key"], on], wait=wait)

    @precondition(lambda self: self.reversals())
    @rule(pick=PICKS, on=DAYS, how=st.sampled_from(["the reversal", "again", "replayed", "replayed on another day"]))
    def reverse_what_was_reversed(self, pick: int, on: str, how: str) -> None:
        undoing = self.reversals()
        seq, entry = undoing[pick % len(undoing)]
        fresh = self.named({})["key"]
        self.take(
            {
                "the reversal": ["reverse", seq, fresh, on],
                "again": ["reverse", entry.reverses, fresh, on],
                "replayed": ["reverse", entry.reverses, entry.key, entry.effective_on.isoformat()],
                "replayed on another day": ["reverse", entry.reverses, entry.key, on],
            }[how]
        )

    @rule(seq=st.sampled_from([0, 10_000]))
    def reverse_what_is_not_there(self, seq: int) -> None:
        self.take(["reverse", seq, self.named({})["key"], "2013-01-01"])

    @rule(quarter=QUARTERS, hard=st.sampled_from([False, False, True]), burst=bursts())
    def close(self, quarter: str, burst: list[Written], *, hard: bool) -> None:
        self.take(["close", quarter, hard])
        self.take(["post", [self.named(burst[0])]])

    @rule(quarter=QUARTERS)
    def reopen(self, quarter: str) -> None:
        self.take(["reopen", quarter])

    @rule(book=st.sampled_from(["bank", "reclaim-fund"]), code=st.sampled_from(["12000", "1000:x", "4000:y:z"]))
    def open_an_account(self, book: str, code: str) -> None:
        self.take(["account", book, code])
        self.take(["post", [self.named({"book": book, "on": "2012-12-30", "legs": [[code, 7], ["1000", -7]]})]])

    @rule(code=st.sampled_from(["1200", "1200:fac_a", "7777"]), part=st.sampled_from(["fac_a", "fac_c", "d:e"]))
    def open_an_account_below(self, code: str, part: str) -> None:
        self.take(["below", "bank", code, part])

    @rule(entry=entries(), burst=bursts(), quarter=QUARTERS)
    def take_back_a_whole_act(self, entry: Written, burst: list[Written], quarter: str) -> None:
        """What the act did beside its postings must be gone with them: accounts, closes and keys too."""
        new = self.named({"book": "bank", "on": burst[0]["on"], "legs": [["1200:gone", 3], ["1000", -3]]})
        keyed = ["keyed", f"act {self.keys}", self.named(entry)]
        posts = ["post", [*(self.named(one) for one in burst), new]]
        self.take(["below", "bank", "1200", "gone"], posts, keyed, ["close", quarter, True], abort=True)
        self.take(["post", [new]])

    @rule(burst=bursts(), entry=entries(), keep=st.booleans(), quarter=QUARTERS)
    def roll_back_to_a_savepoint(self, burst: list[Written], entry: Written, quarter: str, *, keep: bool) -> None:
        inner = [["post", [self.named(one) for one in burst]], ["close", quarter, False]]
        outer = ["post", [self.named(entry)]]
        self.take(["savepoint", [*inner, ["below", "bank", "1200", "kept"]], keep], outer)

    @rule(entry=entries(), number=st.integers(0, 3), other=st.booleans())
    def post_by_a_command_with_a_key(self, entry: Written, number: int, *, other: bool) -> None:
        key = f"act {number}"
        before = self.twins.model.answers.get(key)
        again = self.named(entry) if before is None or other else as_json(before[0])
        self.take(["keyed", key, again])

    @rule(entry=entries(), halves=st.sampled_from([1, 2, 2, 2]))
    def post_a_linked_pair(self, entry: Written, halves: int) -> None:
        pair = f"pair {self.keys}"
        ours = self.named({"book": "bank", "on": entry["on"], "legs": [["1000", 9], ["4000", -9]], "pair": pair})
        theirs = ours | {"book": "reclaim-fund", "legs": [["1000", 9], ["2000", -9]]}
        self.take(["post", [ours, theirs][:halves]])

    @precondition(lambda self: len(self.twins.script) > 10)
    @rule(kind=st.sampled_from(["sqlite", "sqlite", "sqlite", "postgresql"]))
    def rebuild(self, kind: str) -> None:
        self.take(rebuild=kind)

    @rule(burst=bursts(), entry=entries(), again=st.booleans())
    def place_later(self, burst: list[Written], entry: Written, *, again: bool) -> None:
        """Entries that wait for their place while another, posted meanwhile, is placed before them."""
        waiting = [self.named(one) for one in burst]
        more = [waiting[0], waiting[0] | {"text": "other"}] if again else []
        self.take(["post", [self.named(entry)]], later=[*waiting, *more])

    @rule(below=st.sampled_from(OPENED), on=DAYS, count=st.integers(1, 5))
    def crowd_one_account(self, below: str, on: str, count: int) -> None:
        """Every leg of an entry on one account, both ways, so that it turns over without moving."""
        crowd: list[list[Any]] = [[below, amount] for amount in range(1, count + 1)]
        total = sum(amount for _, amount in crowd)
        self.take(["post", [self.named({"book": "bank", "on": on, "legs": [*crowd, [below, -total]]})]])


def search(run: Path, number: int, *, examples: int, steps: int = 40, shrink: bool = True) -> Found | None:
    """Run the machine from a seed; the same seed on the same code takes the same steps."""
    fresh: type[Machine] = type("Search", (Machine,), {"run": run, "script": []})
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    wanted = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=phases,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(number)(fresh), settings=wanted)
    except Exception as fault:  # noqa: BLE001 -- whatever it is, it was found
        return Found(number, fault, fresh.script)
    return None
