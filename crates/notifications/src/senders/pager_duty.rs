//! PagerDuty: Events API v2.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::endpoints::Endpoints;
use crate::fields::{read, yes};
use crate::message::{Message, SENDER, shortened};
use crate::notify_type::NotifyType;
use crate::problem::Problem;
use crate::request::Request;

/// PagerDuty refuses longer summaries.
const LONGEST_SUMMARY: usize = 1_024;

#[derive(Deserialize)]
struct Block {
    integration_key: String,
    api_key: String,
    #[serde(default)]
    notify_type: NotifyType,
    #[serde(default = "default_source")]
    source: Option<String>,
    #[serde(default = "default_component")]
    component: String,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    class_id: Option<String>,
    #[serde(default)]
    region_name: Region,
    #[serde(default)]
    clickable_url: Option<String>,
    #[serde(default = "yes")]
    include_image: bool,
    #[serde(default)]
    custom_details: Option<Map<String, Value>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Region {
    #[default]
    Us,
    Eu,
}

fn default_source() -> Option<String> {
    Some("Prefect".to_owned())
}

fn default_component() -> String {
    "Notification".to_owned()
}

pub(crate) fn request(
    data: &Map<String, Value>,
    message: &Message<'_>,
    endpoints: &Endpoints,
) -> Result<Request, Problem> {
    let block: Block = read(data)?;
    let mut details = block.custom_details.unwrap_or_default();
    let summary = if message.subject.is_empty() {
        message.body
    } else {
        details.insert("Prefect Notification Body".to_owned(), message.body.into());
        message.subject
    };
    let mut payload = json!({
        "summary": shortened(summary, LONGEST_SUMMARY),
        "severity": severity(block.notify_type),
        "source": block.source.as_deref().filter(|source| !source.is_empty()).unwrap_or(SENDER),
        "component": block.component,
    });
    for (name, value) in [("group", block.group), ("class", block.class_id)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            payload[name] = value.into();
        }
    }
    if !details.is_empty() {
        payload["custom_details"] = details.into();
    }
    let mut body = json!({
        "routing_key": block.integration_key,
        "payload": payload,
        "client": SENDER,
        "event_action": "trigger",
        // A second try is the same alert.
        "dedup_key": message.id,
    });
    if let Some(url) = block.clickable_url {
        body["links"] = json!([{ "href": url }]);
    }
    if block.include_image {
        body["images"] = json!([{"src": block.notify_type.icon(128), "alt": block.notify_type.as_str()}]);
    }
    let endpoint = match block.region_name {
        Region::Us => &endpoints.pager_duty_us,
        Region::Eu => &endpoints.pager_duty_eu,
    };
    let request = Request::json(&format!("{endpoint}/v2/enqueue"), &body)?;
    Ok(request.header("Authorization", format!("Token token={}", block.api_key)))
}

fn severity(notify_type: NotifyType) -> &'static str {
    match notify_type {
        NotifyType::Info | NotifyType::Success => "info",
        NotifyType::Warning => "warning",
        NotifyType::Failure => "critical",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ID, body, headers, message, refused, sent};

    #[test]
    fn an_event_is_triggered() {
        let [request] =
            sent("pager-duty-webhook", json!({"integration_key": "IK", "api_key": "AK"}), &message());
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "https://events.pagerduty.com/v2/enqueue")
        );
        assert!(headers(&request).contains(&("Authorization", "Token token=AK")));
        assert_eq!(
            body(&request),
            json!({
                "routing_key": "IK",
                "payload": {
                    "summary": "The subject", "severity": "info", "source": "Prefect", "component": "Notification",
                    "custom_details": {"Prefect Notification Body": "The body"},
                },
                "client": "Prefect Notifications",
                "event_action": "trigger",
                "dedup_key": ID,
                "images": [{
                    "src": "https://github.com/caronc/apprise/raw/master/apprise/assets/themes/default/\
                            apprise-info-128x128.png",
                    "alt": "info",
                }],
            })
        );
    }

    #[test]
    fn every_field_is_used() {
        let data = json!({
            "integration_key": "IK", "api_key": "AK", "notify_type": "failure", "source": "So Urce",
            "component": "Co mp", "group": "grp", "class_id": "cid", "region_name": "eu",
            "clickable_url": "https://x.y/z?a=b&c=d", "include_image": false,
            "custom_details": {"disk left": "145 GB"},
        });
        let [request] = sent("pager-duty-webhook", data, &message());
        assert_eq!(request.url.as_str(), "https://events.eu.pagerduty.com/v2/enqueue");
        assert_eq!(
            body(&request),
            json!({
                "routing_key": "IK",
                "payload": {
                    "summary": "The subject", "severity": "critical", "source": "So Urce", "component": "Co mp",
                    "group": "grp", "class": "cid",
                    "custom_details": {"disk left": "145 GB", "Prefect Notification Body": "The body"},
                },
                "client": "Prefect Notifications",
                "event_action": "trigger",
                "dedup_key": ID,
                "links": [{"href": "https://x.y/z?a=b&c=d"}],
            })
        );
    }

    #[test]
    fn without_a_subject_the_body_is_the_summary() {
        let mut message = message();
        let long = "b".repeat(2_000);
        (message.subject, message.body) = ("", &long);
        let data = json!({"integration_key": "IK", "api_key": "AK", "source": null});
        let [request] = sent("pager-duty-webhook", data, &message);
        let payload = &body(&request)["payload"];
        assert_eq!(payload["summary"].as_str().expect("a text").len(), 1_024);
        assert_eq!(payload["source"], "Prefect Notifications");
        assert!(payload.get("custom_details").is_none());
    }

    #[test]
    fn both_keys_are_needed() {
        let reason = refused("pager-duty-webhook", json!({"api_key": "AK"}), &message());
        assert_eq!(reason, "missing field `integration_key`");
    }
}
