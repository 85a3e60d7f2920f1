"""What PostgreSQL does by itself: place and seal an entry where it stands, and take one in that will be placed later.

An entry reaches the server as its canonical text (`ledger.seals`), and the columns are read out of that text: what is
sealed and what is added up cannot differ. The two things only the journal knows, place and instant, are put in here,
under the head row, which is then held for the rest of this one statement and the commit, and over no round trip.

Each function keeps the plans it made first (`force_generic_plan`): its statements never vary, and planning them anew
for every posting cost as much as running them.

What has been part of a migration is history: it is never edited, only followed.
"""

from __future__ import annotations

from typing import Final

MOST_AT_ONCE: Final = 64
"""Entries that one call places; more are sealed outside and loaded."""

_LEGS: Final = """
    SELECT d.at::int AS at, l.leg::int AS leg, b.id AS book_id,
           (SELECT a.id FROM account a WHERE a.book_id = b.id AND a.code = l.value ->> 0) AS account_id,
           ((l.value ->> 1)::numeric * 100)::bigint AS amount, jsonb_array_length(d.doc -> 'postings') AS legs
      FROM unnest(docs) WITH ORDINALITY d(doc, at)
           CROSS JOIN LATERAL jsonb_array_elements(d.doc -> 'postings') WITH ORDINALITY l(value, leg)
           LEFT JOIN LATERAL (SELECT book.id FROM book WHERE book.code = d.doc ->> 'book') b ON true
"""

_DOCUMENT: Final = """
    CREATE FUNCTION books_document(opening text, before text, between_ text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT AS $$
      SELECT (opening || before || '"}')::jsonb || ('{"recorded_at":"' || between_ || '"}')::jsonb
    $$
"""

_CONTENT: Final = """
    CREATE FUNCTION books_content_hash(before text, between_ text) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT AS $$
      SELECT sha256(convert_to('{"actor":""' || before || '1970-01-01T00:00:00.000000Z' || between_ || '0"}', 'UTF8'))
    $$
"""

_APPEND: Final = """
    CREATE FUNCTION books_frontier_with(frontier bytea, leaf bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE
      size bigint := ('x' || encode(substring(frontier FROM 1 FOR 8), 'hex'))::bit(64)::bigint;
      ones bigint := size;
      ends int := length(frontier);
    BEGIN
      WHILE ones & 1 = 1 LOOP
        leaf := sha256('\\x01'::bytea || substring(frontier FROM ends - 31 FOR 32) || leaf);
        ends := ends - 32;
        ones := ones >> 1;
      END LOOP;
      RETURN int8send(size + 1) || substring(frontier FROM 9 FOR ends - 8) || leaf;
    END $$
"""

_ROOT: Final = """
    CREATE FUNCTION books_root_of(frontier bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE
      ends int := length(frontier);
      root bytea := substring(frontier FROM ends - 31 FOR 32);
    BEGIN
      WHILE ends > 40 LOOP
        ends := ends - 32;
        root := sha256('\\x01'::bytea || substring(frontier FROM ends - 31 FOR 32) || root);
      END LOOP;
      RETURN root;
    END $$
"""

_POST: Final = """
    CREATE FUNCTION books_post(act_at timestamptz, actor_ text, opening text, texts jsonb, block bigint)
    RETURNS TABLE(first_seq bigint, placed_at timestamptz, seals bytea[])
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      n int := jsonb_array_length(texts);
      befores text[]; betweens text[]; docs jsonb[]; keys text[]; books bigint[];
      legs_at int[]; legs_no int[]; legs_of int[]; leg_books bigint[]; leg_accounts bigint[]; leg_amounts bigint[];
      head record;
      earliest date;
      at_text text;
      grown bytea;
      top bytea;
    BEGIN
      FOR i IN 1 .. n LOOP
        befores[i] := texts -> (i - 1) ->> 0;
        betweens[i] := texts -> (i - 1) ->> 1;
        docs[i] := books_document(opening, befores[i], betweens[i]);
        keys[i] := docs[i] ->> 'key';
        earliest := least(earliest, (docs[i] ->> 'effective_on')::date);
      END LOOP;
      SELECT array_agg(l.at), array_agg(l.leg), array_agg(l.legs), array_agg(l.book_id), array_agg(l.account_id),
             array_agg(l.amount)
        INTO legs_at, legs_no, legs_of, leg_books, leg_accounts, leg_amounts FROM (<legs>) l;
      IF array_position(leg_accounts, NULL) IS NOT NULL THEN
        RETURN;
      END IF;
      FOR i IN 1 .. n LOOP
        books[i] := leg_books[array_position(legs_at, i)];
      END LOOP;
      -- The keys, against whoever accepts one of them to be placed later; and the head.
      SELECT h.seq, h.recorded_at, h.frontier, h.chain,
             (SELECT count(*) FROM (SELECT k.key, k.book FROM unnest(keys, books) k(key, book) ORDER BY 1, 2) k
               WHERE pg_advisory_xact_lock_shared(hashtextextended(k.key, k.book)) IS NOT NULL) AS held
        INTO STRICT head FROM journal_head h WHERE h.id = 1 FOR UPDATE OF h;
      IF (head.seq + n) / block <> head.seq / block
         OR EXISTS (SELECT 1 FROM quarter_event q WHERE q.ends_on >= earliest)
         OR EXISTS (SELECT 1 FROM unnest(books, keys) k(book, key) CROSS JOIN LATERAL (
                      SELECT 1 FROM entry e WHERE e.book_id = k.book AND e.key = k.key
                       UNION ALL
                      SELECT 1 FROM waiting_entry w WHERE w.book_id = k.book AND w.key = k.key
                       LIMIT 1) there) THEN
        RETURN;
      END IF;
      first_seq := head.seq + 1;
      placed_at := greatest(act_at, head.recorded_at);
      at_text := to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
      grown := head.frontier;
      FOR i IN 1 .. n LOOP
        top := sha256('\\x00'::bytea || convert_to(
          opening || befores[i] || at_text || betweens[i] || (head.seq + i)::text || '"}', 'UTF8'));
        seals[i] := top;
        grown := books_frontier_with(grown, top);
      END LOOP;
      top := books_root_of(grown);
      INSERT INTO mark (upto_seq, recorded_at, root) VALUES (head.seq + n, placed_at, top);
      UPDATE journal_head SET seq = head.seq + n, recorded_at = placed_at, frontier = grown, root = top,
        chain = sha256('\\x02'::bytea || head.chain || convert_to(
          '{"act":"mark","recorded_at":"' || at_text || '","root":"' || encode(top, 'hex') || '","upto_seq":"'
          || (head.seq + n)::text || '"}', 'UTF8'))
       WHERE id = 1;
      INSERT INTO posting (entry_id, leg, legs, book_id, account_id, amount, effective_on, seq)
        SELECT head.seq + l.at, l.leg, l.legs, l.book_id, l.account_id, l.amount,
               (docs[l.at] ->> 'effective_on')::date, head.seq + l.at
          FROM unnest(legs_at, legs_no, legs_of, leg_books, leg_accounts, leg_amounts)
               l(at, leg, legs, book_id, account_id, amount);
      INSERT INTO entry (id, seq, book_id, key, kind, description, effective_on, original_effective_on, recorded_at,
                         actor, pair, reverses, legs, gross, content_hash, seal)
        SELECT head.seq + d.at, head.seq + d.at, books[d.at], keys[d.at], d.doc ->> 'kind', d.doc ->> 'description',
               (d.doc ->> 'effective_on')::date, nullif(d.doc ->> 'original_effective_on', '')::date, placed_at, actor_,
               d.doc ->> 'pair', nullif(d.doc ->> 'reverses', '')::bigint, legs_of[array_position(legs_at, d.at::int)],
               (SELECT sum(l.amount) FROM unnest(legs_at, leg_amounts) l(at, amount)
                 WHERE l.at = d.at AND l.amount > 0),
               books_content_hash(befores[d.at], betweens[d.at]), seals[d.at]
          FROM unnest(docs) WITH ORDINALITY d(doc, at);
      RETURN NEXT;
    END $$
"""

_ENTRIES_ARE_SOUND: Final = """
    CREATE FUNCTION books_entries_are_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      sealed date;
    BEGIN
      -- Whoever puts an entry in holds the head, so that no close can pass it unseen.
      PERFORM 1 FROM journal_head WHERE id = 1 FOR UPDATE;
      SELECT max(ends_on) INTO sealed FROM quarter_event WHERE state = 'closed';
      IF EXISTS (SELECT 1 FROM fresh WHERE effective_on <= sealed) THEN
        RAISE EXCEPTION 'books: the quarter is closed' USING ERRCODE = 'restrict_violation';
      END IF;
      IF EXISTS (
        SELECT 1 FROM fresh e CROSS JOIN LATERAL (
          SELECT count(*) AS legs, sum(p.amount) AS net, sum(greatest(p.amount, 0)) AS gross,
                 bool_and(p.legs = e.legs AND p.book_id = e.book_id AND p.effective_on = e.effective_on
                          AND p.seq = e.seq) AS agree
            FROM posting p WHERE p.entry_id = e.id) found
         WHERE e.id <> e.seq OR found.legs <> e.legs OR found.net IS DISTINCT FROM 0
            OR found.gross IS DISTINCT FROM e.gross OR found.agree IS NOT TRUE) THEN
        RAISE EXCEPTION 'books: an entry must have the postings it declares, and they must balance'
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$
"""

_POSTINGS_ARE_NEW: Final = """
    CREATE OR REPLACE FUNCTION books_posting_is_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      -- Postings come before their header, and headers in order: what stands behind the last entry is too late.
      IF (SELECT min(entry_id) FROM fresh) <= (SELECT max(id) FROM entry) THEN
        RAISE EXCEPTION 'books: a posting cannot be added to an entry already there'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NULL;
    END $$
"""

_WAITING_IS_SOUND: Final = """
    CREATE FUNCTION books_waiting_is_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      doc jsonb := books_document(NEW.opening, NEW.text_before, NEW.text_between);
      docs jsonb[] := ARRAY[doc];
      net numeric;
      gross numeric;
      missing bigint;
    BEGIN
      NEW.key := doc ->> 'key';
      NEW.effective_on := (doc ->> 'effective_on')::date;
      NEW.content_hash := books_content_hash(NEW.text_before, NEW.text_between);
      SELECT max(l.book_id), jsonb_agg(jsonb_build_array(l.account_id, l.amount) ORDER BY l.leg)::text,
             count(*), sum(l.amount), count(*) FILTER (WHERE l.account_id IS NULL OR l.amount = 0),
             sum(greatest(l.amount, 0))
        INTO NEW.book_id, NEW.postings, NEW.legs, net, missing, gross FROM (<legs>) l;
      IF missing > 0 OR NEW.legs < 2 OR net IS DISTINCT FROM 0 OR NEW.actor IS DISTINCT FROM (doc ->> 'actor')
         OR doc ->> 'reverses' <> '' THEN
        RAISE EXCEPTION 'books: an entry must name accounts of its book and balance' USING ERRCODE = 'check_violation';
      END IF;
      -- What the journal would not hold is not accepted: it could never be placed.
      IF length(doc ->> 'kind') > 40 OR length(doc ->> 'pair') > 200 OR gross > 9000000000000000
         OR NEW.effective_on NOT BETWEEN '2008-11-26' AND '2099-12-31' THEN
        RAISE EXCEPTION 'books: an entry keeps to the widths, the limit and the calendar of the journal'
          USING ERRCODE = 'check_violation';
      END IF;
      IF NEW.effective_on <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed') THEN
        RAISE EXCEPTION 'books: the quarter is closed' USING ERRCODE = 'restrict_violation';
      END IF;
      IF doc ->> 'kind' <> ALL (ARRAY[<late>]) AND 'soft-closed' = (
           SELECT q.state FROM quarter_event q WHERE q.quarter = to_char(NEW.effective_on, 'YYYY"Q"Q')
            ORDER BY q.id DESC LIMIT 1) THEN
        RAISE EXCEPTION 'books: the quarter is soft-closed' USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$
"""

_WAITING_IS_ALONE: Final = """
    CREATE FUNCTION books_waiting_is_alone() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      -- Asked when the row is in, past the wait for whoever was just moving one of the same key into the journal; and
      -- behind the lock that a key on the other road, straight into the journal, is taken under.
      PERFORM pg_advisory_xact_lock(hashtextextended(NEW.key, NEW.book_id));
      IF EXISTS (SELECT 1 FROM entry e WHERE e.book_id = NEW.book_id AND e.key = NEW.key) THEN
        RAISE EXCEPTION 'books: an entry of this key is already there' USING ERRCODE = 'unique_violation';
      END IF;
      RETURN NULL;
    END $$
"""

_WAITING_WAS_PLACED: Final = """
    CREATE FUNCTION books_waiting_was_placed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (
        SELECT 1 FROM gone w WHERE NOT EXISTS (
          SELECT 1 FROM entry e
           WHERE e.book_id = w.book_id AND e.key = w.key AND e.content_hash = w.content_hash)) THEN
        RAISE EXCEPTION 'books: an entry that waits for its place leaves only into the journal'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NULL;
    END $$
"""

_WAITING_STAYS: Final = """
    CREATE FUNCTION books_waiting_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'books: an entry that waits for its place is not changed' USING ERRCODE = 'restrict_violation';
    END $$
"""

LATE_KINDS: Final = ("accrual", "adjustment", "return", "reversal")
"""`ledger.periods.LATE_KINDS` as they stood when the function was made; a test holds the two together."""

FUNCTIONS: Final = (
    _DOCUMENT,
    _CONTENT,
    _APPEND,
    _ROOT,
    _POST.replace("<legs>", _LEGS),
    _ENTRIES_ARE_SOUND,
    _POSTINGS_ARE_NEW,
    _WAITING_IS_SOUND.replace("<legs>", _LEGS).replace("<late>", ", ".join(map(repr, LATE_KINDS))),
    _WAITING_IS_ALONE,
    _WAITING_WAS_PLACED,
    _WAITING_STAYS,
)

TRIGGERS: Final = (
    "DROP TRIGGER entry_is_sound ON entry",
    "DROP FUNCTION books_entry_is_sound()",
    (
        "CREATE TRIGGER entries_are_sound AFTER INSERT ON entry REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION books_entries_are_sound()"
    ),
    "ALTER TABLE entry ENABLE ALWAYS TRIGGER entries_are_sound",
    (
        "CREATE TRIGGER waiting_is_sound BEFORE INSERT ON waiting_entry "
        "FOR EACH ROW EXECUTE FUNCTION books_waiting_is_sound()"
    ),
    (
        "CREATE TRIGGER waiting_is_alone AFTER INSERT ON waiting_entry "
        "FOR EACH ROW EXECUTE FUNCTION books_waiting_is_alone()"
    ),
    (
        "CREATE TRIGGER waiting_was_placed AFTER DELETE ON waiting_entry REFERENCING OLD TABLE AS gone "
        "FOR EACH STATEMENT EXECUTE FUNCTION books_waiting_was_placed()"
    ),
    (
        "CREATE TRIGGER waiting_keeps_rows BEFORE UPDATE ON waiting_entry "
        "FOR EACH ROW EXECUTE FUNCTION books_waiting_stays()"
    ),
    (
        "CREATE TRIGGER waiting_keeps_all BEFORE TRUNCATE ON waiting_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION books_waiting_stays()"
    ),
    *(
        f"ALTER TABLE waiting_entry ENABLE ALWAYS TRIGGER waiting_{name}"
        for name in ("is_sound", "is_alone", "was_placed", "keeps_rows", "keeps_all")
    ),
)
"""The header is checked once for a whole statement, however many entries it brings: row by row an import took half as
long again."""
