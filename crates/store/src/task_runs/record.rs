//! Task runs as clients report them: the newest state of a run wins, every state is kept.

use std::collections::HashMap;

use sluice_wire::ids::{FlowRunId, TaskRunId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::patch::Patch;
use sluice_wire::run_policies::TaskRunPolicy;
use sluice_wire::task_runs::RecordedTaskRun;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use crate::{Dialect, Json, Result, StoreError, Tx, Value, params};

/// Bits of the columns that a report did not carry; the statement leaves them as they are stored.
mod absent {
    pub const NAME: i64 = 1;
    pub const CACHE_KEY: i64 = 1 << 1;
    pub const CACHE_EXPIRATION: i64 = 1 << 2;
    pub const TASK_VERSION: i64 = 1 << 3;
    pub const EMPIRICAL_POLICY: i64 = 1 << 4;
    pub const TAGS: i64 = 1 << 5;
    pub const LABELS: i64 = 1 << 6;
    pub const TASK_INPUTS: i64 = 1 << 7;
    pub const RUN_COUNT: i64 = 1 << 8;
    pub const FLOW_RUN_RUN_COUNT: i64 = 1 << 9;
    pub const EXPECTED_START_TIME: i64 = 1 << 10;
    pub const NEXT_SCHEDULED_START_TIME: i64 = 1 << 11;
    pub const START_TIME: i64 = 1 << 12;
    pub const END_TIME: i64 = 1 << 13;
    pub const TOTAL_RUN_TIME: i64 = 1 << 14;
}

/// Newer than what is stored: a report that comes late changes nothing.
const UPSERT: &str = "INSERT INTO task_run (
        id, workspace_id, created, updated, flow_run_id, task_key, dynamic_key, state_id, state_type, state_name,
        state_timestamp, state, name, cache_key, cache_expiration, task_version, empirical_policy, tags, labels,
        task_inputs, run_count, flow_run_run_count, expected_start_time, next_scheduled_start_time, start_time,
        end_time, total_run_time)
    VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
        ?23, ?24, ?25, ?26)
    ON CONFLICT (workspace_id, id) DO UPDATE SET
        updated = excluded.updated, flow_run_id = excluded.flow_run_id, task_key = excluded.task_key,
        dynamic_key = excluded.dynamic_key, state_id = excluded.state_id, state_type = excluded.state_type,
        state_name = excluded.state_name, state_timestamp = excluded.state_timestamp, state = excluded.state,
        name = CASE WHEN CAST(?27 AS bigint) & 1 = 0 THEN excluded.name ELSE task_run.name END,
        cache_key = CASE WHEN CAST(?27 AS bigint) & 2 = 0 THEN excluded.cache_key ELSE task_run.cache_key END,
        cache_expiration = CASE WHEN CAST(?27 AS bigint) & 4 = 0
            THEN excluded.cache_expiration ELSE task_run.cache_expiration END,
        task_version = CASE WHEN CAST(?27 AS bigint) & 8 = 0
            THEN excluded.task_version ELSE task_run.task_version END,
        empirical_policy = CASE WHEN CAST(?27 AS bigint) & 16 = 0
            THEN excluded.empirical_policy ELSE task_run.empirical_policy END,
        tags = CASE WHEN CAST(?27 AS bigint) & 32 = 0 THEN excluded.tags ELSE task_run.tags END,
        labels = CASE WHEN CAST(?27 AS bigint) & 64 = 0 THEN excluded.labels ELSE task_run.labels END,
        task_inputs = CASE WHEN CAST(?27 AS bigint) & 128 = 0
            THEN excluded.task_inputs ELSE task_run.task_inputs END,
        run_count = CASE WHEN CAST(?27 AS bigint) & 256 = 0 THEN excluded.run_count ELSE task_run.run_count END,
        flow_run_run_count = CASE WHEN CAST(?27 AS bigint) & 512 = 0
            THEN excluded.flow_run_run_count ELSE task_run.flow_run_run_count END,
        expected_start_time = CASE WHEN CAST(?27 AS bigint) & 1024 = 0
            THEN excluded.expected_start_time ELSE task_run.expected_start_time END,
        next_scheduled_start_time = CASE WHEN CAST(?27 AS bigint) & 2048 = 0
            THEN excluded.next_scheduled_start_time ELSE task_run.next_scheduled_start_time END,
        start_time = CASE WHEN CAST(?27 AS bigint) & 4096 = 0
            THEN excluded.start_time ELSE task_run.start_time END,
        end_time = CASE WHEN CAST(?27 AS bigint) & 8192 = 0 THEN excluded.end_time ELSE task_run.end_time END,
        total_run_time = CASE WHEN CAST(?27 AS bigint) & 16384 = 0
            THEN excluded.total_run_time ELSE task_run.total_run_time END
    WHERE task_run.workspace_id = excluded.workspace_id
        AND (task_run.state_timestamp IS NULL OR task_run.state_timestamp < excluded.state_timestamp)";

const INSERT_STATE: &str =
    "INSERT INTO task_run_state (id, workspace_id, task_run_id, timestamp, type, state)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (workspace_id, id) DO NOTHING";

/// Records the runs that clients reported (wire-protocol 7.12). Recording the same reports again, or in another
/// order, leads to the same rows. A run that is stored under another id with the same flow run, task key and
/// dynamic key keeps the stored id. Rows are written in the order of their ids, so that replicas do not lock each
/// other out.
pub async fn record(
    tx: &mut Tx,
    workspace: WorkspaceId,
    runs: &[RecordedTaskRun],
    now: Timestamp,
) -> Result<()> {
    if runs.is_empty() {
        return Ok(());
    }
    let ids = canonical_ids(tx, runs).await?;
    let mut newest: HashMap<TaskRunId, &RecordedTaskRun> = HashMap::with_capacity(runs.len());
    for (run, id) in runs.iter().zip(&ids) {
        newest
            .entry(*id)
            .and_modify(|kept| {
                if run.state.timestamp >= kept.state.timestamp {
                    *kept = run;
                }
            })
            .or_insert(run);
    }
    let mut newest: Vec<(TaskRunId, &RecordedTaskRun)> = newest.into_iter().collect();
    newest.sort_unstable_by_key(|(id, _)| *id);
    let rows = newest.into_iter().map(|(id, run)| run_values(id, workspace, run, now)).collect();
    tx.execute_many(UPSERT, rows).await.map_err(taken_by_another_replica)?;
    let states = runs.iter().zip(&ids).map(|(run, id)| {
        let state = &run.state;
        params![state.id, workspace, *id, state.timestamp, state.r#type.as_str(), Json(state)]
    });
    tx.execute_many(INSERT_STATE, states.collect()).await?;
    Ok(())
}

/// Two replicas recorded the same new run under two ids at once: run again, one of them is stored by now.
fn taken_by_another_replica(error: StoreError) -> StoreError {
    match error {
        StoreError::Unique(message) => StoreError::Conflict(message),
        other => other,
    }
}

type NaturalKey<'a> = (FlowRunId, &'a str, &'a str);

fn natural_key(run: &RecordedTaskRun) -> Option<NaturalKey<'_>> {
    run.flow_run_id.map(|flow_run_id| (flow_run_id, &*run.fields.task_key, &*run.fields.dynamic_key))
}

/// The id under which each run is stored, or will be: that of the row with the run's natural key, else that which
/// the first report of this key carries.
///
/// Keys of every workspace are looked at, because they are unique over all: a row of another workspace is found
/// here and then not written.
async fn canonical_ids(tx: &mut Tx, runs: &[RecordedTaskRun]) -> Result<Vec<TaskRunId>> {
    let mut by_key: HashMap<NaturalKey<'_>, TaskRunId> = HashMap::new();
    for run in runs {
        if let Some(key) = natural_key(run) {
            by_key.entry(key).or_insert(run.id);
        }
    }
    match tx.dialect() {
        Dialect::Sqlite => {
            for (key, id) in &mut by_key {
                let stored: Option<TaskRunId> = tx
                    .scalar(
                        "SELECT id FROM task_run WHERE flow_run_id = ?1 AND task_key = ?2 AND dynamic_key = ?3",
                        params![key.0, key.1, key.2],
                    )
                    .await?;
                *id = stored.unwrap_or(*id);
            }
        }
        Dialect::Postgres => {
            let keys: Vec<NaturalKey<'_>> = by_key.keys().copied().collect();
            let stored = tx
                .query(
                    "SELECT wanted.position, task_run.id
                     FROM (SELECT position, CAST(key ->> 0 AS uuid) AS flow_run_id, key ->> 1 AS task_key,
                               key ->> 2 AS dynamic_key
                           FROM jsonb_array_elements(?1) WITH ORDINALITY AS element (key, position)) AS wanted
                     JOIN task_run ON task_run.flow_run_id = wanted.flow_run_id
                         AND task_run.task_key = wanted.task_key AND task_run.dynamic_key = wanted.dynamic_key",
                    params![Json(&keys)],
                )
                .await?;
            for row in stored {
                let mut columns = row.columns();
                let (position, id): (i64, TaskRunId) = (columns.take()?, columns.take()?);
                let key = usize::try_from(position - 1).ok().and_then(|position| keys.get(position));
                if let Some(key) = key {
                    by_key.insert(*key, id);
                }
            }
        }
    }
    Ok(runs
        .iter()
        .map(|run| natural_key(run).and_then(|key| by_key.get(&key).copied()).unwrap_or(run.id))
        .collect())
}

fn run_values(id: TaskRunId, workspace: WorkspaceId, run: &RecordedTaskRun, now: Timestamp) -> Vec<Value> {
    let mut mask = 0;
    let (fields, state) = (&run.fields, &run.state);
    let mut values = params![
        id,
        workspace,
        now,
        run.flow_run_id,
        &fields.task_key,
        &fields.dynamic_key,
        state.id,
        state.r#type.as_str(),
        &state.name,
        state.timestamp,
        Json(state),
        given(&mut mask, absent::NAME, fields.name.as_ref(), || {
            // The same name for every report of the run, whichever comes first.
            format!("{}-{}", fields.task_key, short(id.0)).into()
        }),
        patched(&mut mask, absent::CACHE_KEY, &fields.cache_key),
        patched(&mut mask, absent::CACHE_EXPIRATION, &fields.cache_expiration),
        patched(&mut mask, absent::TASK_VERSION, &fields.task_version),
        given(&mut mask, absent::EMPIRICAL_POLICY, fields.empirical_policy.as_ref().map(Json), || {
            Json(TaskRunPolicy::default()).into()
        }),
        given(&mut mask, absent::TAGS, fields.tags.as_ref(), || RawJson::empty_list().into()),
        given(&mut mask, absent::LABELS, fields.labels.as_ref().map(Json), || RawJson::empty_object().into()),
        given(&mut mask, absent::TASK_INPUTS, fields.task_inputs.as_ref().map(|inputs| &inputs.0), || {
            RawJson::empty_object().into()
        }),
        given(&mut mask, absent::RUN_COUNT, fields.run_count, || Value::Int(0)),
        given(&mut mask, absent::FLOW_RUN_RUN_COUNT, fields.flow_run_run_count, || Value::Int(0)),
        patched(&mut mask, absent::EXPECTED_START_TIME, &fields.expected_start_time),
        patched(&mut mask, absent::NEXT_SCHEDULED_START_TIME, &fields.next_scheduled_start_time),
        patched(&mut mask, absent::START_TIME, &fields.start_time),
        patched(&mut mask, absent::END_TIME, &fields.end_time),
        given(&mut mask, absent::TOTAL_RUN_TIME, fields.total_run_time, || TimeDelta::ZERO.into()),
    ];
    values.push(mask.into());
    values
}

fn short(id: Uuid) -> String {
    let mut text = id.simple().to_string();
    text.split_off(text.len() - 3)
}

fn given<T: Into<Value>>(
    mask: &mut i64,
    bit: i64,
    value: Option<T>,
    default: impl FnOnce() -> Value,
) -> Value {
    value.map(Into::into).unwrap_or_else(|| {
        *mask |= bit;
        default()
    })
}

fn patched<T: Clone + Into<Value>>(mask: &mut i64, bit: i64, value: &Patch<T>) -> Value {
    match value {
        Patch::Absent => {
            *mask |= bit;
            Value::Null
        }
        Patch::Null => Value::Null,
        Patch::Value(value) => value.clone().into(),
    }
}
