-- Not unique: a writer would wait for another that notes the same change.
CREATE TABLE run_tally_change (
    workspace_id uuid NOT NULL,
    kind text NOT NULL,
    start bigint NOT NULL
);
CREATE INDEX run_tally_change_start ON run_tally_change (workspace_id, kind, start);

-- Notes that runs of the period around `moment` changed, unless that is noted already. Volatile, so that every
-- statement in it sees what was committed before that statement: the tallies rely on it.
CREATE FUNCTION run_tally_touch(run_workspace uuid, run_kind text, moment timestamptz) RETURNS void
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    second bigint := COALESCE(CAST(floor(EXTRACT(EPOCH FROM moment)) AS bigint), -3600000000000);
    hour bigint := second - ((second % 3600) + 3600) % 3600;
BEGIN
    INSERT INTO run_tally_change (workspace_id, kind, start)
    SELECT run_workspace, run_kind, period.start
    FROM (SELECT COALESCE((
        SELECT max(run_tally.start) FROM run_tally
        WHERE run_tally.workspace_id = run_workspace AND run_tally.kind = run_kind
            AND run_tally.start BETWEEN hour AND second), hour) AS start) AS period
    WHERE NOT EXISTS (
        SELECT 1 FROM run_tally_change AS known
        WHERE known.workspace_id = run_workspace AND known.kind = run_kind AND known.start = period.start);
END
$$;

-- A run has two times: when it is expected to start and when it started.
CREATE FUNCTION run_tally_note() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM run_tally_touch(OLD.workspace_id, TG_TABLE_NAME, OLD.expected_start_time);
        IF OLD.start_time IS NOT NULL THEN
            PERFORM run_tally_touch(OLD.workspace_id, TG_TABLE_NAME, OLD.start_time);
        END IF;
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.expected_start_time IS DISTINCT FROM OLD.expected_start_time) THEN
        PERFORM run_tally_touch(NEW.workspace_id, TG_TABLE_NAME, NEW.expected_start_time);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.start_time IS NOT NULL
        AND (TG_OP = 'INSERT' OR NEW.start_time IS DISTINCT FROM OLD.start_time)
    THEN
        PERFORM run_tally_touch(NEW.workspace_id, TG_TABLE_NAME, NEW.start_time);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER flow_run_tally_insert AFTER INSERT ON flow_run FOR EACH ROW EXECUTE FUNCTION run_tally_note();
CREATE TRIGGER flow_run_tally_delete AFTER DELETE ON flow_run FOR EACH ROW EXECUTE FUNCTION run_tally_note();
CREATE TRIGGER flow_run_tally_update AFTER UPDATE ON flow_run FOR EACH ROW
    WHEN ((OLD.state_type, OLD.state_name, OLD.state_timestamp, OLD.expected_start_time, OLD.start_time,
            OLD.total_run_time, OLD.parent_task_run_id)
        IS DISTINCT FROM (NEW.state_type, NEW.state_name, NEW.state_timestamp, NEW.expected_start_time, NEW.start_time,
            NEW.total_run_time, NEW.parent_task_run_id))
    EXECUTE FUNCTION run_tally_note();
CREATE TRIGGER task_run_tally_insert AFTER INSERT ON task_run FOR EACH ROW EXECUTE FUNCTION run_tally_note();
CREATE TRIGGER task_run_tally_delete AFTER DELETE ON task_run FOR EACH ROW EXECUTE FUNCTION run_tally_note();
CREATE TRIGGER task_run_tally_update AFTER UPDATE ON task_run FOR EACH ROW
    WHEN ((OLD.state_type, OLD.state_name, OLD.state_timestamp, OLD.expected_start_time, OLD.start_time,
            OLD.total_run_time, OLD.flow_run_id)
        IS DISTINCT FROM (NEW.state_type, NEW.state_name, NEW.state_timestamp, NEW.expected_start_time, NEW.start_time,
            NEW.total_run_time, NEW.flow_run_id))
    EXECUTE FUNCTION run_tally_note();

-- Task runs are told apart by what they have to do with subflows: the task run that stands for one, and those that are
-- inside of one. A run that is new has no task runs yet.
CREATE FUNCTION run_tally_touch_task_runs(run_workspace uuid, flow_run uuid, parent_task_run uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    task record;
BEGIN
    FOR task IN
        SELECT expected_start_time, start_time FROM task_run
            WHERE workspace_id = run_workspace AND id = parent_task_run
        UNION
        SELECT expected_start_time, start_time FROM task_run
            WHERE workspace_id = run_workspace AND flow_run_id = flow_run
    LOOP
        PERFORM run_tally_touch(run_workspace, 'task_run', task.expected_start_time);
        IF task.start_time IS NOT NULL THEN
            PERFORM run_tally_touch(run_workspace, 'task_run', task.start_time);
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION run_tally_note_family() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM run_tally_touch_task_runs(OLD.workspace_id, OLD.id, OLD.parent_task_run_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM run_tally_touch_task_runs(NEW.workspace_id, NULL, NEW.parent_task_run_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER flow_run_family_insert AFTER INSERT ON flow_run FOR EACH ROW
    WHEN (NEW.parent_task_run_id IS NOT NULL) EXECUTE FUNCTION run_tally_note_family();
CREATE TRIGGER flow_run_family_update AFTER UPDATE ON flow_run FOR EACH ROW
    WHEN (OLD.parent_task_run_id IS DISTINCT FROM NEW.parent_task_run_id) EXECUTE FUNCTION run_tally_note_family();
CREATE TRIGGER flow_run_family_delete AFTER DELETE ON flow_run FOR EACH ROW EXECUTE FUNCTION run_tally_note_family();
