//! A flow run with its task runs and subflows, as a tree.

use std::collections::BTreeMap;

use serde_json::json;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{FlowRunId, TaskRunId};
use sluice_wire::states::StateType;
use sluice_wire::task_runs::TaskRun;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use crate::exit::Failure;
use crate::output::{duration, state_style, styled};
use crate::session::Session;

/// How many runs are looked at.
const MOST: usize = 1000;
/// How deep subflows are followed.
const DEEPEST: usize = 5;

/// A run and what runs below it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    pub(super) id: Uuid,
    /// `flow run`, `task run` or `subflow`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) state: Option<StateType>,
    pub(super) state_name: String,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    pub(super) children: Vec<Tree>,
}

impl Tree {
    /// Asks for everything that runs below the run.
    pub(super) async fn read(session: &Session, run: &FlowRun) -> Result<Self, Failure> {
        let mut flows = vec![run.clone()];
        let mut level = vec![run.id];
        for _ in 0..DEEPEST {
            let filter =
                json!({ "flow_runs": { "parent_flow_run_id": { "any_": level } }, "sort": "ID_DESC" });
            let below = session.client.flow_runs(&filter, MOST).await?;
            level = below.iter().map(|run| run.id).collect();
            flows.extend(below);
            if level.is_empty() {
                break;
            }
        }
        let ids: Vec<FlowRunId> = flows.iter().map(|run| run.id).collect();
        let filter = json!({ "flow_runs": { "id": { "any_": ids } }, "sort": "ID_DESC" });
        let tasks = session.client.task_runs(&filter, MOST).await?;
        Ok(Self::grow(run, &flows, &tasks))
    }

    fn grow(root: &FlowRun, flows: &[FlowRun], tasks: &[TaskRun]) -> Self {
        // In the parent, a subflow is represented by a task run of its own; the subflow takes its place.
        let by_parent: BTreeMap<TaskRunId, &FlowRun> =
            flows.iter().filter_map(|run| Some((run.parent_task_run_id?, run))).collect();
        Self::of_flow("flow run", root, flows.len(), &by_parent, tasks)
    }

    fn of_flow(
        kind: &'static str,
        run: &FlowRun,
        depth: usize,
        by_parent: &BTreeMap<TaskRunId, &FlowRun>,
        tasks: &[TaskRun],
    ) -> Self {
        let mut children: Vec<Tree> = tasks
            .iter()
            .filter(|task| task.flow_run_id == Some(run.id))
            .map(|task| match by_parent.get(&task.id) {
                Some(subflow) if depth > 0 => Self::of_flow("subflow", subflow, depth - 1, by_parent, tasks),
                _ => Self::of_task(task),
            })
            .collect();
        children.sort_by_key(|child| (child.start.is_none(), child.start, child.id));
        Self {
            id: run.id.into(),
            kind,
            name: run.name.clone(),
            state: run.state_type,
            state_name: run.state_name.clone().unwrap_or_default(),
            start: run.start_time,
            end: run.end_time,
            children,
        }
    }

    fn of_task(run: &TaskRun) -> Self {
        Self {
            id: run.id.into(),
            kind: "task run",
            name: run.name.clone(),
            state: run.state_type,
            state_name: run.state_name.clone().unwrap_or_default(),
            start: run.start_time,
            end: run.end_time,
            children: Vec::new(),
        }
    }

    /// How long it has run, at `now` if it still runs.
    pub(super) fn took(&self, now: Timestamp) -> Option<TimeDelta> {
        let is_over = self.state.is_some_and(StateType::is_final);
        let end = self.end.or(if is_over { None } else { Some(now) })?;
        Some(end.since(self.start?))
    }

    /// Itself and everything below it, each before what runs below it.
    pub(super) fn all(&self) -> Vec<&Tree> {
        std::iter::once(self).chain(self.children.iter().flat_map(Tree::all)).collect()
    }

    /// A line of each run: its name, its state, how long it took.
    pub(super) fn lines(&self, now: Timestamp) -> Vec<String> {
        let mut lines = vec![self.line("", now)];
        self.add_children("", now, &mut lines);
        lines
    }

    fn add_children(&self, indent: &str, now: Timestamp, lines: &mut Vec<String>) {
        let last = self.children.len().saturating_sub(1);
        for (index, child) in self.children.iter().enumerate() {
            let (branch, below) = if index == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            lines.push(child.line(&format!("{indent}{branch}"), now));
            child.add_children(&format!("{indent}{below}"), now, lines);
        }
    }

    fn line(&self, indent: &str, now: Timestamp) -> String {
        let took = self.took(now).map(|took| format!("  {}", duration(took))).unwrap_or_default();
        format!("{indent}{}  {}{took}", self.name, styled(&self.state_name, state_style(self.state)))
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType;
    use sluice_wire::time::{TimeDelta, Timestamp};
    use uuid::Uuid;

    use super::Tree;

    #[test]
    fn a_tree_shows_what_runs_below_what() {
        let start = Timestamp::from_micros(0);
        let node = |name: &str, state: StateType, end: Option<i64>, children: Vec<Tree>| Tree {
            id: Uuid::nil(),
            kind: "task run",
            name: name.to_owned(),
            state: Some(state),
            state_name: state.default_name().to_owned(),
            start: Some(start),
            end: end.map(|seconds| start + TimeDelta::from_secs(seconds)),
            children,
        };
        let deep = node("load-0", StateType::Failed, Some(2), vec![]);
        let subflow = node("sub", StateType::Running, None, vec![deep]);
        let waiting = Tree { start: None, ..node("last-0", StateType::Pending, None, vec![]) };
        let root = node(
            "etl",
            StateType::Running,
            None,
            vec![node("get-0", StateType::Completed, Some(61), vec![]), subflow, waiting],
        );
        let shown: String =
            root.lines(start + TimeDelta::from_secs(70)).iter().map(|line| format!("{line}\n")).collect();
        insta::assert_snapshot!(anstream::adapter::strip_str(&shown).to_string(), @r"
        etl  Running  1m 10s
        ├─ get-0  Completed  1m 1s
        ├─ sub  Running  1m 10s
        │  └─ load-0  Failed  2.0s
        └─ last-0  Pending
        ");
    }
}
