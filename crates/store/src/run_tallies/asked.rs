//! Which questions the tallies answer.

use serde_json::Value;
use sluice_wire::filters::{
    AnyFilter, AnyOrNotFilter, AnyTagsFilter, FlowRunFilter, FlowRunStateFilter, Operator, RelatedFilters,
    TagsFilter, TaskRunFilter, TaskRunStateFilter,
};
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use super::Basis;
use crate::run_history::RunKind;

/// Longer lists of states are not looked through for each entry.
const MOST_TERMS: usize = 50;
/// Longer lists of texts are not looked for in what is stored.
const MOST_MARKS: usize = 8;

/// The run of a flow: it has a parent.
pub(super) const IS_SUBFLOW: i64 = 1;
/// The run of a task: its flow run exists.
pub(super) const HAS_FLOW_RUN: i64 = 1;
/// The run of a task: its flow run exists and has a parent.
pub(super) const IS_IN_SUBFLOW: i64 = 2;
/// The run of a task: it stands for the run of a subflow.
pub(super) const STANDS_FOR_SUBFLOW: i64 = 4;

/// Which runs a question is about. The default: all.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Asked {
    pub(super) expected: Window,
    pub(super) started: Window,
    pub(super) types: Terms<StateType>,
    pub(super) names: Terms<String>,
    /// Traits that a run must have.
    pub(super) with: i64,
    /// Traits that a run must not have.
    pub(super) without: i64,
}

/// Times from `after` up to and with `before`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Window {
    pub(super) after: Option<Timestamp>,
    pub(super) before: Option<Timestamp>,
}

/// One of these, and none of those.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms<T> {
    any: Option<Vec<T>>,
    none: Vec<T>,
}

impl<T> Default for Terms<T> {
    fn default() -> Self {
        Self { any: None, none: Vec::new() }
    }
}

impl Asked {
    /// Whether runs with this state and these traits are asked for.
    pub(super) fn finds(&self, state_type: Option<StateType>, name: Option<&str>, traits: i64) -> bool {
        let is = |terms: &[String]| name.is_some_and(|name| terms.iter().any(|term| term == name));
        traits & self.with == self.with
            && traits & self.without == 0
            && self.types.find(state_type.is_some(), |terms| {
                state_type.is_some_and(|state_type| terms.contains(&state_type))
            })
            && self.names.find(name.is_some(), is)
    }

    /// Texts of which the entries of these runs have one, as they are stored. None: such texts are not known.
    pub(super) fn marks(&self) -> Vec<String> {
        let marks: Vec<String> = match (&self.names.any, &self.types.any) {
            (Some(names), _) => {
                names.iter().map(|name| format!("\"s\":{}", Value::from(name.as_str()))).collect()
            }
            (None, Some(types)) => {
                types.iter().map(|r#type| format!("\"t\":\"{}\"", r#type.as_str())).collect()
            }
            (None, None) => Vec::new(),
        };
        if marks.len() > MOST_MARKS { Vec::new() } else { marks }
    }

    /// Whether it matters in which state a run is.
    pub(super) fn is_about_states(&self) -> bool {
        self.types != Terms::default() || self.names != Terms::default()
    }

    /// The types of state that the runs have, if the types are what is asked for.
    pub(super) fn state_types(&self) -> Option<Vec<StateType>> {
        let is_asked = |r#type: &StateType| self.types.find(true, |terms| terms.contains(r#type));
        let speaks = self.types != Terms::default();
        speaks.then(|| StateType::ALL.into_iter().filter(is_asked).collect())
    }

    pub(super) fn window(&self, basis: Basis) -> Window {
        match basis {
            Basis::Expected => self.expected,
            Basis::Start => self.started,
        }
    }

    /// Whether an index of this time finds the runs without passing over others.
    pub(crate) fn is_window_of(&self, basis: Basis) -> bool {
        let mut rest = self.clone();
        match basis {
            Basis::Expected => rest.expected = Window::default(),
            Basis::Start => rest.started = Window::default(),
        }
        rest == Self::default()
    }

    /// The time to count by: one that has a window.
    pub(super) fn basis(&self) -> Basis {
        if self.expected.is_open() && !self.started.is_open() { Basis::Start } else { Basis::Expected }
    }
}

impl Window {
    pub(super) fn is_open(self) -> bool {
        self.after.is_none() && self.before.is_none()
    }

    /// The first microsecond, and that after the last.
    pub(super) fn bounds(self) -> (i64, i64) {
        let first = self.after.map_or(i64::MIN, Timestamp::as_micros);
        let end = self.before.map_or(i64::MAX, |before| before.as_micros().saturating_add(1));
        (first, end)
    }

    pub(super) fn holds(self, micros: i64) -> bool {
        let (first, end) = self.bounds();
        (first..end).contains(&micros)
    }

    /// Whether it begins after this time.
    pub(super) fn is_after(self, micros: i64) -> bool {
        self.bounds().0 > micros
    }

    /// Whether it ends before this time.
    pub(super) fn is_before(self, micros: i64) -> bool {
        self.bounds().1 <= micros
    }
}

impl<T> Terms<T> {
    fn of(any: Option<&Vec<T>>, none: Option<&Vec<T>>) -> Option<Self>
    where
        T: Clone,
    {
        let none = none.cloned().unwrap_or_default();
        let is_short = any.is_none_or(|any| any.len() <= MOST_TERMS) && none.len() <= MOST_TERMS;
        is_short.then(|| Self { any: any.cloned(), none })
    }

    /// As SQL compares: what is null is in no list, and cannot be said to be in none either.
    fn find(&self, is_there: bool, is_in: impl Fn(&[T]) -> bool) -> bool {
        self.any.as_ref().is_none_or(|any| is_in(any))
            && (self.none.is_empty() || (is_there && !is_in(&self.none)))
    }
}

/// What the filters ask for, if the tallies can tell.
pub(crate) fn recognise(kind: RunKind, filters: &RelatedFilters) -> Option<Asked> {
    let RelatedFilters { flows, flow_runs, task_runs, deployments, work_pools, work_pool_queues } = filters;
    if flows.is_some() || deployments.is_some() || work_pools.is_some() || work_pool_queues.is_some() {
        return None;
    }
    match kind {
        RunKind::FlowRuns if task_runs.is_some() => None,
        RunKind::FlowRuns => flow_runs.as_ref().map_or_else(|| Some(Asked::default()), of_flow_runs),
        RunKind::TaskRuns => {
            let asked = task_runs.as_ref().map_or_else(|| Some(Asked::default()), of_task_runs)?;
            match flow_runs {
                None => Some(asked),
                Some(filter) => inside(asked, filter),
            }
        }
    }
}

fn of_flow_runs(filter: &FlowRunFilter) -> Option<Asked> {
    let mut asked = Asked::default();
    let FlowRunFilter { state, start_time, expected_start_time, parent_task_run_id, .. } = filter;
    if let Some(state) = state {
        (asked.types, asked.names) = flow_run_state(state)?;
    }
    if let Some(times) = start_time {
        if times.is_null_.is_some() {
            return None;
        }
        asked.started = Window { after: times.after_, before: times.before_ };
    }
    if let Some(times) = expected_start_time {
        asked.expected = Window { after: times.after_, before: times.before_ };
    }
    if let Some(parent) = parent_task_run_id {
        if parent.any_.is_some() {
            return None;
        }
        match parent.is_null_ {
            Some(true) => asked.without |= IS_SUBFLOW,
            Some(false) => asked.with |= IS_SUBFLOW,
            None => {}
        }
    }
    let known = FlowRunFilter {
        state: state.clone(),
        start_time: start_time.clone(),
        expected_start_time: expected_start_time.clone(),
        parent_task_run_id: parent_task_run_id.clone(),
        ..FlowRunFilter::default()
    };
    says_no_more(filter, known).then_some(asked)
}

/// Task runs of flow runs.
fn inside(mut asked: Asked, filter: &FlowRunFilter) -> Option<Asked> {
    asked.with |= HAS_FLOW_RUN;
    let parent = &filter.parent_task_run_id;
    if let Some(parent) = parent {
        if parent.any_.is_some() {
            return None;
        }
        match parent.is_null_ {
            Some(true) => asked.without |= IS_IN_SUBFLOW,
            Some(false) => asked.with |= IS_IN_SUBFLOW,
            None => {}
        }
    }
    let known = FlowRunFilter { parent_task_run_id: parent.clone(), ..FlowRunFilter::default() };
    says_no_more(filter, known).then_some(asked)
}

fn says_no_more(filter: &FlowRunFilter, known: FlowRunFilter) -> bool {
    let silent_tags = filter.tags.as_ref().filter(|tags| any_tags_are_silent(tags));
    *filter == FlowRunFilter { operator: Operator::And, tags: silent_tags.cloned(), ..known }
}

fn any_tags_are_silent(tags: &AnyTagsFilter) -> bool {
    tags.all_.as_ref().is_none_or(Vec::is_empty) && tags.any_.is_none() && tags.is_null_.is_none()
}

fn tags_are_silent(tags: &TagsFilter) -> bool {
    tags.all_.as_ref().is_none_or(Vec::is_empty) && tags.is_null_.is_none()
}

fn of_task_runs(filter: &TaskRunFilter) -> Option<Asked> {
    let mut asked = Asked::default();
    let TaskRunFilter { state, start_time, expected_start_time, subflow_runs, tags, .. } = filter;
    if let Some(state) = state {
        (asked.types, asked.names) = task_run_state(state)?;
    }
    if let Some(times) = start_time {
        if times.is_null_.is_some() {
            return None;
        }
        asked.started = Window { after: times.after_, before: times.before_ };
    }
    if let Some(times) = expected_start_time {
        asked.expected = Window { after: times.after_, before: times.before_ };
    }
    match subflow_runs.as_ref().and_then(|subflow_runs| subflow_runs.exists_) {
        Some(true) => asked.with |= STANDS_FOR_SUBFLOW,
        Some(false) => asked.without |= STANDS_FOR_SUBFLOW,
        None => {}
    }
    let known = TaskRunFilter {
        operator: Operator::And,
        state: state.clone(),
        start_time: start_time.clone(),
        expected_start_time: expected_start_time.clone(),
        subflow_runs: subflow_runs.clone(),
        tags: tags.as_ref().filter(|tags| tags_are_silent(tags)).cloned(),
        ..TaskRunFilter::default()
    };
    (*filter == known).then_some(asked)
}

type States = (Terms<StateType>, Terms<String>);

fn flow_run_state(filter: &FlowRunStateFilter) -> Option<States> {
    let types = terms(filter.r#type.as_ref())?;
    let names = terms(filter.name.as_ref())?;
    together(filter.operator, types, names)
}

fn task_run_state(filter: &TaskRunStateFilter) -> Option<States> {
    let types = any_terms(filter.r#type.as_ref())?;
    let names = any_terms(filter.name.as_ref())?;
    together(filter.operator, types, names)
}

/// "Or" between two criteria is not known; one criterion alone is the same with either.
fn together(operator: Operator, types: Terms<StateType>, names: Terms<String>) -> Option<States> {
    let both_speak = types != Terms::default() && names != Terms::default();
    (operator == Operator::And || !both_speak).then_some((types, names))
}

fn terms<T: Clone>(filter: Option<&AnyOrNotFilter<T>>) -> Option<Terms<T>> {
    filter.map_or_else(
        || Some(Terms::default()),
        |filter| Terms::of(filter.any_.as_ref(), filter.not_any_.as_ref()),
    )
}

fn any_terms<T: Clone>(filter: Option<&AnyFilter<T>>) -> Option<Terms<T>> {
    filter.map_or_else(|| Some(Terms::default()), |filter| Terms::of(filter.any_.as_ref(), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn filters(flow_runs: Value, task_runs: Value) -> RelatedFilters {
        RelatedFilters {
            flow_runs: serde_json::from_value(flow_runs).expect("a filter of flow runs"),
            task_runs: serde_json::from_value(task_runs).expect("a filter of task runs"),
            ..RelatedFilters::default()
        }
    }

    fn at(text: &str) -> Option<Timestamp> {
        serde_json::from_value(json!(text)).expect("a time")
    }

    #[test]
    fn marks_are_parts_of_what_is_stored() {
        use super::super::entry::Entry;
        let asked = |state| recognise(RunKind::FlowRuns, &filters(json!({"state": state}), Value::Null));
        let name = "a \"quoted\" \\ n\u{e4}me\n";
        let entry = Entry {
            state_type: Some(StateType::Failed),
            state_name: Some(name.to_owned()),
            ..Entry::default()
        };
        let stored = serde_json::to_string(&[entry]).expect("JSON");
        for (state, expected) in [
            (json!({"name": {"any_": [name, "Late"]}}), vec![true, false]),
            (json!({"type": {"any_": ["FAILED", "CRASHED"]}}), vec![true, false]),
            (json!({"type": {"any_": ["FAILED"]}, "name": {"any_": ["Late"]}}), vec![false]),
            (json!({"type": {"not_any_": ["FAILED"]}}), vec![]),
            (json!({"name": {"any_": vec!["Late"; MOST_MARKS + 1]}}), vec![]),
        ] {
            let marks = asked(state).expect("known").marks();
            assert_eq!(
                marks.iter().map(|mark| stored.contains(mark)).collect::<Vec<_>>(),
                expected,
                "{marks:?}"
            );
        }
    }

    #[test]
    fn questions_about_flow_runs_are_recognised() {
        let (after, before) = ("2026-11-01T00:00:00Z", "2026-11-15T00:00:00Z");
        let window = Window { after: at(after), before: at(before) };
        let all = Asked::default;
        for (filter, expected) in [
            (Value::Null, Some(all())),
            (json!({}), Some(all())),
            (json!({"tags": {"all_": []}}), Some(all())),
            (json!({"tags": {"operator": "or_"}}), Some(all())),
            (
                json!({"expected_start_time": {"after_": after, "before_": before}}),
                Some(Asked { expected: window, ..all() }),
            ),
            (
                json!({"start_time": {"after_": after, "before_": before}}),
                Some(Asked { started: window, ..all() }),
            ),
            (json!({"parent_task_run_id": {"is_null_": true}}), Some(Asked { without: IS_SUBFLOW, ..all() })),
            (json!({"parent_task_run_id": {"is_null_": false}}), Some(Asked { with: IS_SUBFLOW, ..all() })),
            (
                json!({"state": {"operator": "or_", "name": {"any_": ["Late"]}}}),
                Some(Asked {
                    names: Terms { any: Some(vec!["Late".to_owned()]), none: Vec::new() },
                    ..all()
                }),
            ),
            (
                json!({"state": {"type": {"any_": ["RUNNING"], "not_any_": ["FAILED"]}}}),
                Some(Asked {
                    types: Terms { any: Some(vec![StateType::Running]), none: vec![StateType::Failed] },
                    ..all()
                }),
            ),
            // what the tallies do not know
            (json!({"operator": "or_"}), None),
            (
                json!({"state": {"operator": "or_", "type": {"any_": ["RUNNING"]}, "name": {"any_": ["Late"]}}}),
                None,
            ),
            (json!({"state": {"name": {"any_": vec!["x"; MOST_TERMS + 1]}}}), None),
            (json!({"start_time": {"is_null_": false}}), None),
            (json!({"end_time": {"after_": after}}), None),
            (json!({"next_scheduled_start_time": {"after_": after}}), None),
            (json!({"tags": {"any_": []}}), None),
            (json!({"tags": {"all_": ["red"]}}), None),
            (json!({"name": {"like_": "x"}}), None),
            (json!({"id": {"any_": []}}), None),
            (json!({"parent_task_run_id": {"any_": []}}), None),
            (json!({"created_by": {}}), None),
        ] {
            assert_eq!(
                recognise(RunKind::FlowRuns, &filters(filter.clone(), Value::Null)),
                expected,
                "{filter}"
            );
        }
        assert_eq!(recognise(RunKind::FlowRuns, &filters(Value::Null, json!({}))), None);
    }

    #[test]
    fn questions_about_task_runs_are_recognised() {
        let after = "2026-11-01T00:00:00Z";
        let since = Window { after: at(after), before: None };
        let all = Asked::default;
        for (task_runs, flow_runs, expected) in [
            (Value::Null, Value::Null, Some(all())),
            (
                json!({"subflow_runs": {"exists_": false}, "start_time": {"after_": after}}),
                Value::Null,
                Some(Asked { started: since, without: STANDS_FOR_SUBFLOW, ..all() }),
            ),
            (
                json!({"subflow_runs": {"exists_": true}}),
                Value::Null,
                Some(Asked { with: STANDS_FOR_SUBFLOW, ..all() }),
            ),
            (json!({"tags": {"all_": []}}), json!({}), Some(Asked { with: HAS_FLOW_RUN, ..all() })),
            (
                Value::Null,
                json!({"parent_task_run_id": {"is_null_": true}}),
                Some(Asked { with: HAS_FLOW_RUN, without: IS_IN_SUBFLOW, ..all() }),
            ),
            (
                Value::Null,
                json!({"parent_task_run_id": {"is_null_": false}}),
                Some(Asked { with: HAS_FLOW_RUN | IS_IN_SUBFLOW, ..all() }),
            ),
            (Value::Null, json!({"state": {"type": {"any_": ["RUNNING"]}}}), None),
            (Value::Null, json!({"operator": "or_"}), None),
            (json!({"operator": "or_"}), Value::Null, None),
            (json!({"tags": {"all_": ["red"]}}), Value::Null, None),
            (json!({"flow_run_id": {"is_null_": true}}), Value::Null, None),
            (json!({"start_time": {"is_null_": true}}), Value::Null, None),
        ] {
            let recognised = recognise(RunKind::TaskRuns, &filters(flow_runs.clone(), task_runs.clone()));
            assert_eq!(recognised, expected, "{task_runs} {flow_runs}");
        }
        let of_a_flow = RelatedFilters {
            flows: Some(serde_json::from_value(json!({})).expect("a filter of flows")),
            ..RelatedFilters::default()
        };
        assert_eq!(recognise(RunKind::TaskRuns, &of_a_flow), None);
    }

    #[test]
    fn states_are_compared_as_the_database_compares_them() {
        let asked = |any: Option<Vec<StateType>>, none: Vec<StateType>| Asked {
            types: Terms { any, none },
            ..Asked::default()
        };
        let (running, failed) = (StateType::Running, StateType::Failed);
        for (asked, state_type, is_found) in [
            (asked(None, vec![]), None, true),
            (asked(Some(vec![running]), vec![]), None, false),
            (asked(Some(vec![running]), vec![]), Some(running), true),
            (asked(Some(vec![running]), vec![]), Some(failed), false),
            (asked(Some(vec![]), vec![]), Some(running), false),
            (asked(None, vec![failed]), None, false),
            (asked(None, vec![failed]), Some(running), true),
            (asked(None, vec![failed]), Some(failed), false),
            (asked(Some(vec![failed]), vec![failed]), Some(failed), false),
        ] {
            assert_eq!(asked.finds(state_type, None, 0), is_found, "{asked:?} {state_type:?}");
        }
    }
}
