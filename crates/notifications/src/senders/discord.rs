//! Discord: webhooks.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::endpoints::Endpoints;
use crate::fields::read;
use crate::message::{Message, shortened};
use crate::notify_type::NotifyType;
use crate::problem::Problem;
use crate::request::Request;

/// Discord refuses longer messages.
const LONGEST: usize = 2_000;

#[derive(Deserialize)]
struct Block {
    webhook_id: String,
    webhook_token: String,
    #[serde(default)]
    notify_type: NotifyType,
    #[serde(default)]
    botname: Option<String>,
    #[serde(default)]
    tts: bool,
    #[serde(default)]
    avatar: bool,
    #[serde(default)]
    avatar_url: Option<String>,
}

pub(crate) fn request(
    data: &Map<String, Value>,
    message: &Message<'_>,
    endpoints: &Endpoints,
) -> Result<Request, Problem> {
    let block: Block = read(data)?;
    let mut body =
        json!({"tts": block.tts, "wait": !block.tts, "content": shortened(&message.joined(), LONGEST)});
    if let Some(name) = block.botname.filter(|name| !name.is_empty()) {
        body["username"] = name.into();
    }
    if block.avatar {
        let url = block.avatar_url.filter(|url| !url.is_empty());
        body["avatar_url"] = url.unwrap_or_else(|| block.notify_type.icon(256)).into();
    }
    let unusable = || Problem::invalid("the webhook's id or token cannot be part of a url");
    let mut url = Url::parse(&endpoints.discord).map_err(|_| unusable())?;
    url.path_segments_mut().map_err(|()| unusable())?.extend([
        "api",
        "webhooks",
        block.webhook_id.trim(),
        block.webhook_token.trim(),
    ]);
    Request::json(url.as_str(), &body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{body, message, sent};

    #[test]
    fn a_webhook_gets_a_text() {
        let [request] =
            sent("discord-webhook", json!({"webhook_id": "123", "webhook_token": "to/k"}), &message());
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "https://discord.com/api/webhooks/123/to%2Fk")
        );
        assert_eq!(body(&request), json!({"tts": false, "wait": true, "content": "The subject\r\nThe body"}));
    }

    #[test]
    fn every_field_is_used() {
        let cases = [
            (json!({"avatar": true, "avatar_url": "https://a.b/c.png"}), json!("https://a.b/c.png")),
            (
                json!({"avatar": true, "notify_type": "warning"}),
                json!(
                    "https://github.com/caronc/apprise/raw/master/apprise/assets/themes/default/\
                       apprise-warning-256x256.png"
                ),
            ),
            (json!({"avatar": false, "avatar_url": "https://a.b/c.png"}), json!(null)),
        ];
        for (mut data, avatar) in cases {
            data["webhook_id"] = "1".into();
            data["webhook_token"] = "t".into();
            data["botname"] = "bot".into();
            data["tts"] = true.into();
            let [request] = sent("discord-webhook", data, &message());
            let body = body(&request);
            assert_eq!(body["avatar_url"], avatar);
            assert_eq!(
                (&body["username"], &body["tts"], &body["wait"]),
                (&json!("bot"), &json!(true), &json!(false))
            );
        }
    }

    #[test]
    fn long_texts_are_shortened() {
        let mut message = message();
        let long = "x".repeat(2_100);
        message.body = &long;
        let [request] = sent("discord-webhook", json!({"webhook_id": "1", "webhook_token": "t"}), &message);
        let content = body(&request)["content"].as_str().expect("a text").to_owned();
        assert!(
            content.len() == 2_000 && content.starts_with("The subject\r\nx") && content.ends_with("x...")
        );
    }
}
