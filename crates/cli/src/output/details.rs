//! One object for people: its fields as lines, what is empty left out.

use anstyle::Style;
use serde_json::Value;
use sluice_wire::states::StateType;
use sluice_wire::time::{TimeDelta, Timestamp};

use super::{ago, duration, state_style, styled};

/// Fields that are seconds.
const DURATIONS: [&str; 3] = ["total_run_time", "estimated_run_time", "estimated_start_time_delta"];

/// The fields of an object, one a line; lists and objects within it are indented. Times say how long ago they are.
pub(crate) fn details(value: &Value, now: Timestamp) -> String {
    let mut text = String::new();
    write(&mut text, value, 0, now);
    text
}

fn write(text: &mut String, value: &Value, depth: usize, now: Timestamp) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            let shown = || fields.iter().filter(|(_, value)| !is_empty(value));
            let widest =
                shown().filter(|(_, value)| is_short(value)).map(|(name, _)| name.chars().count()).max();
            for (name, value) in shown() {
                let title = styled(name, Style::new().bold());
                if is_short(value) {
                    let padding = " ".repeat(widest.unwrap_or(0).saturating_sub(name.chars().count()) + 2);
                    text.push_str(&format!("{indent}{title}{padding}{}\n", scalar(name, value, now)));
                } else if let Value::String(lines) = value {
                    text.push_str(&format!("{indent}{title}\n"));
                    lines.lines().for_each(|line| text.push_str(&format!("{indent}  {line}\n")));
                } else {
                    text.push_str(&format!("{indent}{title}\n"));
                    write(text, value, depth + 1, now);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                if is_short(item) {
                    text.push_str(&format!("{indent}- {}\n", scalar("", item, now)));
                } else {
                    let mut inner = String::new();
                    write(&mut inner, item, depth + 1, now);
                    // The first line of an item carries its dash.
                    let rest = inner.get(indent.len() + 2..).unwrap_or_default();
                    text.push_str(&format!("{indent}- {rest}"));
                }
            }
        }
        _ => text.push_str(&format!("{indent}{}\n", scalar("", value, now))),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

/// Whether it stands beside its name. A list of short texts does.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => {
            items.iter().all(|item| matches!(item, Value::String(text) if text.len() < 40))
        }
        Value::String(text) => !text.contains('\n'),
        _ => true,
    }
}

fn scalar(name: &str, value: &Value, now: Timestamp) -> String {
    match value {
        Value::String(text) if name == "type" || name == "state_type" => {
            styled(text, state_style(text.parse::<StateType>().ok()))
        }
        Value::String(text) => match time(text) {
            Some(time) => format!("{text} ({})", ago(time, now)),
            None => text.clone(),
        },
        Value::Array(items) => items.iter().map(|item| scalar("", item, now)).collect::<Vec<_>>().join(", "),
        Value::Number(seconds) if DURATIONS.contains(&name) => {
            duration(TimeDelta::from_secs_f64(seconds.as_f64().unwrap_or_default()))
        }
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// A time as the API writes it: `2026-01-02T03:04:05.678901Z`. Anything else, such as a number, is none.
fn time(text: &str) -> Option<Timestamp> {
    let looks_like_one =
        text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T') && text.as_bytes().get(4) == Some(&b'-');
    if looks_like_one { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_wire::time::Timestamp;

    use super::details;

    #[test]
    fn an_object_is_shown_as_lines_without_what_is_empty() {
        let object = json!({
            "id": "7",
            "total_run_time": 61.5,
            "created": "2026-01-02T03:04:05Z",
            "description": null,
            "tags": ["a", "b"],
            "paused": false,
            "labels": { "empty": null },
            "parameters": { "day": 1, "deep": { "er": [] , "x": 1.5 } },
            "schedules": [{ "cron": "0 * * * *", "active": true }],
            "text": "two\nlines",
        });
        let now: Timestamp = "2026-01-02T04:04:05Z".parse().expect("a time");
        let shown = anstream::adapter::strip_str(&details(&object, now)).to_string();
        insta::assert_snapshot!(shown, @r"
        id              7
        total_run_time  1m 1s
        created         2026-01-02T03:04:05Z (1 hour ago)
        tags            a, b
        paused          no
        parameters
          day  1
          deep
            x  1.5
        schedules
          - cron    0 * * * *
            active  yes
        text
          two
          lines
        ");
    }
}
