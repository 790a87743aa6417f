-- A conversation is one thread between a person and a model. It belongs to that person alone, also within the household.
-- A message is one turn of it, as the phone saw it; it never changes, and `sequence` is the order of arrival.

CREATE FUNCTION plain(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = extensions, pg_catalog
    RETURN lower(extensions.unaccent('extensions.unaccent', words));

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
CREATE INDEX conversation_words ON conversation USING gin (household_id, person_id, plain(title) gin_trgm_ops);

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
CREATE INDEX message_words ON message USING gin (household_id, person_id, plain(content) gin_trgm_ops);

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

-- Trigram operators are not leakproof, so under row-level security they never use an index. This function sees past it, as
-- a role that can do nothing else, and takes household and person from the session, never from an argument.
CREATE FUNCTION search(words text, at_most integer)
    RETURNS TABLE (id uuid, title text, version bigint, created_at timestamptz, updated_at timestamptz, found text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = chat, extensions, pg_catalog, pg_temp
    SET pg_trgm.word_similarity_threshold = 0.5
BEGIN ATOMIC
    WITH whose AS (
        SELECT nullif(current_setting('popote.household', true), '')::uuid AS household_id,
               nullif(current_setting('popote.person', true), '')::uuid AS person_id
    ), hit AS (
        SELECT c.id, NULL::text AS found, word_similarity(plain(words), plain(c.title)) + 0.1 AS score
          FROM conversation c, whose w
         WHERE c.household_id = w.household_id AND c.person_id = w.person_id AND plain(words) <% plain(c.title)
        UNION ALL
        SELECT m.conversation_id, m.content, word_similarity(plain(words), plain(m.content))
          FROM message m, whose w
         WHERE m.household_id = w.household_id AND m.person_id = w.person_id AND plain(words) <% plain(m.content)
    ), best AS (
        SELECT DISTINCT ON (hit.id) hit.id, hit.score,
               (SELECT h.found FROM hit h WHERE h.id = hit.id AND h.found IS NOT NULL ORDER BY h.score DESC LIMIT 1) AS found
          FROM hit ORDER BY hit.id, hit.score DESC
    )
    SELECT c.id, c.title, c.version, c.created_at, c.updated_at, left(best.found, 200)
      FROM best, conversation c, whose w
     WHERE c.household_id = w.household_id AND c.person_id = w.person_id AND c.id = best.id
     ORDER BY best.score DESC, c.updated_at DESC
     LIMIT at_most;
END;
GRANT SELECT ON conversation, message TO chat_search;
ALTER FUNCTION search(text, integer) OWNER TO chat_search;
REVOKE EXECUTE ON FUNCTION search(text, integer) FROM PUBLIC;
