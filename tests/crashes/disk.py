"""A disk as a power cut leaves it: what was synced is there, and of the rest any part may be.

The model of a file is its content at the last sync and the writes since then; of a directory, its names at the last
sync and the changes since then. A cut keeps any part of what was not synced, down to single sectors of one write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from random import Random
from typing import Final, Literal, TypeAlias, get_args

SECTOR: Final = 512
"""Bytes that a disk writes whole or not at all."""

Loss: TypeAlias = Literal["nothing kept", "all kept", "first kept", "first and a torn write kept", "some kept", "torn"]
LOSSES: Final[tuple[Loss, ...]] = get_args(Loss)
"""What may become of the writes that were not synced."""


@dataclass(frozen=True, slots=True)
class Create:
    """A new file under a name."""

    path: str
    file: int


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put into a file."""

    file: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file cut, or stretched with zeros, to a size."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """A file's bytes made to last; with `names`, its directory too."""

    file: int
    names: bool = False


@dataclass(frozen=True, slots=True)
class SyncNames:
    """A directory's names made to last."""

    directory: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A file under another name, in the place of whatever was there."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Unlink:
    """A name taken away."""

    path: str


@dataclass(frozen=True, slots=True)
class MakeDirectory:
    """A new directory."""

    path: str


@dataclass(frozen=True, slots=True)
class RemoveDirectory:
    """A directory taken away."""

    path: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something the world outside was told at this moment: whoever heard it will rely on it."""

    text: str


Operation: TypeAlias = (
    Create | Write | Truncate | Sync | SyncNames | Rename | Unlink | MakeDirectory | RemoveDirectory | Note
)
_DIRECTORY: Final = -1


@dataclass(slots=True)
class File:
    """A file: its lasting content (none while it is as it lay at the beginning), and what came since the last sync."""

    origin: Path | None = None
    lasting: bytearray | None = None
    since: list[Write | Truncate] = field(default_factory=list)

    def sync(self) -> None:
        """Let everything so far last."""
        if self.since:
            self.lasting = _played(self.content(), self.since)
            self.since = []

    def content(self) -> bytearray:
        """The lasting content, to be changed by nobody."""
        if self.lasting is None:
            self.lasting = bytearray(self.origin.read_bytes() if self.origin else b"")
        return self.lasting

    def left(self, chance: Random, loss: Loss) -> bytearray | None:
        """The content after a cut; none when the file is as it lay at the beginning."""
        kept = list(_kept(self.since, chance, loss))
        if not kept and self.lasting is None and self.origin is not None:
            return None
        return _played(bytearray(self.content()), kept)


@dataclass(frozen=True, slots=True)
class _Renaming:
    """A change of names: which go, and which come to stand for what."""

    directories: frozenset[str]
    gone: tuple[str, ...]
    come: tuple[tuple[str, int], ...]

    def apply(self, names: dict[str, int]) -> None:
        for path in self.gone:
            names.pop(path, None)
        names.update(self.come)


class Disk:
    """A disk that plays operations and, at any moment, tells what a power cut would leave of it."""

    def __init__(self, files: Mapping[str, Path], directories: Iterable[str] = ()) -> None:
        self._files = {-2 - number: File(origin) for number, origin in enumerate(files.values())}
        self._names = dict(zip(files, self._files, strict=True)) | dict.fromkeys(directories, _DIRECTORY)
        self._lasting_names = dict(self._names)
        self._since: list[_Renaming] = []

    def file(self, path: str) -> int:
        """The number by which the file of this name is written to."""
        return self._names[path]

    def play(self, operation: Operation) -> None:
        """Do as the operation says."""
        match operation:
            case Write(file) | Truncate(file):
                self._files[file].since.append(operation)
            case Sync(file, names):
                self._files[file].sync()
                if names:
                    self._sync_names({_directory_of(path) for path, known in self._names.items() if known == file})
            case SyncNames(directory):
                self._sync_names({directory})
            case Note():
                pass
            case _:
                self._rename(operation)

    def after_cut(self, chance: Random, loss: Loss) -> Iterator[tuple[str, Path | bytes | None]]:
        """Every name that is left, parents first, with its content: a path it is to be copied from, or bytes.

        A directory has none.
        """
        left = self._names_left(chance, loss)
        for path in sorted(left):
            if not _reachable(path, left):
                continue
            if left[path] == _DIRECTORY:
                yield path, None
                continue
            file = self._files[left[path]]
            content = file.left(chance, loss)
            yield path, file.origin if content is None else bytes(content)

    def unsynced(self) -> int:
        """How many operations would be in doubt if the power went now."""
        return len(self._since) + sum(len(file.since) for file in self._files.values())

    def _rename(self, operation: Create | Rename | Unlink | MakeDirectory | RemoveDirectory) -> None:
        change = self._understood(operation)
        change.apply(self._names)
        self._since.append(change)

    def _understood(self, operation: Create | Rename | Unlink | MakeDirectory | RemoveDirectory) -> _Renaming:
        match operation:
            case Create(path, file):
                self._files[file] = File()
                return _Renaming(frozenset({_directory_of(path)}), (), ((path, file),))
            case MakeDirectory(path):
                return _Renaming(frozenset({_directory_of(path)}), (), ((path, _DIRECTORY),))
            case Rename(old, new):
                both = frozenset({_directory_of(old), _directory_of(new)})
                return _Renaming(both, (old,), ((new, self._names[old]),))
            case Unlink(path) | RemoveDirectory(path):
                return _Renaming(frozenset({_directory_of(path)}), (path,), ())

    def _sync_names(self, directories: set[str]) -> None:
        rest = []
        for change in self._since:
            if change.directories & directories:
                change.apply(self._lasting_names)
            else:
                rest.append(change)
        self._since = rest

    def _names_left(self, chance: Random, loss: Loss) -> dict[str, int]:
        """Of each directory the first few changes last: file systems keep them in order."""
        left = dict(self._lasting_names)
        by_directory: dict[frozenset[str], list[_Renaming]] = {}
        for change in self._since:
            by_directory.setdefault(change.directories, []).append(change)
        kept = {id(change) for changes in by_directory.values() for change in _first(changes, chance, loss)}
        for change in self._since:
            if id(change) in kept:
                change.apply(left)
        return left


def _first(changes: list[_Renaming], chance: Random, loss: Loss) -> list[_Renaming]:
    match loss:
        case "nothing kept":
            return []
        case "all kept":
            return changes
        case _:
            return changes[: chance.randint(0, len(changes))]


def _kept(since: list[Write | Truncate], chance: Random, loss: Loss) -> Iterable[Write | Truncate]:
    match loss:
        case "nothing kept":
            return []
        case "all kept":
            return since
        case "first kept":
            return since[: chance.randint(0, len(since))]
        case "first and a torn write kept":
            whole = chance.randint(0, len(since))
            return [*since[:whole], *_torn(since[whole : whole + 1], chance)]
        case "some kept":
            return [operation for operation in since if chance.random() < 0.5]
        case "torn":
            return _torn(since, chance)


def _torn(since: Iterable[Write | Truncate], chance: Random) -> Iterator[Write | Truncate]:
    """Some sectors of each write."""
    for operation in since:
        parts = _sectors(operation) if isinstance(operation, Write) else [operation]
        yield from (part for part in parts if chance.random() < 0.5)


def _sectors(write: Write) -> Iterator[Write]:
    start, ends = write.offset, write.offset + len(write.data)
    while start < ends:
        upto = min(ends, start - start % SECTOR + SECTOR)
        yield Write(write.file, start, write.data[start - write.offset : upto - write.offset])
        start = upto


def _played(content: bytearray, operations: Iterable[Write | Truncate]) -> bytearray:
    """The content changed in place by the operations; a hole reads as zeros."""
    for operation in operations:
        upto = operation.size if isinstance(operation, Truncate) else operation.offset + len(operation.data)
        if len(content) < upto:
            content.extend(bytes(upto - len(content)))
        if isinstance(operation, Truncate):
            del content[operation.size :]
        else:
            content[operation.offset : upto] = operation.data
    return content


def _directory_of(path: str) -> str:
    above = str(PurePosixPath(path).parent)
    return "" if above == "." else above


def _reachable(path: str, names: Mapping[str, int]) -> bool:
    above = _directory_of(path)
    return not above or (above in names and _reachable(above, names))
