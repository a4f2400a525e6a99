//! `sluice event emit`

use clap::Args;
use serde_json::{Map, Value, json};
use sluice_wire::ids::EventId;

use crate::assignments;
use crate::exit::Failure;
use crate::session::{self, Session};

/// Tell the server of an event
#[derive(Args)]
pub(super) struct Emit {
    /// The name of the event
    #[arg(value_name = "EVENT")]
    event: String,
    /// A label of the resource that it is about, or all of them as JSON; may be given several times
    #[arg(long, short = 'r', value_name = "KEY=VALUE")]
    resource: Vec<String>,
    /// The id of the resource that it is about
    #[arg(long, value_name = "ID")]
    resource_id: Option<String>,
    /// Related resources, as JSON
    #[arg(long, value_name = "JSON")]
    related: Option<String>,
    /// What else there is to say, as a JSON object
    #[arg(long, short = 'p', value_name = "JSON")]
    payload: Option<String>,
}

impl Emit {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut resource = Map::new();
        for text in &self.resource {
            if text.trim_start().starts_with('{') {
                resource.extend(assignments::object("--resource", text)?);
            } else {
                let labels = assignments::parse_all("--resource", std::slice::from_ref(text))?;
                // Labels are texts, whatever they look like.
                let as_text =
                    |value: Value| if value.is_string() { value } else { Value::String(value.to_string()) };
                resource.extend(labels.into_iter().map(|(key, value)| (key, as_text(value))));
            }
        }
        if let Some(id) = &self.resource_id {
            resource.insert("prefect.resource.id".to_owned(), json!(id));
        }
        if !resource.contains_key("prefect.resource.id") {
            return Err(Failure::usage("pass --resource-id: every event is about a resource"));
        }
        let related = match self.related.as_deref().map(serde_json::from_str::<Value>).transpose() {
            Ok(None) => json!([]),
            Ok(Some(Value::Array(items))) => Value::Array(items),
            Ok(Some(one)) => json!([one]),
            Err(error) => return Err(Failure::usage(format!("--related is no JSON: {error}"))),
        };
        let payload =
            self.payload.as_deref().map(|text| assignments::object("--payload", text)).transpose()?;
        let event = json!({
            "id": EventId::random(),
            "occurred": session::now(),
            "event": self.event,
            "resource": resource,
            "related": related,
            "payload": payload.unwrap_or_default(),
        });
        session.client.emit_events(&json!([event])).await?;
        session.printer.done(&event, &format!("Told of event '{}'.", self.event))
    }
}
