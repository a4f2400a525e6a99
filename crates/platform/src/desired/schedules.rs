//! Schedules as the API takes them.

use serde_json::{Map, Value, json};
use sluice_wire::schedules::Schedule;

/// Bodies of schedules, from the entries of the file.
pub(super) fn of(written: &[Value]) -> Result<Vec<Value>, String> {
    written
        .iter()
        .filter_map(Value::as_object)
        .filter(|schedule| !schedule.is_empty())
        .map(schedule)
        .collect()
}

fn schedule(written: &Map<String, Value>) -> Result<Value, String> {
    let given = |key: &str| written.get(key).filter(|value| !value.is_null());
    let kinds: Vec<&str> =
        ["cron", "interval", "rrule"].into_iter().filter(|kind| given(kind).is_some()).collect();
    let [kind] = kinds.as_slice() else {
        return Err("a schedule has exactly one of `cron`, `interval` and `rrule`".to_owned());
    };
    let timezone = given("timezone").cloned().unwrap_or_default();
    let mut schedule = json!({ "timezone": timezone });
    match *kind {
        "cron" => {
            schedule["cron"] = written["cron"].clone();
            if let Some(day_or) = given("day_or") {
                schedule["day_or"] = truth(day_or)?;
            }
        }
        "interval" => {
            schedule["interval"] = match &written["interval"] {
                Value::String(text) => {
                    text.parse::<f64>().map_or_else(|_| json!(text), |seconds| json!(seconds))
                }
                other => other.clone(),
            };
            if let Some(anchor) = given("anchor_date") {
                schedule["anchor_date"] = with_offset(anchor);
            }
        }
        // A rule may be written as the JSON of a schedule.
        _ => match written["rrule"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) {
            Some(Value::Object(rule)) => {
                let own_zone = rule.get("timezone").cloned().unwrap_or_default();
                schedule = Value::Object(rule);
                schedule["timezone"] = if timezone.is_null() { own_zone } else { timezone };
            }
            _ => schedule["rrule"] = written["rrule"].clone(),
        },
    }
    let checked: Schedule = serde_json::from_value(schedule.clone())
        .map_err(|error| format!("the schedule {}: {error}", written[*kind]))?;
    // What is sent is what was understood; without an anchor the server takes the present.
    let mut understood = serde_json::to_value(&checked).map_err(|error| error.to_string())?;
    if let Some(object) = understood.as_object_mut() {
        if object.get("anchor_date").is_some_and(Value::is_null) {
            object.shift_remove("anchor_date");
        }
        // The client sends no null, and only a cron schedule is without a time zone then.
        if !object.contains_key("cron") && object.get("timezone").is_none_or(Value::is_null) {
            object.insert("timezone".to_owned(), json!("UTC"));
        }
    }
    let mut body = json!({ "schedule": understood });
    if let Some(active) = given("active") {
        body["active"] = truth(active)?;
    }
    for key in ["parameters", "slug", "replaces", "max_scheduled_runs"] {
        let is_empty = |value: &&Value| value.as_object().is_some_and(Map::is_empty) || **value == json!("");
        if let Some(value) = given(key).filter(|value| !is_empty(value)) {
            body[key] = value.clone();
        }
    }
    Ok(body)
}

/// An anchor without an offset is UTC, whatever the time zone of the schedule: the client reads it before it knows.
fn with_offset(anchor: &Value) -> Value {
    let civil = anchor.as_str().filter(|text| text.parse::<jiff::Timestamp>().is_err());
    match civil.and_then(|text| text.parse::<jiff::civil::DateTime>().ok()) {
        Some(civil) => json!(format!("{civil}Z")),
        None => anchor.clone(),
    }
}

/// A truth value, which a template may have made a text of.
fn truth(value: &Value) -> Result<Value, String> {
    match value {
        Value::Bool(_) => Ok(value.clone()),
        Value::String(text) => match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "t" | "y" => Ok(json!(true)),
            "false" | "no" | "off" | "0" | "f" | "n" => Ok(json!(false)),
            _ => Err(format!("{text:?} is neither true nor false")),
        },
        other => Err(format!("{other} is neither true nor false")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of;

    #[test]
    fn schedules_are_written_as_the_api_takes_them() {
        let cases = [
            (
                json!({ "cron": "0 5 * * *", "timezone": null }),
                json!({ "schedule": { "cron": "0 5 * * *", "timezone": null, "day_or": true } }),
            ),
            (
                json!({ "interval": 60, "active": "False", "slug": "s", "parameters": { "a": 1 } }),
                json!({ "schedule": { "interval": 60.0, "timezone": "UTC" }, "active": false, "slug": "s", "parameters": { "a": 1 } }),
            ),
            (
                json!({ "interval": "PT1H", "anchor_date": "2026-01-01T00:00:00Z", "timezone": "Europe/Berlin" }),
                json!({ "schedule": { "interval": 3600.0, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "Europe/Berlin" } }),
            ),
            (
                json!({ "interval": 5, "anchor_date": "2026-01-01", "timezone": "Asia/Tokyo" }),
                json!({ "schedule": { "interval": 5.0, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "Asia/Tokyo" } }),
            ),
            (
                json!({ "rrule": "FREQ=DAILY", "timezone": null }),
                json!({ "schedule": { "rrule": "FREQ=DAILY", "timezone": "UTC" } }),
            ),
            (
                json!({ "rrule": "{\"rrule\": \"FREQ=DAILY\"}", "max_scheduled_runs": 3 }),
                json!({ "schedule": { "rrule": "FREQ=DAILY", "timezone": "UTC" }, "max_scheduled_runs": 3 }),
            ),
        ];
        for (written, expected) in cases {
            assert_eq!(of(std::slice::from_ref(&written)), Ok(vec![expected]), "{written}");
        }
        assert_eq!(of(&[json!({})]), Ok(vec![]));
        for wrong in [
            json!({ "cron": "* * * * *", "interval": 1 }),
            json!({ "timezone": "UTC" }),
            json!({ "interval": -5 }),
            json!({ "cron": "0 5 * * *", "active": "perhaps" }),
        ] {
            assert!(of(std::slice::from_ref(&wrong)).is_err(), "{wrong}");
        }
    }
}
