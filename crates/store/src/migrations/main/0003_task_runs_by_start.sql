-- Dashboards count the task runs of the last days by state: the index that finds them also tells the state.
CREATE INDEX task_run_started ON task_run (workspace_id, start_time, state_type, flow_run_id);
