//! Plain texts with templates in them, as automations have them in parameters, become descriptions of values.

use serde_json::{Value, json};

use crate::JsonObject;

const KIND: &str = "__prefect_kind";

/// Replaces every text that has a template in it. A text that is nothing but one expression keeps the type of its
/// value; any other becomes a text. What is described already stays as it is, with all that it holds.
pub fn upgrade_templates(parameters: &mut JsonObject) {
    for value in parameters.values_mut() {
        match value {
            Value::Object(object) if object.contains_key(KIND) => {}
            Value::Object(object) => upgrade_templates(object),
            Value::Array(items) => {
                for item in items {
                    match item {
                        Value::Object(object) => upgrade_templates(object),
                        Value::String(text) if sluice_templating::uses_templates(text) => {
                            *item = described(text)
                        }
                        _ => {}
                    }
                }
            }
            Value::String(text) if sluice_templating::uses_templates(text) => *value = described(text),
            _ => {}
        }
    }
}

fn described(template: &str) -> Value {
    let trimmed = template.trim();
    let only_expression = trimmed
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"))
        .filter(|expression| !expression.contains("{{"));
    match only_expression {
        Some(expression) => json!({
            KIND: "json",
            "value": {KIND: "jinja", "template": format!("{{{{ ({}) | tojson }}}}", expression.trim())},
        }),
        None => json!({KIND: "jinja", "template": template}),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::upgrade_templates;
    use crate::{HydrationContext, hydrate};

    #[test]
    fn texts_with_templates_are_made_and_keep_their_types() {
        let mut parameters = json!({
            "number": "{{ 1 + 1 }}",
            "list": ["{{ [1, 'a'] }}", {"deep": "{{ true }}"}, "plain"],
            "text": "Hello {{ 'you' }}",
            "two": "{{ 1 }}{{ 2 }}",
            "nothing": "{{ missing }}",
            "described": {"__prefect_kind": "json", "value": "\"{{ kept }}\""},
        });
        let Value::Object(parameters) = &mut parameters else { panic!("an object") };
        upgrade_templates(parameters);
        let context =
            HydrationContext { renderer: Some(std::sync::Arc::default()), ..HydrationContext::default() };
        let made = hydrate(parameters, &context).expect("made");
        let expected = json!({
            "number": 2,
            "list": [[1, "a"], {"deep": true}, "plain"],
            "text": "Hello you",
            "two": "12",
            "nothing": null,
            "described": "{{ kept }}",
        });
        assert_eq!(Value::Object(made), expected);
    }
}
