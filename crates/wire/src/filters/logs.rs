use serde::{Deserialize, Serialize};

use super::{AnyAndNullFilter, AnyFilter, Operator, TimeFilter};
use crate::ids::{FlowRunId, TaskRunId};
use crate::logs::Log;
use crate::text_search::TextSearch;

/// Which log lines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub level: Option<LevelFilter>,
    #[serde(default)]
    pub timestamp: Option<TimeFilter>,
    #[serde(default)]
    pub flow_run_id: Option<AnyFilter<FlowRunId>>,
    #[serde(default)]
    pub task_run_id: Option<AnyAndNullFilter<TaskRunId>>,
    #[serde(default)]
    pub text: Option<TextSearch>,
}

/// The level lies in a range; both ends belong to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelFilter {
    #[serde(default)]
    pub ge_: Option<i64>,
    #[serde(default)]
    pub le_: Option<i64>,
}

impl LogFilter {
    /// Whether the line is one of those that are asked for; the store turns the same filter into SQL.
    pub fn matches(&self, log: &Log) -> bool {
        let level =
            self.level.as_ref().filter(|range| range.ge_.is_some() || range.le_.is_some()).map(|range| {
                range.ge_.is_none_or(|least| log.level >= least)
                    && range.le_.is_none_or(|most| log.level <= most)
            });
        let range = self.timestamp.as_ref();
        let timestamp =
            range.filter(|range| range.before_.is_some() || range.after_.is_some()).map(|range| {
                range.before_.is_none_or(|before| log.timestamp <= before)
                    && range.after_.is_none_or(|after| log.timestamp >= after)
            });
        let is_one_of = |ids: &Vec<FlowRunId>| log.flow_run_id.is_some_and(|id| ids.contains(&id));
        let flow_run = self.flow_run_id.as_ref().and_then(|filter| filter.any_.as_ref()).map(is_one_of);
        let task_run = self
            .task_run_id
            .as_ref()
            .filter(|filter| filter.any_.is_some() || filter.is_null_.is_some())
            .map(|filter| {
                let is_one_of = |ids: &Vec<TaskRunId>| log.task_run_id.is_some_and(|id| ids.contains(&id));
                filter.any_.as_ref().is_none_or(is_one_of)
                    && filter.is_null_.is_none_or(|is_null| log.task_run_id.is_none() == is_null)
            });
        let text = self.text.as_ref().map(|search| {
            let text = format!("{} {}", log.message, log.name).to_lowercase();
            search.finds(|word| text.contains(word))
        });
        let criteria: Vec<bool> =
            [level, timestamp, flow_run, task_run, text].into_iter().flatten().collect();
        match self.operator {
            Operator::And => criteria.iter().all(|met| *met),
            Operator::Or => criteria.is_empty() || criteria.contains(&true),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::LogFilter;
    use crate::logs::LogCreate;

    #[test]
    fn each_criterion() {
        let run = "7f8d86a4-09f6-4b1c-8b1d-0a7b1f8a0f6e";
        let log = json!({"name": "prefect.flow_runs", "level": 20, "message": "All GOOD",
            "timestamp": "2026-11-22T08:00:00Z", "flow_run_id": run});
        let log = serde_json::from_value::<LogCreate>(log).expect("a log").into_log();
        let cases = [
            (json!({}), true),
            (json!({"level": {"ge_": 20, "le_": 20}}), true),
            (json!({"level": {"ge_": 30}}), false),
            (
                json!({"timestamp": {"after_": "2026-11-22T08:00:00Z", "before_": "2026-11-22T08:00:00Z"}}),
                true,
            ),
            (json!({"timestamp": {"before_": "2026-11-22T07:00:00Z"}}), false),
            (json!({"flow_run_id": {"any_": [run]}}), true),
            (json!({"flow_run_id": {"any_": []}}), false),
            (json!({"task_run_id": {"is_null_": true}}), true),
            (json!({"task_run_id": {"any_": [run]}}), false),
            (json!({"text": {"query": "good"}}), true),
            (json!({"text": {"query": "-flow_runs"}}), false),
            (json!({"operator": "or_", "level": {"ge_": 30}, "text": {"query": "good"}}), true),
            (json!({"operator": "or_", "level": {"ge_": 30}, "text": {"query": "bad"}}), false),
        ];
        for (filter, expected) in cases {
            let read: LogFilter = serde_json::from_value(filter.clone()).expect("a filter");
            assert_eq!(read.matches(&log), expected, "{filter}");
        }
    }
}
