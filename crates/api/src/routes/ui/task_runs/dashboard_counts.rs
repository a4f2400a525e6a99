use axum::Json;
use axum::extract::State;
use serde_json::Value;
use sluice_store::task_runs;
use sluice_wire::filters::{AnyFilter, FilterRequest, TaskRunStateFilter};
use sluice_wire::sorting::TaskRunSort;
use sluice_wire::states::StateType;
use sluice_wire::task_runs::CompletedAndFailed;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// Into how many intervals the time is divided.
const INTERVALS: usize = 20;
const MINUTE_MICROS: i64 = 60_000_000;

/// `POST /ui/task_runs/dashboard/counts`: how many task runs ended well and how many did not, in each twentieth of
/// the time since `task_runs.start_time.after_`, which is required.
pub async fn dashboard_counts(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<TaskRunSort>>,
) -> Result<Json<Vec<CompletedAndFailed>>, ApiError> {
    let mut filters = request.filters;
    if filters.task_runs.is_none() {
        return Err(ApiError::invalid_field(&["task_runs"], "missing", "Field required", Value::Null));
    }
    let times = filters.task_runs.as_ref().and_then(|filter| filter.start_time.as_ref());
    let (after, before) = times.map_or((None, None), |times| (times.after_, times.before_));
    let Some(after) = after else {
        return Err(ApiError::unprocessable("task_runs.start_time.after_ is required"));
    };
    if let Some(filter) = &mut filters.task_runs {
        let r#type = Some(AnyFilter { any_: Some(StateType::FINAL.to_vec()) });
        filter.state = Some(TaskRunStateFilter { r#type, ..TaskRunStateFilter::default() });
    }
    let start = minute_of(after);
    let end =
        minute_of(before.unwrap_or_else(|| app.clock.now())) + TimeDelta::from_micros(MINUTE_MICROS - 1);
    let parts = i64::try_from(INTERVALS).unwrap_or(1);
    let interval = TimeDelta::from_micros((end.since(start).as_micros() / parts).max(1));
    let counts = app
        .store
        .read_snapshot((workspace, filters, start, interval), |tx, (workspace, filters, start, interval)| {
            Box::pin(task_runs::count_completed_and_failed(
                tx, *workspace, filters, *start, *interval, INTERVALS,
            ))
        })
        .await?;
    Ok(Json(counts))
}

fn minute_of(time: Timestamp) -> Timestamp {
    Timestamp::from_micros(time.as_micros() - time.as_micros().rem_euclid(MINUTE_MICROS))
}
