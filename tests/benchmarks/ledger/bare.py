"""The bare driver: the same rows written and the same figures read with nothing of ours between, as fast as it goes.

A baseline that is slow flatters us, so each kind of work has several ways, and whoever measures tries them all.
"""
# ruff: noqa: S608 -- the names put into these statements are those of our own tables

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Row = tuple[Any, ...]

TABLES: Final = ("posting", "entry", "mark")
"""What a post writes; then it moves the head."""

GUARDED: Final = ("mark", "journal_head", "posting", "entry", "cell")
"""The same, and the sums that an act of many has filled, in the order in which the guards will have them."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one or many posts, table by table, and what the head becomes."""

    posting: Sequence[Row]
    entry: Sequence[Row]
    mark: Sequence[Row] = ()
    head: Row = ()
    cell: Sequence[Row] = ()

    def of(self, table: str) -> Sequence[Row]:
        """The rows for one table."""
        found: Sequence[Row] = getattr(self, table)
        return found


Way = Callable[[Rows], Callable[[], None]]
"""Makes rows ready for one way of writing them, and gives the act that writes them and commits: only that is timed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A way to read: what the connection is set to, and the statement."""

    settings: tuple[str, ...]
    statement: str


@dataclass
class Bare(ABC):
    """One connection by the driver alone."""

    url: str
    columns: dict[str, list[str]] = field(default_factory=dict)

    @abstractmethod
    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run one statement and fetch all that it answers."""

    @abstractmethod
    def take_triggers_off(self) -> None:
        """Remove our triggers from the tables."""

    @abstractmethod
    def single_ways(self) -> Mapping[str, Way]:
        """Ways to write one post, its mark and the moved head, and commit."""

    def order_ways(self) -> Mapping[str, Way]:
        """The same for many clients at once, who keep one order."""
        return self.single_ways()

    @abstractmethod
    def append_ways(self) -> Mapping[str, Way]:
        """Ways to write the postings and the header of one post alone, and commit."""

    @abstractmethod
    def bulk_ways(self) -> Mapping[str, Way]:
        """Ways to write many posts in one transaction."""

    @abstractmethod
    def guarded_single(self, rows: Rows) -> Callable[[], None]:
        """The same for one post where the guards are on: in an order that they let pass."""

    @abstractmethod
    def guarded_bulk(self, rows: Rows) -> Callable[[], None]:
        """The same for many posts where the guards are on, and the cells with them."""

    @abstractmethod
    def cut_plans(self) -> Mapping[str, Plan]:
        """Ways to add up all postings by account, to a day and a place."""

    @abstractmethod
    def one_plans(self) -> Mapping[str, Plan]:
        """Ways to add up the postings on one account, to a day and a place."""

    @abstractmethod
    def hash_ways(self) -> Mapping[str, Callable[[], int]]:
        """Ways to read every entry and posting in order and hash each; each gives the number of rows it has read."""

    def server_processes(self) -> list[int]:
        """The processes of the server that serve this database, where it has any on this machine."""
        return []

    def adopt(self, plan: Plan) -> None:
        """Set the connection as a plan has it."""
        for setting in plan.settings:
            self.ask(setting)

    @abstractmethod
    def settle(self) -> None:
        """Let the database tidy up what was loaded, as it would by itself in time."""

    @abstractmethod
    def close(self) -> None:
        """Hang up."""

    def names(self, table: str) -> list[str]:
        """The columns of a table, in its own order."""
        if table not in self.columns:
            self.columns[table] = self._names(table)
        return self.columns[table]

    @abstractmethod
    def _names(self, table: str) -> list[str]: ...

    def account_ids(self, book: str = "bank") -> dict[str, int]:
        """The accounts of a book, by code."""
        asked = "SELECT a.code, a.id FROM account a JOIN book b ON b.id = a.book_id"
        return {row[0]: row[1] for row in self.ask(f"{asked} WHERE b.code = '{book}'")}

    def written(self, after: int, upto: int) -> Rows:
        """The rows of the posts between two places, as they lie in the tables, and the head as it is now."""
        span = f"> {after} AND %s <= {upto}"
        return Rows(
            posting=self._written("posting", "seq " + span % "seq", "seq, leg"),
            entry=self._written("entry", "seq " + span % "seq", "seq"),
            mark=self._written("mark", "upto_seq " + span % "upto_seq", "upto_seq"),
            head=self._written("journal_head", "id = 1", "id")[0],
        )

    def cells(self) -> list[Row]:
        """Every sum that is kept, in an order in which they may have been written."""
        return self._written("cell", "true", "level, block, account_id, period")

    def _written(self, table: str, where: str, order: str) -> list[Row]:
        return self.ask(f"SELECT {', '.join(self.names(table))} FROM {table} WHERE {where} ORDER BY {order}")

    def _insert(self, table: str, rows: int, mark: str) -> str:
        one = f"({', '.join([mark] * len(self.names(table)))})"
        return f"INSERT INTO {table} ({', '.join(self.names(table))}) VALUES {', '.join([one] * rows)}"

    def _move_head(self, mark: str) -> str:
        return f"UPDATE journal_head SET {', '.join(f'{name} = {mark}' for name in self.names('journal_head')[1:])}"


def one_by_one(rows: Rows, names: Mapping[str, list[str]]) -> list[Rows]:
    """Rows of many posts taken apart, one post each; each moves the head to its own place.

    Only the last head can be read back, so the others are it with another place, instant and root: as many bytes.
    """
    posting, mark, head = names["posting"], names["mark"], names["journal_head"]
    legs: dict[int, list[Row]] = {}
    for row in rows.posting:
        legs.setdefault(row[posting.index("seq")], []).append(row)
    marks = {row[mark.index("upto_seq")]: row for row in rows.mark}
    apart = []
    for row in rows.entry:
        seq = row[names["entry"].index("seq")]
        kept = marks[seq]
        told = {"seq": seq} | {name: kept[mark.index(name)] for name in ("recorded_at", "root")}
        moved = dict(zip(head, rows.head, strict=True)) | told
        apart.append(Rows(legs[seq], [row], [kept], tuple(moved.values())))
    return apart
