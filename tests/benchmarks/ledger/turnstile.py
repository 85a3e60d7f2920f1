"""A relay between a client and PostgreSQL that counts the round trips: each time the client speaks after the server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import URL, make_url


@dataclass
class Count:
    """What went through so far."""

    url: str
    turns: int = 0
    sent: int = 0
    received: int = 0
    client_spoke_last: bool = False


@contextmanager
def turnstile(url: str) -> Iterator[Count]:
    """The same database by another address, where everything that goes through is counted. Not to be timed."""
    where = make_url(url)
    with socket.create_server(("127.0.0.1", 0)) as door:
        count = Count(_by(where, door.getsockname()[1]))
        threading.Thread(target=_let_in, args=(door, where, count), daemon=True).start()
        yield count


def _by(where: URL, port: int) -> str:
    return where.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)


def _let_in(door: socket.socket, where: URL, count: Count) -> None:
    with suppress(OSError):
        while True:
            client, _ = door.accept()
            server = socket.create_connection((where.host or "127.0.0.1", where.port or 5432))
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_pass, args=(client, server, count, True), daemon=True).start()
            threading.Thread(target=_pass, args=(server, client, count, False), daemon=True).start()


def _pass(source: socket.socket, target: socket.socket, count: Count, from_client: bool) -> None:
    with suppress(OSError):
        while block := source.recv(1 << 16):
            if from_client and not count.client_spoke_last:
                count.turns += 1
            count.client_spoke_last = from_client
            count.sent += len(block) if from_client else 0
            count.received += 0 if from_client else len(block)
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
