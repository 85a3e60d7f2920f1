"""The disk that forgets: what it must keep, what it may lose, and that it does lose it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crashes.disk import (
    LOSSES,
    SECTOR,
    Create,
    Disk,
    Loss,
    MakeDirectory,
    Operation,
    Rename,
    Sync,
    SyncNames,
    Truncate,
    Unlink,
    Write,
)


def left(disk: Disk, loss: Loss, seed: int = 0) -> dict[str, Path | bytes | None]:
    return dict(disk.after_cut(Random(seed), loss))  # noqa: S311 -- to be had again


def played(*operations: Operation, start: dict[str, Path] | None = None) -> Disk:
    disk = Disk(start or {}, [""])
    for operation in operations:
        disk.play(operation)
    return disk


MADE = (Create("a", 1), Write(1, 0, b"old"), Sync(1, names=True))


@pytest.mark.parametrize("loss", LOSSES)
def test_what_was_synced_is_there_whatever_is_lost(loss: Loss) -> None:
    assert left(played(*MADE), loss) == {"": None, "a": b"old"}


def test_what_was_not_synced_may_go_and_may_stay() -> None:
    disk = played(*MADE, Write(1, 0, b"new!"))
    assert left(disk, "nothing kept")["a"] == b"old"
    assert left(disk, "all kept")["a"] == b"new!"
    assert {left(disk, "some kept", seed)["a"] for seed in range(20)} == {b"old", b"new!"}


def test_a_write_may_be_torn_between_sectors_and_only_there() -> None:
    before, after = b"a" * SECTOR * 3, b"b" * SECTOR * 3
    disk = played(Create("a", 1), Write(1, 0, before), Sync(1, names=True), Write(1, 0, after))
    seen = {left(disk, "torn", seed)["a"] for seed in range(100)}
    assert len(seen) == 8
    assert {content[: SECTOR * 3 : SECTOR] for content in seen if isinstance(content, bytes)} == {
        bytes(each) for each in product(b"ab", repeat=3)
    }


def test_a_file_whose_name_was_not_synced_may_be_gone() -> None:
    disk = played(Create("a", 1), Write(1, 0, b"x"), Sync(1))
    assert "a" not in left(disk, "nothing kept")
    disk.play(SyncNames(""))
    assert left(disk, "nothing kept")["a"] == b"x"


def test_a_deleted_file_comes_back_until_its_directory_is_synced() -> None:
    disk = played(*MADE, Unlink("a"))
    assert left(disk, "nothing kept")["a"] == b"old"
    disk.play(SyncNames(""))
    assert "a" not in left(disk, "nothing kept")


def test_a_rename_is_whole_or_not_at_all() -> None:
    disk = played(*MADE, Create("b", 2), Write(2, 0, b"two"), Sync(2, names=True), Rename("b", "a"))
    assert left(disk, "nothing kept") == {"": None, "a": b"old", "b": b"two"}
    assert left(disk, "all kept") == {"": None, "a": b"two"}


def test_what_lies_in_a_lost_directory_is_lost_with_it() -> None:
    disk = played(MakeDirectory("d"), Create("d/a", 1), Sync(1), SyncNames("d"))
    assert left(disk, "nothing kept") == {"": None}
    disk.play(SyncNames(""))
    assert left(disk, "nothing kept") == {"": None, "d": None, "d/a": b""}


def test_a_file_that_nobody_touched_is_told_by_where_it_lies(tmp_path: Path) -> None:
    lying = tmp_path / "lying"
    lying.write_bytes(b"as it was")
    disk = Disk({"a": lying})
    assert left(disk, "torn")["a"] == lying
    disk.play(Write(disk.file("a"), 3, b"IT"))
    assert left(disk, "all kept")["a"] == b"as IT was"
    assert lying.read_bytes() == b"as it was"


_CHANGES = st.one_of(
    st.builds(Write, st.just(1), st.integers(0, 2000), st.binary(min_size=1, max_size=1500)),
    st.builds(Truncate, st.just(1), st.integers(0, 2000)),
)


@given(st.lists(_CHANGES, max_size=8), st.lists(_CHANGES, max_size=8))
def test_synced_writes_are_what_a_plain_file_would_hold(before: list[Operation], after: list[Operation]) -> None:
    disk = played(Create("a", 1), *before, Sync(1, names=True))
    assert left(disk, "nothing kept")["a"] == _plainly(before)
    for operation in after:
        disk.play(operation)
    assert left(disk, "nothing kept")["a"] == _plainly(before)
    assert left(disk, "all kept")["a"] == _plainly([*before, *after])


def _plainly(operations: list[Operation]) -> bytes:
    content = b""
    for operation in operations:
        if isinstance(operation, Truncate):
            content = content[: operation.size].ljust(operation.size, b"\0")
        elif isinstance(operation, Write):
            ends = operation.offset + len(operation.data)
            content = content.ljust(operation.offset, b"\0")
            content = content[: operation.offset] + operation.data + content[ends:]
    return content
