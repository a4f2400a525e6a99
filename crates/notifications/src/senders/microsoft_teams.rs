//! Microsoft Teams: the webhook of a workflow in Power Automate, which takes an adaptive card.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::fields::{read, yes};
use crate::message::Message;
use crate::notify_type::NotifyType;
use crate::problem::Problem;
use crate::request::Request;

#[derive(Deserialize)]
struct Block {
    url: String,
    #[serde(default)]
    notify_type: NotifyType,
    #[serde(default = "yes")]
    include_image: bool,
    #[serde(default = "yes")]
    wrap: bool,
    #[serde(default = "yes")]
    allow_private_urls: bool,
}

pub(crate) fn request(data: &Map<String, Value>, message: &Message<'_>) -> Result<Request, Problem> {
    let block: Block = read(data)?;
    if !is_workflow(&block.url) {
        return Err(Problem::invalid(
            "the url is not that of a Microsoft Teams workflow: \
             https://.../workflows/<id>/triggers/manual/paths/invoke?... is expected",
        ));
    }
    let mut parts = Vec::new();
    if block.include_image {
        parts.push(json!({
            "type": "Image",
            "url": block.notify_type.icon(32),
            "height": "32px",
            "altText": block.notify_type.as_str(),
        }));
    }
    if !message.subject.is_empty() {
        parts.push(json!({
            "type": "TextBlock",
            "text": message.subject,
            "style": "heading",
            "weight": "Bolder",
            "size": "Large",
            "id": "title",
        }));
    }
    parts.push(json!({
        "type": "TextBlock",
        "text": message.body,
        "style": "default",
        "wrap": block.wrap,
        "id": "body",
    }));
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": parts,
        "msteams": {"width": "full"},
    });
    let body = json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    });
    let mut request = Request::json(&block.url, &body)?;
    request.allow_private = block.allow_private_urls;
    Ok(request)
}

/// `/workflows/<id>/triggers/manual/paths/invoke` with a query, whatever stands before it.
fn is_workflow(url: &str) -> bool {
    let Ok(url) = Url::parse(url.trim()) else { return false };
    let mut parts = url.path().trim_end_matches('/').rsplit('/');
    let ends = ["invoke", "paths", "manual", "triggers"].into_iter().all(|part| parts.next() == Some(part));
    let id = parts.next().unwrap_or_default();
    ends && !id.is_empty()
        && parts.next() == Some("workflows")
        && url.query().is_some_and(|query| !query.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{body, message, refused, sent};

    const URL: &str = "https://prod-01.westus.logic.azure.com/workflows/abcdef0123/triggers/manual/paths/invoke\
                       ?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=SIGNA-ture_1";

    #[test]
    fn a_workflow_gets_a_card() {
        let [request] = sent("ms-teams-webhook", json!({ "url": URL }), &message());
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", URL));
        assert_eq!(
            body(&request),
            json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "contentUrl": null,
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [
                            {
                                "type": "Image", "height": "32px", "altText": "info",
                                "url": "https://github.com/caronc/apprise/raw/master/apprise/assets/themes/default/\
                                        apprise-info-32x32.png",
                            },
                            {
                                "type": "TextBlock", "text": "The subject", "style": "heading", "weight": "Bolder",
                                "size": "Large", "id": "title",
                            },
                            {
                                "type": "TextBlock", "text": "The body", "style": "default", "wrap": true,
                                "id": "body",
                            },
                        ],
                        "msteams": {"width": "full"},
                    },
                }],
            })
        );
    }

    #[test]
    fn the_card_is_as_the_block_wants_it() {
        let mut message = message();
        message.subject = "";
        let data = json!({"url": URL, "include_image": false, "wrap": false, "allow_private_urls": false});
        let [request] = sent("ms-teams-webhook", data, &message);
        assert!(!request.allow_private);
        assert_eq!(
            body(&request)["attachments"][0]["content"]["body"],
            json!([{"type": "TextBlock", "text": "The body", "style": "default", "wrap": false, "id": "body"}])
        );
    }

    #[test]
    fn other_addresses_are_refused() {
        let direct = URL.replace("/workflows/", "/powerautomate/automations/direct/cu/12/workflows/");
        assert!(super::is_workflow(&direct));
        assert!(super::is_workflow(&URL.replace("invoke?", "invoke/?")));
        for url in [
            "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
            "https://x.logic.azure.com/workflows//triggers/manual/paths/invoke?a=b",
            URL.split('?').next().expect("a part"),
            "nonsense",
        ] {
            let reason = refused("ms-teams-webhook", json!({ "url": url }), &message());
            assert!(reason.contains("not that of a Microsoft Teams workflow"), "{url}: {reason}");
        }
    }
}
