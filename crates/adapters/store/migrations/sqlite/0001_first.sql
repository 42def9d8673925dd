-- The tables of a new store: what Evergreen knows, in the order it comes to know it.
--
-- Times are microseconds since 1970 in UTC, amounts of money millionths, lists and maps JSON in TEXT.
-- No foreign keys: one transition writes both sides, and a check per row would halve the speed of an import.

-- Facts about this file: its own name.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The last number handed out, per kind.
CREATE TABLE counters (
    kind TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE runs (
    id   INTEGER NOT NULL PRIMARY KEY,
    body TEXT    NOT NULL
);

CREATE TABLE files (
    id   INTEGER NOT NULL PRIMARY KEY,
    hash TEXT    NOT NULL,
    body TEXT    NOT NULL
);
CREATE INDEX files_by_hash ON files (hash);

-- The highest line staged per file, so that an import goes on after a crash without searching its rows.
CREATE TABLE staged (
    file INTEGER NOT NULL PRIMARY KEY,
    line BIGINT  NOT NULL
);

-- Only (run, state) is indexed while rows are staged; both indices grow at their end or stay empty, so imports stay fast.
CREATE TABLE list_rows (
    id     INTEGER NOT NULL PRIMARY KEY,
    file   BIGINT  NOT NULL,
    line   BIGINT  NOT NULL,
    entity TEXT    NOT NULL,
    state  TEXT    NOT NULL,
    run    BIGINT,
    record BIGINT,
    fields TEXT    NOT NULL,
    extra  TEXT,
    reason TEXT
);
CREATE INDEX list_rows_by_run ON list_rows (run, state);
CREATE INDEX list_rows_by_record ON list_rows (record, run) WHERE record IS NOT NULL;

-- Stage and due time are the queue: there is no second table of jobs that could disagree with it.
CREATE TABLE records (
    id           INTEGER NOT NULL PRIMARY KEY,
    entity       TEXT    NOT NULL,
    evergreen_id TEXT    NOT NULL,
    run          BIGINT,
    stage        TEXT    NOT NULL,
    due          BIGINT  NOT NULL,
    portal_id    TEXT,
    company      BIGINT,
    outcome      TEXT,
    body         TEXT    NOT NULL
);
-- A claim is answered from this index alone: it holds everything a claim asks for.
CREATE INDEX records_by_stage ON records (stage, entity, id, due, run);
CREATE INDEX records_by_run ON records (run, entity, id);

-- How people and the portal name a record. Beside the record, because a record changes with every stage and its names hardly ever.
CREATE TABLE handles (
    record       INTEGER NOT NULL PRIMARY KEY,
    entity       TEXT    NOT NULL,
    evergreen_id TEXT    NOT NULL,
    portal_id    TEXT,
    title        TEXT,
    email        TEXT,
    linkedin     TEXT,
    domain       TEXT
);
CREATE INDEX handles_by_entity ON handles (entity, record);
CREATE UNIQUE INDEX handles_by_evergreen_id ON handles (evergreen_id);
CREATE INDEX handles_by_portal_id ON handles (portal_id) WHERE portal_id IS NOT NULL;
CREATE INDEX handles_by_email ON handles (email) WHERE email IS NOT NULL;
CREATE INDEX handles_by_linkedin ON handles (linkedin) WHERE linkedin IS NOT NULL;
CREATE INDEX handles_by_domain ON handles (domain) WHERE domain IS NOT NULL;

CREATE TABLE match_keys (
    entity TEXT   NOT NULL,
    key    TEXT   NOT NULL,
    record BIGINT NOT NULL,
    PRIMARY KEY (entity, key, record)
) WITHOUT ROWID;
CREATE INDEX match_keys_by_record ON match_keys (record);

CREATE TABLE evidence (
    id         INTEGER NOT NULL PRIMARY KEY,
    record     BIGINT  NOT NULL,
    source     TEXT    NOT NULL,
    run        BIGINT,
    at         BIGINT  NOT NULL,
    fields     TEXT    NOT NULL,
    confidence BIGINT  NOT NULL,
    call       BIGINT,
    list_row   BIGINT
);
CREATE INDEX evidence_by_record ON evidence (record);

-- `counted` is what the call weighs against ceilings: its charge once settled, what was set aside until then, nothing once released.
CREATE TABLE calls (
    id               INTEGER NOT NULL PRIMARY KEY,
    run              BIGINT  NOT NULL,
    record           BIGINT  NOT NULL,
    provider         TEXT    NOT NULL,
    question_key     TEXT    NOT NULL,
    question         TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    reserved_credits BIGINT  NOT NULL,
    reserved_money   BIGINT  NOT NULL,
    counted          BIGINT  NOT NULL,
    outcome          TEXT,
    answer           TEXT,
    at               BIGINT  NOT NULL,
    settled_at       BIGINT
);
CREATE INDEX calls_by_question ON calls (question_key);
CREATE INDEX calls_by_run ON calls (run, state);
CREATE INDEX calls_by_record ON calls (record, run, counted);
CREATE INDEX calls_by_state ON calls (state);

-- Sums of `counted` per run, per provider in a run and per month, kept in the same transaction as the calls they sum.
CREATE TABLE spend (
    scope  TEXT   NOT NULL PRIMARY KEY,
    micros BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE plans (
    id   INTEGER NOT NULL PRIMARY KEY,
    run  BIGINT  NOT NULL,
    body TEXT    NOT NULL
);
CREATE INDEX plans_by_run ON plans (run);

CREATE TABLE steps (
    id     INTEGER NOT NULL PRIMARY KEY,
    plan   BIGINT  NOT NULL,
    record BIGINT  NOT NULL,
    entity TEXT    NOT NULL,
    action TEXT    NOT NULL,
    state  TEXT    NOT NULL,
    body   TEXT    NOT NULL
);
CREATE INDEX steps_by_state ON steps (plan, state, id, entity, action);
CREATE INDEX steps_by_record ON steps (record, plan);

CREATE TABLE reviews (
    id    INTEGER NOT NULL PRIMARY KEY,
    state TEXT    NOT NULL,
    body  TEXT    NOT NULL
);
CREATE INDEX reviews_by_state ON reviews (state);

CREATE TABLE suppressions (
    key  TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) WITHOUT ROWID;

-- Small things to remember: mappings, portal facts, cached DNS, the last line of the ledger.
CREATE TABLE memory (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE ledger (
    seq      INTEGER NOT NULL PRIMARY KEY,
    at       BIGINT  NOT NULL,
    run      BIGINT,
    kind     TEXT    NOT NULL,
    record   BIGINT,
    sentence TEXT    NOT NULL,
    details  TEXT    NOT NULL,
    previous TEXT    NOT NULL,
    hash     TEXT    NOT NULL
);
CREATE INDEX ledger_by_run ON ledger (run) WHERE run IS NOT NULL;
CREATE INDEX ledger_by_record ON ledger (record) WHERE record IS NOT NULL;
