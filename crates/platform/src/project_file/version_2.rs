//! What version 2 wrote differently, with a note of what to write now.

use serde_json::{Map, Value, json};

use super::Reader;

/// The names of steps that have moved.
const MOVED_STEPS: &[(&str, &str)] = &[
    ("prefect.projects.steps.git_clone_project", "prefect.deployments.steps.git_clone"),
    ("prefect.deployments.steps.git_clone_project", "prefect.deployments.steps.git_clone"),
    ("prefect.projects.steps.", "prefect.deployments.steps."),
    ("prefect_docker.projects.steps.", "prefect_docker.deployments.steps."),
    ("prefect_aws.projects.steps.", "prefect_aws.deployments.steps."),
    ("prefect_gcp.projects.steps.", "prefect_gcp.deployments.steps."),
    ("prefect_azure.projects.steps.", "prefect_azure.deployments.steps."),
];

impl Reader<'_> {
    /// Brings a deployment into the form of version 3.
    pub(super) fn modernize(&mut self, pointer: &str, deployment: &mut Map<String, Value>) {
        self.schedule(pointer, deployment);
        if let Some(overrides) = deployment.shift_remove("infra_overrides") {
            let key = format!("{pointer}/infra_overrides");
            self.note(
                &key,
                "`infra_overrides` has become `job_variables` of `work_pool`; it is read as that",
            );
            let pool = deployment.entry("work_pool").or_insert_with(|| json!({}));
            if pool.is_null() {
                *pool = json!({});
            }
            if let (Value::Object(overrides), Some(pool)) = (overrides, pool.as_object_mut()) {
                let variables = pool.entry("job_variables").or_insert_with(|| json!({}));
                if let Some(variables) = variables.as_object_mut() {
                    for (name, value) in overrides {
                        variables.entry(name).or_insert(value);
                    }
                }
            }
        }
        for (old, inside) in [("work_queue_name", "work_queue_name"), ("work_pool_name", "name")] {
            if let Some(value) = deployment.shift_remove(old) {
                let text = format!("`{old}` has become `{inside}` of `work_pool`; it is read as that");
                self.note(&format!("{pointer}/{old}"), text);
                let pool = deployment.entry("work_pool").or_insert_with(|| json!({}));
                if let Some(pool) = pool.as_object_mut() {
                    pool.entry(inside).or_insert(value);
                }
            }
        }
    }

    /// `schedule: {...}` and `is_schedule_active`.
    fn schedule(&mut self, pointer: &str, deployment: &mut Map<String, Value>) {
        if let Some(schedule) = deployment.shift_remove("schedule") {
            let key = format!("{pointer}/schedule");
            let is_empty = schedule.is_null() || schedule.as_object().is_some_and(Map::is_empty);
            if is_empty {
                let text = "an empty `schedule` has no meaning any more: leave it out, or write `schedules: []` to remove schedules";
                self.note(&key, text);
            } else if deployment.contains_key("schedules") {
                self.problem(&key, "`schedule` and `schedules` cannot both be given; write `schedules`");
            } else if schedule.is_object() {
                self.note(&key, "`schedule` has become `schedules`, a list; it is read as a list of one");
                deployment.insert("schedules".to_owned(), Value::Array(vec![schedule]));
            } else {
                self.problem(&key, "`schedule` is a mapping; write `schedules`, a list of mappings");
            }
        }
        if let Some(active) = deployment.shift_remove("is_schedule_active") {
            let key = format!("{pointer}/is_schedule_active");
            self.note(&key, "`is_schedule_active` has become `active` of each schedule; it is read as that");
            if let (Value::Bool(_), Some(Value::Array(schedules))) =
                (&active, deployment.get_mut("schedules"))
            {
                for schedule in schedules.iter_mut().filter_map(Value::as_object_mut) {
                    schedule.entry("active").or_insert_with(|| active.clone());
                }
            }
        }
    }

    /// Gives steps their present names.
    pub(super) fn rename_steps(&mut self, pointer: &str, steps: &mut Value) {
        let Some(steps) = steps.as_array_mut() else { return };
        for (index, step) in steps.iter_mut().enumerate() {
            let Some(Value::Object(object)) = Some(&*step) else { continue };
            let mut renamed = Map::new();
            for (name, inputs) in object {
                let moved = MOVED_STEPS
                    .iter()
                    .find_map(|(old, new)| name.strip_prefix(old).map(|rest| format!("{new}{rest}")));
                if let Some(moved) = &moved {
                    let place = format!("{pointer}/{index}");
                    self.note(&place, format!("the step {name} has moved; write {moved}"));
                }
                renamed.insert(moved.unwrap_or_else(|| name.clone()), inputs.clone());
            }
            *step = Value::Object(renamed);
        }
    }
}
