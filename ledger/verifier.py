"""Checks the bank's books without the bank: this one file, Python 3.9 or later, and nothing else.

    python verifier.py export.jsonl --checkpoint signed.txt --key 'bank.example/books+1a2b3c4d+AVW...'

reads what ``bank ledger export`` wrote and computes all of it again: that every entry balances, that none is missing,
put in, changed or out of order, that the whole comes to the root of each signed checkpoint given, and that each was
signed by a key given. It prints what every account of every book comes to, to be compared with what the bank reports.

    python verifier.py --proof slip.txt --key ...                 one entry, and the checkpoint that covers it
    python verifier.py --consistency proof.txt --checkpoint old.txt --checkpoint new.txt --key ...
                                                                  that the later books only add to the earlier ones

It ends with 0 when everything holds and with 1 when something does not; ``--json`` tells the same to a program. It
shares no code with the bank on purpose. The rules it follows: an entry's canonical text is JSON of texts, its members
sorted, without spaces, in UTF-8; its seal is SHA-256 of a nought byte and that text; the root is RFC 9162's; notes,
checkpoints and proofs are c2sp.org's signed-note, tlog-checkpoint and tlog-proof; signatures are Ed25519 of RFC 8032.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

FIRST_DAY, LAST_DAY = "2008-11-26", "2099-12-31"
MOST_PENCE, MOST_POSTINGS, LONGEST_LINE = 9_000_000_000_000_000, 10_000, 4_000_000
NEEDED = {"key", "book", "effective_on", "description", "postings", "kind", "seq", "recorded_at", "actor", "seal"}
ALLOWED = NEEDED | {"pair", "original_effective_on", "reverses"}

AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]{0,13})\.([0-9]{2})", re.ASCII)
CODE = re.compile(r"[A-Za-z0-9_.\-]+(:[A-Za-z0-9_.\-]+)*", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)
WHOLE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
SEAL = re.compile(r"[0-9a-f]{64}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Fault(Exception):
    """Something that does not hold; `seq` is the place of the entry, where it is one entry's fault."""

    def __init__(self, why: str, seq: int | None = None) -> None:
        super().__init__(why)
        self.why, self.seq = why, seq


def require(holds: object, why: str, seq: int | None = None) -> None:
    """Go on when it holds; otherwise say why not."""
    if not holds:
        raise Fault(why, seq)


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry's canonical text: its seal."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A log that grows: one hash for each perfect subtree, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add a leaf: it completes a subtree for each trailing one of the size."""
        ones = self.size
        while ones & 1:
            leaf, ones = node_hash(self.peaks.pop(), leaf), ones >> 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The hash over all leaves."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = node_hash(peak, root)
        return root


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to: what lies inside the largest whole subtrees first, then the border."""
    require(0 <= index < size, f"the proof is of leaf {index} in a log of {size}")
    inner = (index ^ (size - 1)).bit_length()
    border = bin(index >> inner).count("1")  # noqa: FURB161 -- there is no bit_count in Python 3.9
    require(len(proof) == inner + border, f"the proof has {len(proof)} hashes, and {inner + border} lead to the root")
    root = leaf
    for level, sibling in enumerate(proof[:inner]):
        root = node_hash(sibling, root) if index >> level & 1 else node_hash(root, sibling)
    for sibling in proof[inner:]:
        root = node_hash(sibling, root)
    return root


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> None:
    """Check that the log with the new root begins with the log with the old root (RFC 9162 section 2.1.4.2)."""
    require(0 <= old <= new, f"a log of {old} entries is no beginning of one with {new}")
    if old in {0, new}:
        require(not proof, "this proof needs no hashes")
        require(old_root == (new_root if old else Tree().root()), "the two checkpoints have different histories")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    require(path, "the proof has no hashes")
    before = after = path[0]
    for sibling in path[1:]:
        require(last, "the proof has hashes too many")
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    require(not last, "the proof has hashes too few")
    require((before, after) == (old_root, new_root), "the later checkpoint does not continue the earlier one")


# Ed25519 of RFC 8032, checking only. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def plus(a: Any, b: Any) -> Any:
    """The sum of two points."""
    lower, upper = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    across, along = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = upper - lower, along - across, along + across, upper + lower
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Any) -> Any:
    """A point added to itself so many times."""
    total: Any = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = plus(total, point)
        point, scalar = plus(point, point), scalar >> 1
    return total


def read_point(raw: bytes) -> Any:
    """The point of 32 bytes; none for what is no point, and for a second writing of one."""
    y, sign = int.from_bytes(raw, "little") & (2**255 - 1), raw[31] >> 7
    if y >= P:
        return None
    squared = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(squared, (P + 3) // 8, P)
    if (x * x - squared) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    x = P - x if x & 1 != sign else x
    return None if (x * x - squared) % P or x == P else (x, y, 1, x * y % P)


def read_key(raw: bytes) -> Any:
    """The point of a public key; none also for one of small order, whose signatures anybody can make."""
    point = read_point(raw) if len(raw) == 32 else None  # noqa: PLR2004 -- RFC 8032's own length
    return point if point and times(8, point)[0] else None


def write_point(point: Any) -> bytes:
    """The 32 bytes of a point."""
    x, y = (point[axis] * pow(point[2], P - 2, P) % P for axis in (0, 1))
    return int(y | (x & 1) << 255).to_bytes(32, "little")


BASE = read_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether the signature over the text was made with the key: the strict check, with one signature for one text."""
    key, scalar = read_key(public), int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or scalar >= ORDER:  # noqa: PLR2004 -- RFC 8032's own length
        return False
    bound = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % ORDER
    minus_key = (P - key[0], key[1], 1, P - key[3])
    return bool(write_point(plus(times(scalar, BASE), times(bound, minus_key))) == signature[:32])


# Notes, checkpoints and keys of C2SP.


def from_base64(text: str, what: str) -> bytes:
    """Standard base64 in its one right writing."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as fault:
        raise Fault(f"{what} is not base64") from fault
    require(base64.b64encode(raw).decode() == text, f"{what} is not base64 in its one right writing")
    return raw


class Key:
    """A verifier key: name, id and public key in one line."""

    def __init__(self, text: str) -> None:
        parts = text.strip().split("+", 2)
        require(len(parts) == 3 and parts[0], "a verifier key is written name+id+key")  # noqa: PLR2004 -- those
        encoded = from_base64(parts[2], "the verifier key")
        require(len(encoded) == 33 and encoded[0] == 1, "the verifier key is no Ed25519 key")  # noqa: PLR2004 -- 1 + 32
        self.name, self.public = parts[0], encoded[1:]
        require(read_key(self.public), "the verifier key is no public key: anybody could sign with it, or nobody")
        self.id = hashlib.sha256(f"{self.name}\n".encode() + encoded).digest()[:4]
        require(self.id.hex() == parts[1], "the verifier key's id is not its own: it was mistyped or changed")


class Checkpoint:
    """A signed head of the log: its size, its root, and which of the keys signed it."""

    def __init__(self, raw: str, keys: list[Key]) -> None:
        require(not re.search(r"[\x00-\x09\x0b-\x1f]", raw), "the note holds control characters")
        body, blank, under = raw.rpartition("\n\n")
        require(body and blank and under.endswith("\n"), "this is no signed note: a text, a blank line, signatures")
        self.signers = _signers(f"{body}\n", under[:-1].split("\n"), keys)
        lines = body.split("\n")
        require(len(lines) >= 3 and all(lines), "a checkpoint has three lines, none empty")  # noqa: PLR2004 -- those
        require(WHOLE.fullmatch(lines[1]), "a checkpoint's second line is its size")
        self.origin, self.size, self.root = lines[0], int(lines[1]), from_base64(lines[2], "the root")
        require(len(self.root) == 32, "a root has 32 bytes")  # noqa: PLR2004 -- SHA-256


def _signers(text: str, signatures: list[str], keys: list[Key]) -> list[str]:
    """Which keys signed the text; others' signatures are passed over, and a false one of a known key is a fault."""
    signers = []
    for line in signatures:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        require(dash == "\u2014" and name and encoded, "a line under the note is no signature")
        signed = from_base64(encoded, "a signature")
        require(len(signed) > 4 and not re.search(r"[+\s]", name), "a line under the note is no signature")  # noqa: PLR2004 -- a key's id
        for key in keys:
            if (key.name, key.id) == (name, signed[:4]):
                holds = signature_holds(key.public, text.encode(), signed[4:])
                require(holds, f"the signature of {name} is false: the checkpoint was changed, or is not theirs")
                signers.append(f"{name} ({key.id.hex()})")
    require(signers, "none of the keys given has signed the checkpoint")
    return list(dict.fromkeys(signers))


def members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, refused when a member is in it twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def pence(text: object) -> int:
    """An amount in pence; refuses any writing but the export's own."""
    match = AMOUNT.fullmatch(text) if isinstance(text, str) else None
    require(match, f"{text!r:.40} is no amount")
    sign, pounds, pennies = match.groups() if match else ("", "0", "0")
    amount = int(pounds) * 100 + int(pennies)
    require(0 < amount <= MOST_PENCE, "one of its postings is of nothing, or beyond the limit")
    return -amount if sign else amount


def check_day(text: object) -> None:
    """Refuse what is no day of the bank's calendar."""
    require(isinstance(text, str) and DAY.fullmatch(text) and FIRST_DAY <= text <= LAST_DAY, f"{text!r:.40} is no day")
    date.fromisoformat(str(text))


def canonical(line: dict[str, Any]) -> bytes:
    """The text that an entry's seal is made over."""
    content = {name: line[name] for name in ("book", "key", "kind", "effective_on", "recorded_at", "actor")}
    content.update(
        formula="bsb-entry-1",
        seq=str(line["seq"]),
        description=line["description"],
        original_effective_on=line.get("original_effective_on", ""),
        pair=line.get("pair", ""),
        reverses=str(line.get("reverses", "")),
        postings=[[posting["account"], posting["amount"]] for posting in line["postings"]],
    )
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Log:
    """The books as far as they have been read."""

    def __init__(self, stops: list[Checkpoint]) -> None:
        self.tree, self._recorded_at = Tree(), ""
        self.balances: dict[tuple[str, str], int] = {}
        self._stops = sorted(stops, key=lambda stop: stop.size)
        self._keys: set[bytes] = set()
        self._reversed: set[int] = set()
        self._meet_checkpoints()

    def read(self, raw_lines: IO[bytes]) -> None:
        """Take every line; refuse the first that does not hold, and what the checkpoints say otherwise."""
        for raw in iter(lambda: raw_lines.readline(LONGEST_LINE + 1), b""):
            place = self.tree.size + 1
            try:
                self._take(json.loads(raw.decode("utf-8"), object_pairs_hook=members_once), place)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
                raise Fault(f"it cannot be read: {problem}"[:200], place) from problem
            except Fault as fault:
                raise Fault(fault.why, fault.seq or place) from fault
            self._meet_checkpoints()
        if self._stops:
            wanted, size = self._stops[0].size, self.tree.size
            told = f"the checkpoint covers {wanted} entries, and the export has only {size}: it was cut or set back"
            raise Fault(told, size + 1)

    def _meet_checkpoints(self) -> None:
        while self._stops and self._stops[0].size == self.tree.size:
            stop = self._stops.pop(0)
            told = f"the first {stop.size} entries are not those of the checkpoint"
            require(stop.root == self.tree.root(), told, stop.size or None)

    def _take(self, line: dict[str, Any], place: int) -> None:
        require(line["seq"] == place and type(line["seq"]) is int, f"place {place} is empty: an entry is missing")
        require(line.keys() >= NEEDED and line.keys() <= ALLOWED, "its line lacks a member, or has one that none has")
        texts = [line[name] for name in NEEDED - {"seq", "postings"}] + [line.get("pair", "")]
        require(all(isinstance(text, str) for text in texts), "one of its members is no text")
        self._check_words(line)
        legs = self._legs(line["postings"])
        self._check_times(line, place)
        require(SEAL.fullmatch(line["seal"]), "its seal is no seal")
        seal = leaf_hash(canonical(line))
        require(seal.hex() == line["seal"], "its content is not what was sealed")
        self._check_once(line, place)
        for account, amount in legs:
            where = (line["book"], account)
            self.balances[where] = self.balances.get(where, 0) + amount
        self.tree.add(seal)

    def _check_words(self, line: dict[str, Any]) -> None:
        key, said = line["key"], line["description"]
        printable = all(each.isprintable() or unicodedata.category(each) == "Cn" for each in key)
        require(1 <= len(key) <= 255 and printable, "its key is no key")  # noqa: PLR2004 -- the longest
        require(said.strip() and len(said) <= 1000, "its description says nothing, or too much")  # noqa: PLR2004 -- the longest
        words = (key, said, line["kind"], line.get("pair", ""))
        require(not any(CONTROL.search(text) for text in words), "its text holds control characters")

    def _legs(self, postings: Any) -> list[tuple[str, int]]:
        require(isinstance(postings, list) and 2 <= len(postings) <= MOST_POSTINGS, "an entry has two postings or more")  # noqa: PLR2004 -- double entry
        legs = []
        for posting in postings:
            require(posting.keys() == {"account", "amount"}, "a posting has an account and an amount")
            code = posting["account"]
            require(CODE.fullmatch(code) and len(code) <= 200, f"{code!r:.60} is no account")  # noqa: PLR2004 -- the longest
            legs.append((code, pence(posting["amount"])))
        off = sum(amount for _, amount in legs)
        require(not off, f"it does not balance: debits less credits come to {pounds_and_pence(off)}")
        require(sum(abs(amount) for _, amount in legs) <= 2 * MOST_PENCE, "its debits are beyond the limit")
        return legs

    def _check_times(self, line: dict[str, Any], place: int) -> None:
        check_day(line["effective_on"])
        if "original_effective_on" in line:
            check_day(line["original_effective_on"])
        recorded_at = line["recorded_at"]
        require(INSTANT.fullmatch(recorded_at), "the instant at which it was recorded is none")
        datetime.strptime(recorded_at, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 -- only whether there is such an instant
        require(recorded_at >= self._recorded_at, "it was recorded before the entry before it")
        self._recorded_at = recorded_at
        undoes = line.get("reverses", 0)
        require(type(undoes) is int and undoes < place and undoes not in self._reversed, f"it reverses {undoes!r:.20}")
        if "reverses" in line:
            require(undoes > 0, "it reverses what is no entry")
            self._reversed.add(undoes)

    def _check_once(self, line: dict[str, Any], place: int) -> None:
        name = hashlib.blake2b(f"{line['book']}\n{line['key']}".encode(), digest_size=16).digest()
        require(name not in self._keys, "its key is that of another entry of its book before it", place)
        self._keys.add(name)


def pounds_and_pence(amount: int) -> str:
    """Pence as pounds."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def trial_balances(balances: dict[tuple[str, str], int]) -> list[str]:
    """What every account of every book comes to, debits on the left, and that each book balances."""
    lines = []
    for book in sorted({book for book, _ in balances}):
        found = sorted((code, net) for (of, code), net in balances.items() if of == book and net)
        debits, credits_ = sum(net for _, net in found if net > 0), -sum(net for _, net in found if net < 0)
        require(debits == credits_, f"the book {book} does not balance")
        lines += ["", f"Book {book}", f"  {'account':<40} {'debit':>20} {'credit':>20}"]
        for code, net in found:
            debit, credit = (pounds_and_pence(net), "") if net > 0 else ("", pounds_and_pence(-net))
            lines.append(f"  {code:<40} {debit:>20} {credit:>20}".rstrip())
        lines.append(f"  {'together':<40} {pounds_and_pence(debits):>20} {pounds_and_pence(credits_):>20}")
    return lines


def read_inclusion(raw: str, keys: list[Key]) -> tuple[dict[str, Any], Checkpoint, int]:
    """The entry that a slip proves to be in the log, the checkpoint that covers it, and its place."""
    lines, _, note = raw.partition("\n\n")
    head, extra, index, *hashes = [*lines.split("\n"), "", "", ""][: max(3, lines.count("\n") + 1)]
    require(head == "c2sp.org/tlog-proof@v1" and extra.startswith("extra "), "this is no proof of an entry of ours")
    require(index.startswith("index ") and WHOLE.fullmatch(index[6:]), "the proof does not say which entry it is of")
    checkpoint, place = Checkpoint(note, keys), int(index[6:]) + 1
    content = from_base64(extra[6:], "the entry in the proof")
    proof = [from_base64(one, "a hash") for one in hashes]
    root = root_of_inclusion(leaf_hash(content), place - 1, checkpoint.size, proof)
    require(root == checkpoint.root, "the entry on this slip is not in the log of the checkpoint", place)
    entry: dict[str, Any] = json.loads(content.decode("utf-8"), object_pairs_hook=members_once)
    require(entry.get("seq") == str(place), "the entry on this slip says that it stands at another place", place)
    return entry, checkpoint, place


def read_consistency(raw: str, old: Checkpoint, new: Checkpoint) -> None:
    """Check a proof that the log of one checkpoint begins with the log of another."""
    lines = raw.rstrip("\n").split("\n")
    expected = ["big-society-bank/consistency-proof@v1", f"old {old.size}", f"new {new.size}"]
    require(lines[:3] == expected, f"this is no proof from {old.size} to {new.size} entries")
    check_consistency(old.size, new.size, old.root, new.root, [from_base64(one, "a hash") for one in lines[3:]])


def run(asked: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """What was found, for a program and for a person."""
    keys = [Key(text) for text in asked.key]
    kept = sorted((Checkpoint(_text(asked, name), keys) for name in asked.checkpoint), key=lambda one: one.size)
    said, asked.reading = [f"Checkpoint of {one.size} entries: signed by {', '.join(one.signers)}" for one in kept], ""
    for index in range(1, len(kept)):
        a, b = kept[index - 1], kept[index]
        forked = (a.origin, a.size) == (b.origin, b.size) and a.root != b.root
        require(not forked, f"two different histories of {a.size} entries were signed: keep both notes, they prove it")
    require(len(kept) > 1 or not asked.consistency, "a proof of consistency is checked with two checkpoints")
    for name in asked.proof:
        entry, covered, place = read_inclusion(_text(asked, name), keys)
        said.append(f"Entry {place} is in the log of {covered.size} entries signed by {', '.join(covered.signers)}:")
        said += [f"  {member}: {json.dumps(entry[member], ensure_ascii=False)}" for member in sorted(entry)]
    for name in asked.consistency:
        read_consistency(_text(asked, name), kept[0], kept[-1])
        said.append(f"The log of {kept[-1].size} entries begins with the log of {kept[0].size}")
    log, asked.reading = Log(kept if asked.export else []), ""
    if asked.export:
        with Path(asked.export).open("rb") as opened:
            log.read(opened)
        covered_to = kept[-1].size if kept else 0
        said.append(f"The books hold: {log.tree.size} entries, root {log.tree.root().hex()}")
        if covered_to < log.tree.size:
            said.append(f"No checkpoint given covers the entries from {covered_to + 1} on: nobody has vouched for them")
        said += trial_balances(log.balances)
    return {"holds": True, "entries": log.tree.size, "head": log.tree.root().hex(), "seq": None, "fault": ""}, said


def _text(asked: argparse.Namespace, name: str) -> str:
    """What a file says. Which is being read is kept, to be told with whatever is wrong in it."""
    asked.reading, raw = name, Path(name).read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Fault(f"byte {fault.start + 1} is {raw[fault.start]:#04x}, where text in UTF-8 was expected") from fault


def main(words: list[str] | None = None) -> int:
    """Check what the command line names; 0 when it holds, 1 when not."""
    parser = argparse.ArgumentParser(prog="verifier.py", description="Checks the bank's books without the bank.")
    parser.add_argument("export", nargs="?", help="what bank ledger export wrote")
    parser.add_argument("--key", action="append", default=[], metavar="NAME+ID+KEY", help="a verifier key; repeatable")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="a signed note; repeatable")
    parser.add_argument("--proof", action="append", default=[], metavar="FILE", help="the proof of one entry")
    parser.add_argument("--consistency", action="append", default=[], metavar="FILE", help="a proof for two of them")
    parser.add_argument("--json", action="store_true", help="answer for a program")
    asked = parser.parse_args(words, argparse.Namespace(reading=""))
    if not (asked.export or asked.checkpoint or asked.proof):
        parser.error("name an export, a checkpoint or a proof")
    try:
        found, said = run(asked)
    except Fault as fault:
        why = f"in {asked.reading}, {fault.why}" if asked.reading else fault.why
        found = {"holds": False, "seq": fault.seq, "fault": why}
        where = "" if fault.seq is None else f" The first entry that does not hold: {fault.seq}."
        said = [f"This does not hold.{where} {why[:1].upper()}{why[1:]}"]
    except (OSError, ValueError) as problem:
        found = {"holds": False, "seq": None, "fault": f"a file cannot be read: {problem}"}
        said = [f"A file cannot be read: {problem}"]
    sys.stdout.write(json.dumps(found) + "\n" if asked.json else "\n".join(said) + "\n")
    return 0 if found["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
