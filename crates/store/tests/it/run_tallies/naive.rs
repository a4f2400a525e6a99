//! The same question, asked so that the tallies cannot answer it: every run here has a name with "run" in it.

use serde_json::{Value, json};
use sluice_store::run_history::{self, Intervals, RunKind};
use sluice_store::{Store, StoreError, flow_runs, task_runs};
use sluice_wire::filters::RelatedFilters;
use sluice_wire::flow_runs::HistoryBucket;
use sluice_wire::ids::FlowRunId;
use sluice_wire::json::RawJson;
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::task_runs::{CompletedAndFailed, CountByState};
use sluice_wire::time::Timestamp;

use super::WORKSPACE;

pub(super) fn object() -> RawJson {
    RawJson::empty_object()
}

pub(super) fn list() -> RawJson {
    RawJson::from_text("[]".to_owned()).expect("JSON")
}

/// A question about runs of one kind.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) kind: RunKind,
    pub(super) flow_runs: Option<Value>,
    pub(super) task_runs: Option<Value>,
    pub(super) intervals: Intervals,
    pub(super) now: Timestamp,
    pub(super) sort: FlowRunSort,
    pub(super) limit: i64,
}

/// All that is answered from the tallies.
#[derive(Debug, PartialEq)]
pub(super) struct Answers {
    count: i64,
    history: Vec<HistoryBucket>,
    lateness: Option<i64>,
    page: Vec<FlowRunId>,
    by_state: CountByState,
    dashboard: Vec<CompletedAndFailed>,
}

/// The answers, and those to the same question that only a look at every run can answer.
pub(super) async fn ask(store: &Store, question: &Question) -> (Answers, Answers) {
    let mut exact = question.clone();
    let filter = match question.kind {
        RunKind::FlowRuns => &mut exact.flow_runs,
        RunKind::TaskRuns => &mut exact.task_runs,
    };
    filter.get_or_insert_with(|| json!({}))["name"] = json!({"like_": "run"});
    (answers(store, question.clone()).await, answers(store, exact).await)
}

async fn answers(store: &Store, question: Question) -> Answers {
    let read = |filter: &Option<Value>| {
        filter.clone().map(|filter| serde_json::from_value(filter).expect("a filter"))
    };
    let filters = RelatedFilters {
        flow_runs: question.flow_runs.clone().map(|filter| serde_json::from_value(filter).expect("a filter")),
        task_runs: read(&question.task_runs),
        ..RelatedFilters::default()
    };
    let answers: Result<Answers, StoreError> = store
        .read_snapshot((question, filters), |tx, (question, filters)| {
            Box::pin(async move {
                let Question { kind, intervals, now, sort, limit, .. } = question;
                let history = run_history::history(tx, WORKSPACE, *kind, filters, *intervals, *now).await?;
                let (start, length) = (intervals.start, intervals.length);
                Ok(match kind {
                    RunKind::FlowRuns => Answers {
                        count: flow_runs::count(tx, WORKSPACE, filters).await?,
                        history,
                        lateness: flow_runs::average_lateness(tx, WORKSPACE, filters, *now)
                            .await?
                            .map(|seconds| (seconds * 1e3).round() as i64),
                        page: flow_runs::filter(tx, WORKSPACE, filters, *sort, *limit, 1, *now)
                            .await?
                            .into_iter()
                            .map(|run| run.id)
                            .collect(),
                        by_state: CountByState::default(),
                        dashboard: Vec::new(),
                    },
                    RunKind::TaskRuns => Answers {
                        count: task_runs::count(tx, WORKSPACE, filters).await?,
                        history,
                        lateness: None,
                        page: Vec::new(),
                        by_state: task_runs::count_by_state(tx, WORKSPACE, filters).await?,
                        dashboard: task_runs::count_completed_and_failed(
                            tx, WORKSPACE, filters, start, length, 20,
                        )
                        .await?,
                    },
                })
            })
        })
        .await;
    answers.expect("the question is answered")
}
