-- The same index with its condition as alternatives. SQLite builds a table in memory for a list in the condition of an
-- index, with every run that is written.
DROP INDEX flow_run_changed;
CREATE INDEX flow_run_changed ON flow_run (state_type, state_timestamp)
    WHERE state_type = 'PAUSED' OR state_type = 'CANCELLING' OR state_type = 'CANCELLED';
