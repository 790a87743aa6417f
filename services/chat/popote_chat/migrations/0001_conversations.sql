-- A conversation is one thread between a person and a model. It belongs to that person alone, also within the household.
-- A message is one turn of it, as the phone saw it; it never changes, and `sequence` is the order of arrival.

CREATE FUNCTION plain(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 SET search_path = extensions, pg_catalog
    RETURN lower(extensions.unaccent('extensions.unaccent', words));

CREATE FUNCTION words_of(content text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
    RETURN strip(to_tsvector('pg_catalog.simple', chat.plain(content)));

CREATE TABLE conversation (
    household_id  uuid        NOT NULL,
    person_id     uuid        NOT NULL,
    id            uuid        NOT NULL,
    title         text        NOT NULL CHECK (length(title) <= 200),
    version       bigint      NOT NULL DEFAULT 1,
    last_sequence integer     NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (household_id, person_id, id)
);
CREATE INDEX conversation_by_use ON conversation (household_id, person_id, updated_at DESC, id DESC);
CREATE INDEX conversation_like ON conversation USING gin (household_id, person_id, plain(title) gin_trgm_ops);

CREATE TABLE message (
    household_id    uuid        NOT NULL,
    person_id       uuid        NOT NULL,
    conversation_id uuid        NOT NULL,
    id              uuid        NOT NULL,
    sequence        integer     NOT NULL,
    role            text        NOT NULL CHECK (role IN ('user', 'assistant', 'tool', 'system')),
    content         text        NOT NULL CHECK (octet_length(content) <= 131072),
    model           text,
    done_reason     text,
    tool_name       text,
    tool_calls      jsonb,
    links           jsonb,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (household_id, person_id, conversation_id, id),
    UNIQUE (household_id, person_id, conversation_id, sequence),
    FOREIGN KEY (household_id, person_id, conversation_id) REFERENCES conversation ON DELETE CASCADE
);
CREATE INDEX message_words ON message USING gin (household_id, person_id, words_of(content));
-- Likeness costs the square of a text's length where a model has said the same again and again: a beginning is compared.
CREATE INDEX message_like ON message USING gin (household_id, person_id, plain(left(content, 4000)) gin_trgm_ops);

-- Both are one person's rows: household and person are checked.
ALTER TABLE conversation ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON conversation USING (
    household_id = nullif(current_setting('popote.household', true), '')::uuid
    AND person_id = nullif(current_setting('popote.person', true), '')::uuid
);
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
ALTER TABLE message FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON message USING (
    household_id = nullif(current_setting('popote.household', true), '')::uuid
    AND person_id = nullif(current_setting('popote.person', true), '')::uuid
);

-- Text operators are not leakproof, so under row-level security they never use an index. These functions see past it, as a
-- role that can do nothing else, and take household and person from the session, never from an argument.

-- Conversations that hold every one of the words, or begin of a word; those with a title that does come first.
CREATE FUNCTION search_words(wanted text, at_most integer)
    RETURNS TABLE (id uuid, title text, version bigint, created_at timestamptz, updated_at timestamptz, found text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = chat, extensions, pg_catalog, pg_temp
AS $$
DECLARE
    household constant uuid := nullif(current_setting('popote.household', true), '')::uuid;
    person    constant uuid := nullif(current_setting('popote.person', true), '')::uuid;
    words     constant text[] := regexp_split_to_array(trim(regexp_replace(plain(wanted), '[^[:alnum:]]+', ' ', 'g')), ' ');
    query     constant tsquery := to_tsquery('simple', nullif(array_to_string(words, ':* & '), '') || ':*');
BEGIN
    RETURN QUERY
    WITH hit AS (
        SELECT m.conversation_id, max(m.sequence) AS sequence
          FROM message m
         WHERE m.household_id = household AND m.person_id = person AND words_of(m.content) @@ query
         GROUP BY m.conversation_id
    ), best AS (
        SELECT c.*, hit.sequence
          FROM conversation c LEFT JOIN hit ON hit.conversation_id = c.id
         WHERE c.household_id = household AND c.person_id = person
           AND (hit.sequence IS NOT NULL OR words_of(c.title) @@ query)
         ORDER BY words_of(c.title) @@ query DESC, c.updated_at DESC
         LIMIT at_most
    )
    SELECT b.id, b.title, b.version, b.created_at, b.updated_at,
           substr(m.content, greatest(1, strpos(plain(m.content), words[1]) - 60), 200)
      FROM best b
      LEFT JOIN message m ON m.household_id = household AND m.person_id = person
                         AND m.conversation_id = b.id AND m.sequence = b.sequence;
END $$;

-- Conversations that hold something like the words, in a title or the first 4,000 characters of a message: for when none
-- holds the words themselves. The first 200 places that the index gives are compared; a typo in a very common word need
-- not find them all.
CREATE FUNCTION search_like(wanted text, at_most integer)
    RETURNS TABLE (id uuid, title text, version bigint, created_at timestamptz, updated_at timestamptz, found text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = chat, extensions, pg_catalog, pg_temp
    SET pg_trgm.word_similarity_threshold = 0.5
AS $$
DECLARE
    household constant uuid := nullif(current_setting('popote.household', true), '')::uuid;
    person    constant uuid := nullif(current_setting('popote.person', true), '')::uuid;
    words     constant text := plain(wanted);
BEGIN
    RETURN QUERY
    WITH hit AS (
        (SELECT c.id, NULL AS content, word_similarity(words, plain(c.title)) AS score
           FROM conversation c
          WHERE c.household_id = household AND c.person_id = person AND words <% plain(c.title)
          LIMIT 200)
        UNION ALL
        (SELECT m.conversation_id, m.content, word_similarity(words, plain(left(m.content, 4000)))
           FROM message m
          WHERE m.household_id = household AND m.person_id = person AND words <% plain(left(m.content, 4000))
          LIMIT 200)
    ), best AS (
        SELECT DISTINCT ON (hit.id) hit.* FROM hit ORDER BY hit.id, hit.score DESC
    )
    SELECT c.id, c.title, c.version, c.created_at, c.updated_at, left(best.content, 200)
      FROM best
      JOIN conversation c ON c.household_id = household AND c.person_id = person AND c.id = best.id
     ORDER BY best.score DESC, c.updated_at DESC
     LIMIT at_most;
END $$;

GRANT SELECT ON conversation, message TO chat_search;
GRANT EXECUTE ON FUNCTION plain, words_of TO chat_search;
REVOKE EXECUTE ON FUNCTION search_words, search_like FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_words, search_like TO chat_app;
ALTER FUNCTION search_words OWNER TO chat_search;
ALTER FUNCTION search_like OWNER TO chat_search;
