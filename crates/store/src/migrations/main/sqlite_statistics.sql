-- What SQLite's planner is told about the large tables. Without numbers it takes any index whose first column is
-- compared for a good one, and every first column here is the workspace. The numbers are those of a million runs
-- in one workspace; states are told as rarer than they are, and filters say where they are not (likelihood()).
-- Gathering them from the data instead would change plans behind everybody's back.
ANALYZE service_lease;
DELETE FROM sqlite_stat1 WHERE tbl IN ('flow_run', 'task_run');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('flow_run', 'sqlite_autoindex_flow_run_1', '1000000 1'),
    ('flow_run', 'flow_run_id', '1000000 1000000 1'),
    ('flow_run', 'flow_run_idempotency', '100000 1000 1'),
    ('flow_run', 'flow_run_flow', '1000000 10000'),
    ('flow_run', 'flow_run_expected', '1000000 1000000 1 1'),
    ('flow_run', 'flow_run_started', '1000000 1000000 1 1'),
    ('flow_run', 'flow_run_ended', '1000000 1000000 1 1'),
    ('flow_run', 'flow_run_name', '1000000 1000000 10 1'),
    ('flow_run', 'flow_run_state_type', '1000000 1000000 2000 1 1'),
    ('flow_run', 'flow_run_deployment', '1000000 10000 10'),
    ('flow_run', 'flow_run_queue', '1000000 10000 1000 10'),
    ('flow_run', 'flow_run_due', '10000 2000 1'),
    ('flow_run', 'flow_run_changed', '10000 2000 1'),
    ('flow_run', 'flow_run_parent', '100000 1'),
    ('task_run', 'task_run_started', '10000000 10000000 10 5 1'),
    ('task_run', 'sqlite_autoindex_task_run_1', '10000000 1'),
    ('task_run', 'task_run_id', '10000000 10000000 1'),
    ('task_run', 'task_run_key', '10000000 10 2 1'),
    ('task_run', 'task_run_free_key', '100000 100000 1000 1'),
    ('task_run', 'task_run_expected', '10000000 10000000 1 1'),
    ('task_run', 'task_run_state_type', '10000000 10000000 2000 1'),
    ('task_run', 'task_run_ended', '10000000 10000000 1 1');
ANALYZE sqlite_schema;
