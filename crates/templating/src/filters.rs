//! The filters that the reference adds to Jinja's own.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, State, Value};

use crate::objects::Model;
use crate::python;

pub(crate) fn add_to_environment(environment: &mut Environment<'static>, ui_url: &str) {
    let base = ui_url.trim_end_matches('/').to_owned();
    let events_base = base.clone();
    environment.add_filter("ui_url", move |value: &Value| ui_url_of(&base, value));
    environment.add_filter("ui_resource_events_url", move |value: &Value| {
        resource_id(value).map(|id| format!("{events_base}/events?resource={id}"))
    });
    environment.add_filter("flow_run_id", |value: &Value| value.as_str().and_then(flow_run_id));
    environment.add_filter("tojson", to_json);
    environment.add_filter("humanize_intcomma", int_comma);
    environment.add_filter("humanize_ordinal", ordinal);
}

/// Where the object is shown; none for what has no page.
fn ui_url_of(base: &str, value: &Value) -> Option<String> {
    let model = value.downcast_object_ref::<Model>()?;
    let (kind, id) = (model.kind(), model.id());
    let path = match kind {
        "prefect.automation" => format!("automations/automation/{id}"),
        "prefect.deployment" => format!("deployments/deployment/{id}"),
        "prefect.flow" => format!("flows/flow/{id}"),
        "prefect.flow-run" => format!("runs/flow-run/{id}"),
        "prefect.task-run" => format!("runs/task-run/{id}"),
        "prefect.work-queue" => format!("work-queues/work-queue/{id}"),
        "prefect.work-pool" => format!("work-pools/work-pool/{}", model.name()),
        "prefect.concurrency-limit" => format!("concurrency-limits/concurrency-limit/{id}"),
        "prefect.event" => format!("events/event/{}/{id}", model.date()),
        _ => {
            // A resource: its id says what it is.
            let (kind, id) = model.resource_kind()?;
            let path = match kind {
                "prefect.automation" => "automations/automation",
                "prefect.deployment" => "deployments/deployment",
                "prefect.flow" => "flows/flow",
                "prefect.flow-run" => "runs/flow-run",
                "prefect.task-run" => "runs/task-run",
                "prefect.work-queue" => "work-queues/work-queue",
                "prefect.work-pool" => "work-pools/work-pool",
                "prefect.block-document" => "blocks/block",
                "prefect.concurrency-limit" => "concurrency-limits/concurrency-limit",
                _ => return None,
            };
            let last = if kind == "prefect.work-pool" { model.name() } else { id.to_owned() };
            format!("{path}/{last}")
        }
    };
    Some(format!("{base}/{path}"))
}

fn resource_id(value: &Value) -> Option<String> {
    let model = value.downcast_object_ref::<Model>()?;
    match model.kind() {
        "resource" => Some(model.id()),
        "prefect.event" => None,
        kind => Some(format!("{kind}.{}", model.id())),
    }
}

/// The id in an address of a flow run.
fn flow_run_id(text: &str) -> Option<String> {
    const SHAPE: [usize; 5] = [8, 4, 4, 4, 12];
    text.match_indices("flow-run/").find_map(|(at, prefix)| {
        let candidate = text.get(at + prefix.len()..at + prefix.len() + 36)?;
        let parts: Vec<&str> = candidate.split('-').collect();
        let is_id = parts.len() == SHAPE.len()
            && parts.iter().zip(SHAPE).all(|(part, length)| {
                part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            });
        is_id.then(|| candidate.to_owned())
    })
}

fn to_json(state: &State<'_, '_>, value: &Value, indent: Option<usize>) -> Result<String, Error> {
    // Indents multiply with the depth of the value.
    if indent.is_some_and(|indent| indent > 16) {
        return Err(Error::new(ErrorKind::InvalidOperation, "tojson indents by 16 at most"));
    }
    let json = if value.kind() == ValueKind::Undefined {
        serde_json::Value::Null
    } else {
        serde_json::to_value(value).map_err(|error| {
            Error::new(ErrorKind::BadSerialization, "cannot write the value as JSON").with_source(error)
        })?
    };
    let text = python::to_json(&json, indent);
    state.consume_fuel(u64::try_from(text.len() / 64).unwrap_or(u64::MAX))?;
    Ok(text)
}

/// `1234567` becomes `1,234,567`.
fn int_comma(value: &Value) -> String {
    let text = value.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

/// `22` becomes `22nd`.
fn ordinal(value: &Value) -> String {
    let Ok(number) = i64::try_from(value.clone()) else { return value.to_string() };
    let suffix = match (number.unsigned_abs() % 100, number.unsigned_abs() % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

#[cfg(test)]
mod tests {
    use minijinja::Value;

    use super::{flow_run_id, int_comma, ordinal};

    #[test]
    fn numbers_for_people() {
        for (number, comma, nth) in [
            (1, "1", "1st"),
            (12, "12", "12th"),
            (1_234_567, "1,234,567", "1234567th"),
            (-1_022, "-1,022", "-1022nd"),
        ] {
            assert_eq!(int_comma(&Value::from(number)), comma);
            assert_eq!(ordinal(&Value::from(number)), nth);
        }
    }

    #[test]
    fn only_ids_are_found() {
        assert_eq!(flow_run_id("flow-run/nothing"), None);
        assert_eq!(flow_run_id("x flow-run/é7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51"), None);
    }
}
