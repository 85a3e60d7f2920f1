"""What PostgreSQL does by itself, in fewer steps: an entry is taken apart in a loop, not by a query of its own.

`books_post` and the guard of what waits promise and refuse what they did (`ledger.store.server_side`). A query that
unfolds the legs of an entry costs more to start than the few look-ups it makes; here each leg is one look-up by its
account's key.

What has been part of a migration is history: it is never edited, only followed.
"""

from __future__ import annotations

from typing import Final

from ledger.store.server_side import LATE_KINDS

_POST: Final = """
    CREATE OR REPLACE FUNCTION books_post(act_at timestamptz, actor_ text, opening text, texts jsonb, block bigint)
    RETURNS TABLE(first_seq bigint, placed_at timestamptz, seals bytea[])
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      n int := jsonb_array_length(texts);
      befores text[]; betweens text[]; docs jsonb[];
      keys text[]; books bigint[]; days date[]; sizes int[]; grosses bigint[];
      at_ int[]; numbers int[]; of_ int[]; homes bigint[]; accounts bigint[]; amounts bigint[]; on_ date[];
      doc jsonb; postings jsonb; leg jsonb;
      home bigint; day date; size int; account_ bigint; amount_ bigint; gross_ bigint;
      legs int := 0;
      earliest date;
      head record;
      at_text text;
      grown bytea;
      top bytea;
    BEGIN
      FOR i IN 1 .. n LOOP
        befores[i] := texts -> (i - 1) ->> 0;
        betweens[i] := texts -> (i - 1) ->> 1;
        doc := (opening || befores[i] || betweens[i] || '"}')::jsonb;
        day := doc ->> 'effective_on';
        postings := doc -> 'postings';
        size := jsonb_array_length(postings);
        gross_ := 0;
        SELECT b.id INTO home FROM book b WHERE b.code = doc ->> 'book';
        FOR j IN 0 .. size - 1 LOOP
          leg := postings -> j;
          SELECT a.id INTO account_ FROM account a WHERE a.book_id = home AND a.code = leg ->> 0;
          IF account_ IS NULL THEN
            RETURN;
          END IF;
          amount_ := (leg ->> 1)::numeric * 100;
          gross_ := gross_ + greatest(amount_, 0);
          legs := legs + 1;
          at_[legs] := i; numbers[legs] := j + 1; of_[legs] := size; on_[legs] := day;
          homes[legs] := home; accounts[legs] := account_; amounts[legs] := amount_;
        END LOOP;
        docs[i] := doc; keys[i] := doc ->> 'key'; books[i] := home; days[i] := day;
        sizes[i] := size; grosses[i] := gross_;
        earliest := least(earliest, day);
      END LOOP;
      -- The keys, against whoever accepts one of them to be placed later; and the head.
      PERFORM pg_advisory_xact_lock_shared(hashtextextended(k.key, k.book))
         FROM (SELECT u.key, u.book FROM unnest(keys, books) u(key, book) ORDER BY 1, 2) k;
      SELECT h.seq, h.recorded_at, h.frontier, h.chain INTO STRICT head FROM journal_head h WHERE h.id = 1 FOR UPDATE;
      IF (head.seq + n) / block <> head.seq / block
         OR EXISTS (SELECT FROM quarter_event q WHERE q.ends_on >= earliest) THEN
        RETURN;
      END IF;
      FOR i IN 1 .. n LOOP
        IF EXISTS (SELECT FROM entry e WHERE e.book_id = books[i] AND e.key = keys[i])
           OR EXISTS (SELECT FROM waiting_entry w WHERE w.book_id = books[i] AND w.key = keys[i]) THEN
          RETURN;
        END IF;
      END LOOP;
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
        SELECT head.seq + l.at, l.leg, l.legs, l.book_id, l.account_id, l.amount, l.effective_on, head.seq + l.at
          FROM unnest(at_, numbers, of_, homes, accounts, amounts, on_)
               l(at, leg, legs, book_id, account_id, amount, effective_on);
      INSERT INTO entry (id, seq, book_id, key, kind, description, effective_on, original_effective_on, recorded_at,
                         actor, pair, reverses, legs, gross, content_hash, seal)
        SELECT head.seq + d.at, head.seq + d.at, books[d.at], keys[d.at], d.doc ->> 'kind', d.doc ->> 'description',
               days[d.at], nullif(d.doc ->> 'original_effective_on', '')::date, placed_at, actor_,
               d.doc ->> 'pair', nullif(d.doc ->> 'reverses', '')::bigint, sizes[d.at], grosses[d.at],
               sha256(convert_to('{"actor":""' || befores[d.at] || '1970-01-01T00:00:00.000000Z' || betweens[d.at]
                                 || '0"}', 'UTF8')),
               seals[d.at]
          FROM unnest(docs) WITH ORDINALITY d(doc, at);
      RETURN NEXT;
    END $$
"""

_WAITING_IS_SOUND: Final = """
    CREATE OR REPLACE FUNCTION books_waiting_is_sound() RETURNS trigger
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
      doc jsonb := (NEW.opening || NEW.text_before || NEW.text_between || '"}')::jsonb;
      postings jsonb := doc -> 'postings';
      leg jsonb;
      told text := '';
      account_ bigint;
      amount_ bigint;
      net numeric := 0;
      gross numeric := 0;
      kind_ text := doc ->> 'kind';
    BEGIN
      NEW.key := doc ->> 'key';
      NEW.effective_on := (doc ->> 'effective_on')::date;
      NEW.content_hash := sha256(convert_to(
        '{"actor":""' || NEW.text_before || '1970-01-01T00:00:00.000000Z' || NEW.text_between || '0"}', 'UTF8'));
      NEW.legs := CASE jsonb_typeof(postings) WHEN 'array' THEN jsonb_array_length(postings) ELSE 0 END;
      SELECT b.id INTO NEW.book_id FROM book b WHERE b.code = doc ->> 'book';
      FOR at_ IN 0 .. NEW.legs - 1 LOOP
        leg := postings -> at_;
        SELECT a.id INTO account_ FROM account a WHERE a.book_id = NEW.book_id AND a.code = leg ->> 0;
        amount_ := (leg ->> 1)::numeric * 100;
        -- With no account, or an amount of nothing, what it comes to is not known either: it is refused below.
        net := net + nullif(amount_, 0) + 0 * account_;
        gross := gross + greatest(amount_, 0);
        told := told || CASE at_ WHEN 0 THEN '[' ELSE ', [' END || account_ || ', ' || amount_ || ']';
      END LOOP;
      NEW.postings := '[' || told || ']';
      IF NEW.legs < 2 OR net IS DISTINCT FROM 0 OR NEW.actor IS DISTINCT FROM (doc ->> 'actor')
         OR doc ->> 'reverses' <> '' THEN
        RAISE EXCEPTION 'books: an entry must name accounts of its book and balance' USING ERRCODE = 'check_violation';
      END IF;
      -- What the journal would not hold is not accepted: it could never be placed.
      IF length(kind_) > 40 OR length(doc ->> 'pair') > 200 OR gross > 9000000000000000
         OR NEW.effective_on NOT BETWEEN '2008-11-26' AND '2099-12-31' THEN
        RAISE EXCEPTION 'books: an entry keeps to the widths, the limit and the calendar of the journal'
          USING ERRCODE = 'check_violation';
      END IF;
      IF NEW.effective_on <= (SELECT max(ends_on) FROM quarter_event WHERE state = 'closed') THEN
        RAISE EXCEPTION 'books: the quarter is closed' USING ERRCODE = 'restrict_violation';
      END IF;
      IF kind_ <> ALL (ARRAY[<late>]) AND 'soft-closed' = (
           SELECT q.state FROM quarter_event q WHERE q.quarter = to_char(NEW.effective_on, 'YYYY"Q"Q')
            ORDER BY q.id DESC LIMIT 1) THEN
        RAISE EXCEPTION 'books: the quarter is soft-closed' USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$
"""

FUNCTIONS: Final = (_POST, _WAITING_IS_SOUND.replace("<late>", ", ".join(map(repr, LATE_KINDS))))
