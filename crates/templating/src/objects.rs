//! What templates may look into: objects of the API, events, labels.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use sluice_wire::events::{Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, ReceivedEvent};

/// An object with fields that filters know the kind of.
#[derive(Debug)]
pub struct Model {
    kind: &'static str,
    fields: Value,
    /// Found by name, but not part of the object's JSON.
    derived: BTreeMap<&'static str, Value>,
}

impl Model {
    /// `kind` as in the ids of resources: `prefect.flow-run`. `fields` as the API shows the object.
    pub fn value(kind: &'static str, fields: &serde_json::Value) -> Value {
        Value::from_object(Self {
            kind,
            fields: Value::from(minijinja::value::Serde(fields)),
            derived: BTreeMap::new(),
        })
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    fn text(&self, name: &str) -> String {
        self.get(name).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    pub(crate) fn id(&self) -> String {
        self.text("id")
    }

    pub(crate) fn name(&self) -> String {
        self.text("name")
    }

    /// The day of an event.
    pub(crate) fn date(&self) -> String {
        self.text("occurred").chars().take(10).collect()
    }

    /// Of a resource: what it is, and its id without that.
    pub(crate) fn resource_kind(&self) -> Option<(&str, &str)> {
        if self.kind != "resource" {
            return None;
        }
        self.derived.get("id")?.as_str()?.rsplit_once('.')
    }

    fn get(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.derived.get(name) {
            return Some(value.clone());
        }
        self.fields.get_item(&Value::from(name)).ok().filter(|value| !value.is_undefined())
    }
}

impl Object for Model {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.fields.try_iter().into_iter().flatten().collect())
    }
}

/// Labels whose names with points are read as paths: `labels.prefect.resource.id`.
#[derive(Debug)]
struct LabelDiver {
    labels: Labels,
    value: String,
}

impl Object for LabelDiver {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        // `labels["prefect.resource.id"]`
        if name.contains('.') {
            return self.labels.get(name).map(Value::from);
        }
        let value = self.labels.get(name).cloned();
        let below: Labels = self
            .labels
            .iter()
            .filter_map(|(label, value)| {
                let rest = label.strip_prefix(name)?.strip_prefix('.')?;
                Some((rest.to_owned(), value.clone()))
            })
            .collect();
        match value {
            Some(value) if below.is_empty() => Some(Value::from(value)),
            None if below.is_empty() => None,
            value => Some(Value::from_object(Self { labels: below, value: value.unwrap_or_default() })),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.labels.keys().map(Value::from).collect())
    }

    fn render(self: &Arc<Self>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.value)
    }
}

/// Whether the value says itself how it is written.
pub(crate) fn has_own_text(value: &Value) -> bool {
    value.downcast_object_ref::<LabelDiver>().is_some()
}

/// Labels as templates see them.
pub fn labels(labels: &Labels) -> Value {
    Value::from_object(LabelDiver { labels: labels.clone(), value: String::new() })
}

fn resource(of: &Labels) -> Value {
    let text = |label: &str| of.get(label).map_or_else(|| Value::from(()), Value::from);
    let derived = BTreeMap::from([
        ("id", text(RESOURCE_ID)),
        ("name", text(RESOURCE_NAME)),
        ("role", text(RESOURCE_ROLE)),
        ("labels", labels(of)),
    ]);
    Value::from_object(Model { kind: "resource", fields: Value::from(minijinja::value::Serde(of)), derived })
}

/// An event as templates see it.
pub fn event(event: &ReceivedEvent, ui_url: &str) -> Value {
    let fields = serde_json::to_value(event).unwrap_or_default();
    let related: Vec<Value> = event.related.iter().map(resource).collect();
    let mut in_role: BTreeMap<String, Value> = BTreeMap::new();
    let mut all_in_role: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (labels, value) in event.related.iter().zip(&related) {
        let role = labels.get(RESOURCE_ROLE).cloned().unwrap_or_default();
        in_role.entry(role.clone()).or_insert_with(|| value.clone());
        all_in_role.entry(role).or_default().push(value.clone());
    }
    let own = resource(&event.resource);
    let involved: Vec<Value> = std::iter::once(own.clone()).chain(related.iter().cloned()).collect();
    let date: String = event.occurred.to_string().chars().take(10).collect();
    let url = format!("{}/events/event/{date}/{}", ui_url.trim_end_matches('/'), event.id);
    let derived = BTreeMap::from([
        ("occurred", Value::from(event.occurred.python_str())),
        ("received", Value::from(event.received.python_str())),
        ("resource", own),
        ("related", Value::from(related)),
        ("involved_resources", Value::from(involved)),
        ("resource_in_role", Value::from_pairs(in_role)),
        ("resources_in_role", Value::from_pairs(all_in_role)),
        ("url", Value::from(url)),
    ]);
    Value::from_object(Model {
        kind: "prefect.event",
        fields: Value::from(minijinja::value::Serde(fields)),
        derived,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use sluice_wire::events::ReceivedEvent;

    use super::{Model, event, labels};
    use crate::Renderer;

    fn render(template: &str) -> String {
        let received: ReceivedEvent = serde_json::from_value(json!({
            "occurred": "2026-11-22T08:00:00Z", "received": "2026-11-22T08:00:01Z", "event": "it.happened",
            "resource": {"prefect.resource.id": "prefect.flow-run.7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51",
                "prefect.resource.name": "quick-fox", "a.b": "deep"},
            "related": [{"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow",
                "prefect.resource.name": "etl"}],
            "payload": {"a": {"b": [1]}}, "id": "0193a5d2-0000-7000-8000-000000000001", "follows": null,
        }))
        .expect("an event");
        let run = json!({"id": "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51", "name": "quick-fox", "state": {"type": "FAILED"}});
        let context = BTreeMap::from([
            ("event".to_owned(), event(&received, "http://ui")),
            ("labels".to_owned(), labels(&received.resource)),
            ("flow_run".to_owned(), Model::value("prefect.flow-run", &run)),
        ]);
        Renderer::new("http://ui/", context).render(template).expect(template)
    }

    #[test]
    fn templates_look_into_events_and_objects() {
        let id = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51";
        let cases = [
            ("{{ event.event }} {{ event.occurred }}", "it.happened 2026-11-22 08:00:00+00:00".to_owned()),
            ("{{ event.resource.id }}", format!("prefect.flow-run.{id}")),
            (
                "{{ event.resource['prefect.resource.name'] }} {{ event.resource.name }}",
                "quick-fox quick-fox".to_owned(),
            ),
            ("{{ event.resource.labels.a.b }}", "deep".to_owned()),
            ("{{ event.related[0].role }} {{ event.resource_in_role['flow'].name }}", "flow etl".to_owned()),
            ("{{ event.payload.a.b[0] }} {{ event.payload }}", "1 {'a': {'b': [1]}}".to_owned()),
            ("{{ labels.prefect.resource.name }} {{ labels['a.b'] }}", "quick-fox deep".to_owned()),
            ("{{ flow_run.state.type }}", "FAILED".to_owned()),
            ("{{ flow_run | ui_url }}", format!("http://ui/runs/flow-run/{id}")),
            ("{{ event.resource | ui_url }}", format!("http://ui/runs/flow-run/{id}")),
            (
                "{{ flow_run | ui_resource_events_url }}",
                format!("http://ui/events?resource=prefect.flow-run.{id}"),
            ),
            (
                "{{ event.resource | ui_resource_events_url }}",
                format!("http://ui/events?resource=prefect.flow-run.{id}"),
            ),
            (
                "{{ event.url }}",
                "http://ui/events/event/2026-11-22/0193a5d2-0000-7000-8000-000000000001".to_owned(),
            ),
            ("{{ event.payload | tojson }}", r#"{"a": {"b": [1]}}"#.to_owned()),
            ("{{ (event | tojson)[:11] }}", r#"{"event": ""#.to_owned()),
        ];
        for (template, expected) in cases {
            assert_eq!(render(template), expected, "{template}");
        }
    }
}
