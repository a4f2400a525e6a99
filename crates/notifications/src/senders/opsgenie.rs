//! Opsgenie: alerts.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::endpoints::Endpoints;
use crate::fields::{read, texts};
use crate::message::{Message, SENDER, shortened};
use crate::notify_type::NotifyType;
use crate::problem::Problem;
use crate::request::Request;

/// What Opsgenie takes.
const LONGEST_MESSAGE: usize = 130;
const LONGEST_DESCRIPTION: usize = 15_000;
/// Responders of one alert, when they get one together.
const BATCH: usize = 50;
const DEFAULT_PRIORITY: i64 = 3;

#[derive(Deserialize)]
struct Block {
    apikey: String,
    #[serde(default)]
    notify_type: NotifyType,
    #[serde(default, deserialize_with = "texts")]
    target_user: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    target_team: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    target_schedule: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    target_escalation: Vec<String>,
    #[serde(default)]
    region_name: Region,
    #[serde(default)]
    batch: bool,
    #[serde(default, deserialize_with = "texts")]
    tags: Vec<String>,
    #[serde(default)]
    priority: Option<i64>,
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    entity: Option<String>,
    #[serde(default)]
    details: Option<Map<String, Value>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Region {
    #[default]
    Us,
    Eu,
}

pub(crate) fn requests(
    data: &Map<String, Value>,
    message: &Message<'_>,
    endpoints: &Endpoints,
) -> Result<Vec<Request>, Problem> {
    let block: Block = read(data)?;
    let responders = responders(&block);
    let at_once = if block.batch { BATCH } else { 1 };
    let mut groups: Vec<&[Value]> = responders.chunks(at_once).collect();
    if groups.is_empty() {
        groups.push(&[]);
    }
    let count = groups.len();
    let endpoint = match block.region_name {
        Region::Us => &endpoints.opsgenie_us,
        Region::Eu => &endpoints.opsgenie_eu,
    };
    let request = |(index, group): (usize, &[Value])| {
        // Opsgenie takes an alert with the alias of an open one for the same: a second try is no second alert, and
        // the alert of one responder is not that of another.
        let own_alias = if count == 1 { message.id.to_string() } else { format!("{}-{index}", message.id) };
        let body = alert(&block, message, group, own_alias);
        let request = Request::json(&format!("{endpoint}/v2/alerts"), &body)?;
        Ok(request.header("Authorization", format!("GenieKey {}", block.apikey)))
    };
    groups.into_iter().enumerate().map(request).collect()
}

fn alert(block: &Block, message: &Message<'_>, responders: &[Value], own_alias: String) -> Value {
    let title = if message.subject.is_empty() { message.body } else { message.subject };
    let priority = block.priority.filter(|priority| (1..=5).contains(priority)).unwrap_or(DEFAULT_PRIORITY);
    let mut details = block.details.clone().unwrap_or_default();
    details.insert("type".to_owned(), block.notify_type.as_str().into());
    let set = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let mut alert = json!({
        "source": SENDER,
        "message": shortened(title, LONGEST_MESSAGE),
        "description": shortened(message.body, LONGEST_DESCRIPTION),
        "details": details,
        "priority": format!("P{priority}"),
        "alias": set(&block.alias).unwrap_or(own_alias),
    });
    if !block.tags.is_empty() {
        alert["tags"] = json!(block.tags);
    }
    if let Some(entity) = set(&block.entity) {
        alert["entity"] = entity.into();
    }
    if !responders.is_empty() {
        alert["responders"] = responders.into();
    }
    alert
}

fn responders(block: &Block) -> Vec<Value> {
    let kinds = [
        ("user", "username", &block.target_user),
        ("team", "name", &block.target_team),
        ("schedule", "name", &block.target_schedule),
        ("escalation", "name", &block.target_escalation),
    ];
    kinds
        .into_iter()
        .flat_map(|(kind, by_name, names)| {
            names.iter().map(move |name| {
                let by = if name.parse::<Uuid>().is_ok() { "id" } else { by_name };
                json!({"type": kind, by: name})
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ID, all_sent, body, headers, message, sent};

    const KEY: &str = "a0b1c2d3-aaaa-bbbb-cccc-0123456789ab";

    #[test]
    fn an_alert_is_made() {
        let [request] = sent("opsgenie-webhook", json!({ "apikey": KEY, "priority": null }), &message());
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "https://api.opsgenie.com/v2/alerts")
        );
        assert!(headers(&request).contains(&("Authorization", &format!("GenieKey {KEY}"))));
        assert_eq!(
            body(&request),
            json!({
                "source": "Prefect Notifications", "message": "The subject", "description": "The body",
                "details": {"type": "info"}, "priority": "P3", "alias": ID,
            })
        );
    }

    #[test]
    fn each_responder_gets_an_alert() {
        let data = json!({
            "apikey": KEY, "target_user": ["user", KEY], "target_team": ["team a"], "target_schedule": ["sched"],
            "target_escalation": ["esc"], "region_name": "eu", "tags": ["t 1", "t2"], "priority": 5,
            "entity": "en", "details": {"k 1": "v 1"}, "notify_type": "failure",
        });
        let requests = all_sent("opsgenie-webhook", data, &message());
        let responders: Vec<_> = requests.iter().map(|request| body(request)["responders"].clone()).collect();
        assert_eq!(
            responders,
            [
                json!([{"type": "user", "username": "user"}]),
                json!([{"type": "user", "id": KEY}]),
                json!([{"type": "team", "name": "team a"}]),
                json!([{"type": "schedule", "name": "sched"}]),
                json!([{"type": "escalation", "name": "esc"}]),
            ]
        );
        assert_eq!(requests[1].url.as_str(), "https://api.eu.opsgenie.com/v2/alerts");
        assert_eq!(
            body(&requests[1]),
            json!({
                "source": "Prefect Notifications", "message": "The subject", "description": "The body",
                "details": {"k 1": "v 1", "type": "failure"}, "priority": "P5", "alias": format!("{ID}-1"),
                "tags": ["t 1", "t2"], "entity": "en", "responders": [{"type": "user", "id": KEY}],
            })
        );
    }

    #[test]
    fn a_batch_is_one_alert() {
        let data =
            json!({"apikey": KEY, "target_user": ["a", "b"], "batch": true, "priority": 9, "alias": "al"});
        let [request] = sent("opsgenie-webhook", data, &message());
        let alert = body(&request);
        assert_eq!(
            alert["responders"],
            json!([{"type": "user", "username": "a"}, {"type": "user", "username": "b"}])
        );
        assert_eq!((alert["priority"].as_str(), alert["alias"].as_str()), (Some("P3"), Some("al")));
    }

    #[test]
    fn texts_are_as_short_as_they_must_be() {
        let mut message = message();
        let long = "b".repeat(16_000);
        (message.subject, message.body) = ("", &long);
        let [request] = sent("opsgenie-webhook", json!({ "apikey": KEY }), &message);
        let alert = body(&request);
        assert_eq!(alert["message"], format!("{}...", "b".repeat(127)));
        assert_eq!(alert["description"].as_str().expect("a text").len(), 15_000);
    }
}
