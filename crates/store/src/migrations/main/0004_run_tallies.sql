-- How many runs of each state there are in each period of time, so that dashboards need not count them. `run_tallies.rs`
-- says what must hold. A period is an hour; one with very many runs is divided. Triggers see to the changes; their text
-- differs between the databases (`migrations/run_tallies.rs`, `0004_run_tallies.postgres.sql`).
CREATE TABLE run_tally (
    workspace_id {uuid} NOT NULL,
    -- The table that the runs stand in.
    kind text NOT NULL,
    -- Seconds since 1970. Runs without a time have a period of their own, of no length, long before.
    start {int} NOT NULL,
    length {int} NOT NULL,
    -- The runs that are expected to start in the period, and those that started in it. Null: to be counted.
    by_expected text,
    by_start text
);
CREATE UNIQUE INDEX run_tally_start ON run_tally (workspace_id, kind, start);
CREATE INDEX run_tally_uncounted ON run_tally (start) WHERE by_expected IS NULL;

-- The same for the parts of the period, for windows that begin or end within it.
CREATE TABLE run_tally_part (
    workspace_id {uuid} NOT NULL,
    kind text NOT NULL,
    start {int} NOT NULL,
    by_expected text NOT NULL,
    by_start text NOT NULL,
    PRIMARY KEY (workspace_id, kind, start)
);
