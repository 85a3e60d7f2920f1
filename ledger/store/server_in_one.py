"""What PostgreSQL does by itself, in one statement: the commonest act of all, one entry about which nothing is asked.

A function of the server's starts each of its steps anew; one statement starts once. Place, instant, seal, mark and head
are worked out where they were, under the head row; what is in the entry's text comes beside it as columns, as it does
with a load of many, and `ledger verify` holds the two together as it does there.

The legs and the header come in together here, so the guard of postings looks at what an entry has come to: no more and
no fewer than its header declares.

What has been part of a migration is history: it is never edited, only followed. The statement is no part of it.
"""

from __future__ import annotations

from typing import Final

POST_ONE: Final = """
WITH leg AS MATERIALIZED (
  SELECT b.id AS book_id, (SELECT a.id FROM account a WHERE a.book_id = b.id AND a.code = u.code) AS account_id,
         u.amount, u.leg::int AS leg
    FROM book b, unnest(%(accounts)s::text[], %(amounts)s::bigint[]) WITH ORDINALITY u(code, amount, leg)
   WHERE b.code = %(book)s
), clear AS MATERIALIZED (
  SELECT book_id, legs
    FROM (SELECT min(book_id) AS book_id, count(account_id)::int AS legs, count(*) AS told FROM leg) found
   WHERE legs = told AND legs > 1 AND books_clear(book_id, %(key)s, %(day)s::date)
), head AS MATERIALIZED (
  SELECT h.seq + 1 AS seq, greatest(%(now)s::timestamptz, h.recorded_at) AS placed_at, h.frontier, h.chain
    FROM journal_head h
   WHERE h.id = 1 AND EXISTS (SELECT FROM clear) AND mod(h.seq + 1, %(span)s::bigint) <> 0
     FOR UPDATE
), told AS MATERIALIZED (
  SELECT *, to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS instant FROM head
), sealed AS MATERIALIZED (
  SELECT *, sha256('\\x00'::bytea || convert_to(
              %(before)s::text || instant || %(between)s::text || seq::text || '"}', 'UTF8')) AS seal
    FROM told
), grown AS MATERIALIZED (
  SELECT *, books_frontier_with(frontier, seal) AS grown FROM sealed
), placed AS MATERIALIZED (
  SELECT *, books_root_of(grown) AS root FROM grown
), known AS (
  INSERT INTO mark (upto_seq, recorded_at, root) SELECT seq, placed_at, root FROM placed RETURNING upto_seq
), moved AS (
  UPDATE journal_head
     SET seq = p.seq, recorded_at = p.placed_at, frontier = p.grown, root = p.root,
         chain = sha256('\\x02'::bytea || p.chain || convert_to(
           '{"act":"mark","recorded_at":"' || p.instant || '","root":"' || encode(p.root, 'hex') || '","upto_seq":"'
           || p.seq::text || '"}', 'UTF8'))
    FROM placed p, known
   WHERE journal_head.id = 1 AND known.upto_seq = p.seq
), kept AS (
  INSERT INTO posting (entry_id, leg, legs, book_id, account_id, amount, effective_on, seq)
    SELECT p.seq, l.leg, c.legs, l.book_id, l.account_id, l.amount, %(day)s::date, p.seq FROM placed p, clear c, leg l
), entered AS (
  INSERT INTO entry (id, seq, book_id, key, kind, description, effective_on, original_effective_on, recorded_at,
                     actor, pair, legs, gross, content_hash, seal)
    SELECT p.seq, p.seq, c.book_id, %(key)s, %(kind)s, %(description)s, %(day)s::date, %(original)s::date, p.placed_at,
           %(actor)s, %(pair)s, c.legs, %(gross)s::bigint, decode(%(content)s, 'hex'), p.seal
      FROM placed p, clear c
)
SELECT seq::text, instant, encode(seal, 'hex'), set_config('synchronous_commit', 'off', true) FROM placed
"""
"""Answers the entry's place, instant and seal; or nothing, and nothing is placed, where it needs a closer look.

Its commit does not wait for the disk: among many writers each would wait in turn, the head in hand. Whoever runs it
waits for a commit that does (`SETTLED`) before the entry is answered for.

The mark is written before the head moves to it, which is why one reads from the other. The accounts are looked up one
by one, never joined: a plan made for all entries cannot know how few they are.
"""

SETTLED: Final = "SELECT pg_logical_emit_message(true, 'books', '')"
"""A commit with nothing in it, which waits for the disk, and for whatever else the server's `synchronous_commit` asks.

The log of the server is one: when this is on the disk, so is all that was committed before it, whoever's it was. Eight
who wait for theirs are served by one write. PostgreSQL leaves out the wait where a commit wrote nothing: so a message,
which nobody reads, is written.
"""

_CLEAR: Final = """
    CREATE FUNCTION books_clear(book_ bigint, key_ text, day date) RETURNS boolean
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      -- The key first, against whoever accepts it at this moment to be placed later; what is asked next sees them.
      PERFORM pg_advisory_xact_lock_shared(hashtextextended(key_, book_));
      RETURN NOT EXISTS (
        SELECT FROM quarter_event q WHERE q.ends_on >= day
         UNION ALL
        SELECT FROM entry e WHERE e.book_id = book_ AND e.key = key_
         UNION ALL
        SELECT FROM waiting_entry w WHERE w.book_id = book_ AND w.key = key_);
    END $$
"""

POSTINGS_ARE_WHOLE: Final = """
    CREATE OR REPLACE FUNCTION books_posting_is_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      -- Postings come before their header or with it. Where it is there they are all there, and no more than it says.
      IF (SELECT min(entry_id) FROM fresh) <= (SELECT max(id) FROM entry) AND EXISTS (
           SELECT FROM fresh f JOIN entry e ON e.id = f.entry_id
            WHERE e.legs <> (SELECT count(*) FROM posting p WHERE p.entry_id = f.entry_id)) THEN
        RAISE EXCEPTION 'books: a posting cannot be added to an entry already there'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NULL;
    END $$
"""

_ENTRIES_ARE_SOUND: Final = """
    CREATE OR REPLACE FUNCTION books_entries_are_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      found record;
    BEGIN
      -- Who has moved the head holds it until the commit, so that no close can pass the entry unseen.
      SELECT count(*) AS entries, count(e.reverses) AS reversals,
             bool_and(e.id = e.seq) AND max(e.seq) - min(e.seq) + 1 = count(*)
               AND EXISTS (SELECT FROM journal_head h WHERE h.seq >= max(e.seq) AND h.recorded_at >= max(e.recorded_at))
               AND (min(e.seq) = 1 OR EXISTS (SELECT FROM entry b WHERE b.seq = min(e.seq) - 1
                                                 AND b.recorded_at <= min(e.recorded_at))) AS placed,
             min(e.effective_on) <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed') AS sealed,
             bool_and(e.effective_on BETWEEN '2008-11-26' AND '2099-12-31'
                      AND octet_length(e.seal) = 32 AND octet_length(e.content_hash) = 32) AS whole,
             bool_and(made.legs = e.legs AND made.net IS NOT DISTINCT FROM 0
                      AND made.gross IS NOT DISTINCT FROM e.gross AND made.agree IS TRUE) AS made
        INTO found
        FROM fresh e CROSS JOIN LATERAL (
          SELECT count(*) AS legs, sum(p.amount) AS net, sum(greatest(p.amount, 0)) AS gross,
                 bool_and(p.legs = e.legs AND p.book_id = e.book_id AND p.effective_on = e.effective_on
                          AND p.seq = e.seq) AS agree
            FROM posting p WHERE p.entry_id = e.id) made;
      IF found.entries = 0 OR (found.placed AND found.sealed IS NOT TRUE AND found.whole AND found.reversals = 0
                               AND found.made) THEN
        RETURN NULL;
      END IF;
      IF found.placed IS NOT TRUE THEN
        RAISE EXCEPTION 'books: an entry takes the next place, which the head has come to'
          USING ERRCODE = 'restrict_violation';
      END IF;
      IF found.sealed THEN
        RAISE EXCEPTION 'books: the quarter is closed' USING ERRCODE = 'restrict_violation';
      END IF;
      IF found.whole IS NOT TRUE THEN
        RAISE EXCEPTION 'books: an entry has a day of the calendar, an instant, and hashes of their length'
          USING ERRCODE = 'check_violation';
      END IF;
      IF EXISTS (
          SELECT FROM fresh WHERE fresh.reverses IS NOT NULL AND NOT EXISTS (
            SELECT FROM entry WHERE entry.seq = fresh.reverses AND entry.seq < fresh.seq
                                AND entry.book_id = fresh.book_id)) THEN
        RAISE EXCEPTION 'books: a reversal undoes an earlier entry of its own book'
          USING ERRCODE = 'check_violation';
      END IF;
      IF found.made IS NOT TRUE THEN
        RAISE EXCEPTION 'books: an entry must have the postings it declares, and they must balance'
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$
"""

FUNCTIONS: Final = (_CLEAR, POSTINGS_ARE_WHOLE, _ENTRIES_ARE_SOUND)
