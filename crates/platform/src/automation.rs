//! Automations as people write them in files, and as the API takes them.

use serde_json::{Map, Value, json};

use crate::trigger;

/// What the body of an automation may say. The server refuses a body with more.
const FIELDS: &[&str] = &[
    "name",
    "description",
    "enabled",
    "tags",
    "trigger",
    "actions",
    "actions_on_trigger",
    "actions_on_resolve",
    "owner_resource",
];

/// What the server adds to an automation: it stands in one that was printed, and is not asked for.
const OF_THE_SERVER: &[&str] = &["id", "created", "updated"];

/// An automation that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct AutomationDefinition {
    /// The body of `POST /automations/`, or of `PUT /automations/{id}`.
    pub body: Value,
    /// What stands there without an effect, a sentence each.
    pub notes: Vec<String>,
}

/// The automations of a document: one, a list of them, or a mapping whose `automations` are such a list. The error says
/// which one is wrong, and why.
pub fn automation_definitions(document: Value) -> Result<Vec<AutomationDefinition>, String> {
    let written = match document {
        Value::Array(items) => items,
        Value::Object(mut fields) => match fields.shift_remove("automations") {
            Some(Value::Array(items)) => items,
            Some(_) => return Err("`automations` is a list of automations".to_owned()),
            None => vec![Value::Object(fields)],
        },
        _ => return Err("an automation is a mapping with a name, a trigger and actions".to_owned()),
    };
    written
        .into_iter()
        .enumerate()
        .map(|(index, written)| {
            let name = match written["name"].as_str() {
                Some(name) => format!("automation '{name}'"),
                None => format!("automation {}", index + 1),
            };
            definition(&name, written).map_err(|cause| format!("{name}: {cause}"))
        })
        .collect()
}

fn definition(name: &str, written: Value) -> Result<AutomationDefinition, String> {
    let Value::Object(written) = written else {
        return Err("it is a mapping with a name, a trigger and actions".to_owned());
    };
    for field in ["name", "trigger", "actions"] {
        if written.get(field).is_none_or(Value::is_null) {
            return Err(format!("it has no `{field}`"));
        }
    }
    let Some(trigger) = written["trigger"].as_object() else {
        return Err("its `trigger` is a mapping".to_owned());
    };
    let own = written.keys().map(String::as_str);
    let unknown = own.filter(|key| !FIELDS.contains(key) && !OF_THE_SERVER.contains(key));
    let note =
        |key: &str| format!("{name}: `{key}` has no effect: automations and triggers have no such field");
    let notes = unknown.chain(trigger::meaningless(trigger)).map(note).collect();
    let mut body: Map<String, Value> = written
        .iter()
        .filter(|(key, value)| FIELDS.contains(&key.as_str()) && !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    body.insert("trigger".to_owned(), trigger::with_defaults(trigger)?);
    body.entry("enabled").or_insert_with(|| json!(true));
    Ok(AutomationDefinition { body: Value::Object(body), notes })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::automation_definitions;

    #[test]
    fn documents_have_one_automation_or_several() {
        let one = json!({ "name": "a", "trigger": {}, "actions": [] });
        let number = |document| automation_definitions(document).map(|found| found.len());
        assert_eq!(number(one.clone()), Ok(1));
        assert_eq!(number(json!([one, one])), Ok(2));
        assert_eq!(number(json!({ "automations": [one, one, one] })), Ok(3));
        assert_eq!(number(json!([])), Ok(0));
    }

    #[test]
    fn defaults_are_filled_in_and_what_means_nothing_is_told() {
        let written = json!({
            "id": "x", "created": "2026-01-01T00:00:00Z", "name": "a", "descripton": "d", "description": null,
            "trigger": {
                "require": "all", "within": 60,
                "triggers": [{ "id": "x", "expects": ["e"] }, { "posture": "Proactive", "expect": ["f"] }],
            },
            "actions": [{ "type": "do-nothing" }],
        });
        let found = automation_definitions(written).unwrap().remove(0);
        assert_eq!(
            found.body,
            json!({
                "name": "a", "enabled": true, "actions": [{ "type": "do-nothing" }],
                "trigger": {
                    "type": "compound", "require": "all", "within": 60,
                    "triggers": [
                        { "type": "event", "posture": "Reactive", "threshold": 1, "within": 0 },
                        { "type": "event", "posture": "Proactive", "expect": ["f"], "threshold": 1, "within": 10 },
                    ],
                },
            })
        );
        let expected = ["descripton", "expects"].map(|key| {
            format!("automation 'a': `{key}` has no effect: automations and triggers have no such field")
        });
        assert_eq!(found.notes, expected);
    }

    #[test]
    fn what_is_no_automation_is_refused() {
        for (written, expected) in [
            (json!(1), "an automation is a mapping with a name, a trigger and actions"),
            (json!({ "automations": {} }), "`automations` is a list of automations"),
            (json!([1]), "automation 1: it is a mapping with a name, a trigger and actions"),
            (json!({ "trigger": {}, "actions": [] }), "automation 1: it has no `name`"),
            (json!({ "name": "a", "trigger": {} }), "automation 'a': it has no `actions`"),
            (
                json!({ "name": "a", "trigger": [], "actions": [] }),
                "automation 'a': its `trigger` is a mapping",
            ),
            (
                json!({ "name": "a", "trigger": { "type": "odd" }, "actions": [] }),
                "automation 'a': there are no triggers of type \"odd\"; there are event, metric, compound and sequence",
            ),
        ] {
            assert_eq!(automation_definitions(written.clone()), Err(expected.to_owned()), "{written}");
        }
    }
}
