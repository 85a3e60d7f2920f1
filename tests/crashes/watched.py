"""A file system that writes down, in order, all that it is asked to change: `python -m tests.crashes.watched`.

It passes everything on to a directory beneath it. A name that begins with `told ` is no file: what is written to it is
written down as something the world outside was told, at that place in the order.
"""

from __future__ import annotations

import os
import pickle
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import mfusepy

from tests.crashes.disk import (
    Create,
    MakeDirectory,
    Note,
    Operation,
    RemoveDirectory,
    Rename,
    Sync,
    SyncNames,
    Truncate,
    Unlink,
    Write,
)

TOLD: Final = "told"
"""The name that is no file."""

_TOLD_HANDLE: Final = 2**30
_ATTRIBUTES: Final = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size")
_TIMES: Final = ("st_atime", "st_mtime", "st_ctime")


class Watched(mfusepy.Operations):  # type: ignore[misc]  # the library has no types
    """The operations of the file system; one at a time, so that their order is a fact."""

    use_ns = True

    def __init__(self, beneath: Path, record: Path) -> None:
        self._beneath = beneath
        self._record = record.open("wb")
        names = sorted(str(path.relative_to(beneath)) for path in beneath.rglob("*") if path.is_file())
        self._numbers = {name: -2 - number for number, name in enumerate(names)}  # as `disk.Disk` numbers them
        self._open: dict[int, int] = {}
        self._made = 0

    def _down(self, operation: Operation) -> None:
        pickle.dump(operation, self._record)

    def _real(self, path: str) -> Path:
        return self._beneath / path[1:]

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        """What is known of a file."""
        del fh
        if path == f"/{TOLD}":
            return {"st_mode": stat.S_IFREG | 0o666, "st_nlink": 1, "st_size": 0}
        found = self._real(path).lstat()
        times = {name: getattr(found, f"{name}_ns") for name in _TIMES}
        return {name: getattr(found, name) for name in _ATTRIBUTES} | times

    def readdir(self, path: str, fh: int) -> list[str]:
        """The names in a directory."""
        del fh
        return [".", "..", *(there.name for there in self._real(path).iterdir())]

    def open(self, path: str, flags: int) -> int:
        """Open."""
        if path == f"/{TOLD}":
            return _TOLD_HANDLE
        return self._opened(os.open(self._real(path), flags & ~(os.O_APPEND | os.O_EXCL)), path)

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        """Make a file of whoever asks, and open it."""
        del fi
        handle = os.open(self._real(path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)
        self._own(path)
        self._made += 1
        self._numbers[path[1:]] = self._made
        self._down(Create(path[1:], self._made))
        return self._opened(handle, path)

    def _opened(self, handle: int, path: str) -> int:
        self._open[handle] = self._numbers[path[1:]]
        return handle

    def _own(self, path: str) -> None:
        user, group, _ = mfusepy.fuse_get_context()
        if os.geteuid() == 0:
            os.chown(self._real(path), user, group)

    def release(self, path: str, fh: int) -> int:
        """Close."""
        del path
        if fh != _TOLD_HANDLE:
            del self._open[fh]
            os.close(fh)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Read."""
        del path
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Write, and write down."""
        if path == f"/{TOLD}":
            self._down(Note(data.decode()))
            return len(data)
        self._down(Write(self._open[fh], offset, bytes(data)))
        return os.pwrite(fh, data, offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        """Cut or stretch."""
        del fh
        if path != f"/{TOLD}":
            self._down(Truncate(self._numbers[path[1:]], length))
            os.truncate(self._real(path), length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        """Write down that this file lasts; nothing need be flushed beneath."""
        del path, datasync
        self._down(Sync(self._open[fh]))
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        """Write down that the names of this directory last."""
        del datasync, fh
        self._down(SyncNames(path[1:]))
        return 0

    def rename(self, old: str, new: str) -> int:
        """Give a file another name."""
        if stat.S_ISDIR(self._real(old).lstat().st_mode):
            raise mfusepy.FuseOSError(mfusepy.errno.EXDEV)  # nobody here renames directories, and nothing models it
        self._down(Rename(old[1:], new[1:]))
        self._numbers[new[1:]] = self._numbers.pop(old[1:])
        self._real(old).rename(self._real(new))
        return 0

    def unlink(self, path: str) -> int:
        """Take a name away."""
        self._down(Unlink(path[1:]))
        del self._numbers[path[1:]]
        self._real(path).unlink()
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        """Make a directory."""
        self._real(path).mkdir(mode)
        self._own(path)
        self._down(MakeDirectory(path[1:]))
        return 0

    def rmdir(self, path: str) -> int:
        """Take a directory away."""
        self._real(path).rmdir()
        self._down(RemoveDirectory(path[1:]))
        return 0

    def chmod(self, path: str, mode: int) -> int:
        """Change who may do what; not written down."""
        self._real(path).chmod(mode)
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        """Change the owner; not written down."""
        os.chown(self._real(path), uid, gid)
        return 0

    def utimens(self, path: str, times: tuple[int, int]) -> int:
        """Change the times; not written down."""
        os.utime(self._real(path), ns=times)
        return 0

    def destroy(self, path: str) -> None:
        """Close the record."""
        del path
        self._record.close()


def read(record: Path) -> Iterator[Operation]:
    """The operations of a record, in order."""
    with record.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301 -- our own record of a moment ago
            except EOFError:
                return


if __name__ == "__main__":
    mfusepy.FUSE(
        Watched(Path(sys.argv[1]), Path(sys.argv[3])),
        sys.argv[2],
        foreground=True,
        nothreads=True,
        fsname="watched",
        **({"allow_other": True} if os.geteuid() == 0 else {}),
    )
