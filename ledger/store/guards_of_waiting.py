"""What PostgreSQL refuses of an entry that is to wait for its place, asked in one question.

It refuses what it refused (`ledger.store.server_for_less`), in the same words. An entry is accepted in a transaction of
its own, so whatever a guard asks is started anew for each: one question with several look-ups in it is started once.
The first two legs, which every entry has, are looked up in it, and whatever others there are one by one.

A waiting row has no foreign key to its book any more. The guard itself takes the book's number from the book, and no
book ever goes or changes its number; the key added nothing but a lock on the one row that all who accept share, which
they then had to write down together.

What has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from typing import Final

from ledger.store.server_side import LATE_KINDS

_WAITING_IS_SOUND: Final = """
    CREATE OR REPLACE FUNCTION books_waiting_is_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      told record;
      account_ bigint;
      amount_ bigint;
    BEGIN
      -- With no account, or an amount of nothing, what it comes to is not known either: it is refused below.
      SELECT d.doc ->> 'key' AS key, d.day, b.id AS home, d.legs, d.doc ->> 'kind' AS kind,
             sha256(convert_to('{"actor":""' || NEW.text_before || '1970-01-01T00:00:00.000000Z' || NEW.text_between
                               || '0"}', 'UTF8')) AS content,
             NEW.actor IS NOT DISTINCT FROM (d.doc ->> 'actor') AND (d.doc ->> 'reverses' <> '') IS NOT TRUE AS plain,
             length(d.doc ->> 'kind') > 40 OR length(d.doc ->> 'pair') > 200
               OR d.day NOT BETWEEN '2008-11-26' AND '2099-12-31' AS beyond,
             EXISTS (SELECT FROM quarter_event q WHERE q.ends_on >= d.day) AS decided,
             '[' || one.id || ', ' || d.one || '], [' || two.id || ', ' || d.two || ']' AS postings,
             (nullif(d.one, 0) + 0 * one.id)::numeric + (nullif(d.two, 0) + 0 * two.id) AS net,
             greatest(d.one, 0)::numeric + greatest(d.two, 0) AS gross, d.doc -> 'postings' AS others
        INTO told
        FROM (SELECT t.doc, (t.doc ->> 'effective_on')::date AS day,
                     CASE jsonb_typeof(t.doc -> 'postings')
                       WHEN 'array' THEN jsonb_array_length(t.doc -> 'postings') ELSE 0 END AS legs,
                     ((t.doc #>> '{postings,0,1}')::numeric * 100)::bigint AS one,
                     ((t.doc #>> '{postings,1,1}')::numeric * 100)::bigint AS two
                FROM (SELECT (NEW.opening || NEW.text_before || NEW.text_between || '"}')::jsonb AS doc OFFSET 0) t
              OFFSET 0) d
        LEFT JOIN book b ON b.code = d.doc ->> 'book'
        LEFT JOIN account one ON one.book_id = b.id AND one.code = d.doc #>> '{postings,0,0}'
        LEFT JOIN account two ON two.book_id = b.id AND two.code = d.doc #>> '{postings,1,0}';
      FOR at_ IN 2 .. told.legs - 1 LOOP
        SELECT a.id INTO account_ FROM account a WHERE a.book_id = told.home AND a.code = told.others -> at_ ->> 0;
        amount_ := (told.others -> at_ ->> 1)::numeric * 100;
        told.net := told.net + nullif(amount_, 0) + 0 * account_;
        told.gross := told.gross + greatest(amount_, 0);
        told.postings := told.postings || ', [' || account_ || ', ' || amount_ || ']';
      END LOOP;
      IF told.legs < 2 OR told.net IS DISTINCT FROM 0 OR NOT told.plain THEN
        RAISE EXCEPTION 'books: an entry must name accounts of its book and balance' USING ERRCODE = 'check_violation';
      END IF;
      -- What the journal would not hold is not accepted: it could never be placed.
      IF told.beyond OR told.gross > 9000000000000000 THEN
        RAISE EXCEPTION 'books: an entry keeps to the widths, the limit and the calendar of the journal'
          USING ERRCODE = 'check_violation';
      END IF;
      IF told.decided THEN
        IF told.day <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed') THEN
          RAISE EXCEPTION 'books: the quarter is closed' USING ERRCODE = 'restrict_violation';
        END IF;
        IF told.kind <> ALL (ARRAY[<late>]) AND 'soft-closed' = (
             SELECT q.state FROM quarter_event q WHERE q.quarter = to_char(told.day, 'YYYY"Q"Q')
              ORDER BY q.id DESC LIMIT 1) THEN
          RAISE EXCEPTION 'books: the quarter is soft-closed' USING ERRCODE = 'restrict_violation';
        END IF;
      END IF;
      NEW.key := told.key;
      NEW.effective_on := told.day;
      NEW.content_hash := told.content;
      NEW.legs := told.legs;
      NEW.book_id := told.home;
      NEW.postings := '[' || told.postings || ']';
      RETURN NEW;
    END $$
"""

_WAITING_IS_ALONE: Final = """
    CREATE OR REPLACE FUNCTION books_waiting_is_alone() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
      -- Asked when the row is in, past the wait for whoever was just moving one of the same key into the journal; and
      -- behind the lock that a key on the other road, straight into the journal, is taken under. The lock has a step of
      -- its own, for what is asked after it must see what was committed while it was waited for; `IF` takes it without
      -- the price of a query.
      IF pg_advisory_xact_lock(hashtextextended(NEW.key, NEW.book_id)) IS NULL THEN
        RETURN NULL;
      END IF;
      IF EXISTS (SELECT 1 FROM entry e WHERE e.book_id = NEW.book_id AND e.key = NEW.key) THEN
        RAISE EXCEPTION 'books: an entry of this key is already there' USING ERRCODE = 'unique_violation';
      END IF;
      RETURN NULL;
    END $$
"""

FUNCTIONS: Final = {
    "books_waiting_is_sound()": _WAITING_IS_SOUND.replace("<late>", ", ".join(map(repr, LATE_KINDS))),
    "books_waiting_is_alone()": _WAITING_IS_ALONE,
}
"""By their signatures, for a function made again has to be told again where it looks for tables."""
