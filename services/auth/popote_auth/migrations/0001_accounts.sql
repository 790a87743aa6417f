-- A person is one account: one e-mail address, one password. Access tokens whose `ver` is lower than `version` are refused;
-- `password_version` tells a new password from a better hash of the same one. Not under row-level security: a login looks
-- the account up before anyone is known, and members of a household see each other's names.
CREATE TABLE person (
    id               uuid        PRIMARY KEY,
    email            text        NOT NULL CHECK (octet_length(email) <= 254),
    email_key        text        NOT NULL UNIQUE,         -- what two spellings of an address share
    display_name     text        NOT NULL CHECK (length(display_name) BETWEEN 1 AND 80),
    password_hash    text        NOT NULL,
    password_version integer     NOT NULL DEFAULT 1,
    version          integer     NOT NULL DEFAULT 1,
    is_operator      boolean     NOT NULL DEFAULT false,
    disabled_at      timestamptz,
    created_at       timestamptz NOT NULL
);

-- A recovery code opens an account once, without its password. It is deleted when it is used.
CREATE TABLE recovery_code (
    person_id uuid  NOT NULL REFERENCES person ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    PRIMARY KEY (person_id, code_hash)
);

-- A household is who shares a kitchen. `version` is its ETag.
CREATE TABLE household (
    household_id uuid        PRIMARY KEY,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    timezone     text        NOT NULL,
    language     text        NOT NULL,
    currency     text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL
);

-- A member is one person in one household, in one role.
CREATE TABLE member (
    household_id uuid        NOT NULL REFERENCES household ON DELETE CASCADE,
    person_id    uuid        NOT NULL REFERENCES person ON DELETE CASCADE,
    role         text        NOT NULL CHECK (role IN ('owner', 'adult', 'child', 'guest')),
    joined_at    timestamptz NOT NULL,
    PRIMARY KEY (household_id, person_id)
);
CREATE INDEX member_by_person ON member (person_id);

-- A session is one sign-in on one device, and the household that it acts for. Only the generation of its current refresh
-- token is known: the token itself is derived. `refresh_ids` are those that were given the current one. Not under
-- row-level security: a refresh token names its session before anyone is known.
CREATE TABLE session (
    id           uuid        PRIMARY KEY,
    person_id    uuid        NOT NULL REFERENCES person ON DELETE CASCADE,
    household_id uuid        NOT NULL,                    -- no foreign key: membership is read at each refresh
    device_name  text        NOT NULL,
    platform     text        NOT NULL,
    generation   bigint      NOT NULL DEFAULT 0,
    refresh_ids  uuid[]      NOT NULL DEFAULT '{}',
    rotated_at   timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    ended_at     timestamptz
);
CREATE INDEX session_by_person ON session (person_id);

-- An invitation lets one person join one household. Not under row-level security: its code is shown by someone who belongs
-- to no household yet. Statements for a household name it.
CREATE TABLE invitation (
    household_id uuid        NOT NULL REFERENCES household ON DELETE CASCADE,
    id           uuid        NOT NULL,
    code_hash    bytea       NOT NULL UNIQUE,
    role         text        NOT NULL CHECK (role IN ('owner', 'adult', 'child', 'guest')),
    invited_by   uuid        NOT NULL REFERENCES person ON DELETE CASCADE,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    accepted_by  uuid        REFERENCES person ON DELETE SET NULL,
    accepted_at  timestamptz,
    PRIMARY KEY (household_id, id)
);

-- A signing key makes access tokens; its private part is sealed under a key that is not in the database.
-- Not under row-level security, as the next three: it belongs to the system.
CREATE TABLE signing_key (
    kid        text        PRIMARY KEY,
    public     jsonb       NOT NULL,
    sealed     bytea       NOT NULL,
    created_at timestamptz NOT NULL
);

-- A strike counts the failures held against an account, an address, or an account from an address; the key is a keyed hash
-- of which, so that the table names nobody.
CREATE TABLE strike (
    key      bytea       PRIMARY KEY,
    failures integer     NOT NULL,
    last_at  timestamptz NOT NULL
);
CREATE INDEX strike_by_age ON strike (last_at);

-- A quota counts what an address did since the beginning of its window.
CREATE TABLE quota (
    key   bytea       PRIMARY KEY,
    used  integer     NOT NULL,
    since timestamptz NOT NULL
);
CREATE INDEX quota_by_age ON quota (since);

-- The one row tells who became the first operator.
CREATE TABLE setup (
    is_done   boolean     PRIMARY KEY DEFAULT true CHECK (is_done),
    person_id uuid        NOT NULL REFERENCES person ON DELETE CASCADE,
    done_at   timestamptz NOT NULL
);

-- An audit entry tells who did what to whose account or household. It is only ever added to.
CREATE TABLE audit (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    what         text        NOT NULL,
    actor_id     uuid        NOT NULL,                    -- no foreign keys: an entry outlives what it tells of
    person_id    uuid        NOT NULL,
    household_id uuid,
    facts        jsonb       NOT NULL
);
CREATE INDEX audit_by_person ON audit (person_id, id);
CREATE INDEX audit_by_household ON audit (household_id, id);
REVOKE UPDATE, DELETE ON audit FROM auth_app;

CREATE FUNCTION acting_household() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('popote.household', true), '')::uuid;
CREATE FUNCTION acting_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('popote.person', true), '')::uuid;

ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_code FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON recovery_code USING (person_id = acting_person());

ALTER TABLE household ENABLE ROW LEVEL SECURITY;
ALTER TABLE household FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON household USING (household_id = acting_household());
-- One's households are listed, and one of them is chosen, before one acts for it.
CREATE POLICY joined ON household FOR SELECT USING (
    EXISTS (SELECT FROM member m WHERE m.household_id = household.household_id AND m.person_id = acting_person())
);

ALTER TABLE member ENABLE ROW LEVEL SECURITY;
ALTER TABLE member FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON member USING (household_id = acting_household());
CREATE POLICY joined ON member FOR SELECT USING (person_id = acting_person());

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY added ON audit FOR INSERT WITH CHECK (true);
CREATE POLICY own ON audit FOR SELECT USING (household_id = acting_household() OR person_id = acting_person());
