//! Mattermost: incoming webhooks.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::fields::{read, texts};
use crate::message::{Message, SENDER};
use crate::notify_type::NotifyType;
use crate::problem::Problem;
use crate::request::Request;

#[derive(Deserialize)]
struct Block {
    hostname: String,
    token: String,
    #[serde(default)]
    notify_type: NotifyType,
    #[serde(default)]
    secure: bool,
    #[serde(default)]
    botname: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    channels: Vec<String>,
    #[serde(default)]
    include_image: bool,
    #[serde(default)]
    path: Option<String>,
    #[serde(default = "default_port")]
    port: u16,
}

fn default_port() -> u16 {
    8065
}

pub(crate) fn requests(data: &Map<String, Value>, message: &Message<'_>) -> Result<Vec<Request>, Problem> {
    let block: Block = read(data)?;
    let scheme = if block.secure { "https" } else { "http" };
    let path = block.path.as_deref().unwrap_or_default().trim_matches('/');
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    let url =
        format!("{scheme}://{}:{}{path}/hooks/{}", block.hostname.trim(), block.port, block.token.trim());
    let mut channels: Vec<Option<&str>> =
        block.channels.iter().map(|channel| Some(channel.trim_start_matches('#'))).collect();
    if channels.is_empty() {
        channels.push(None);
    }
    let request = |channel: Option<&str>| {
        let mut body = json!({ "text": message.joined() });
        if block.include_image {
            body["icon_url"] = block.notify_type.icon(72).into();
        }
        body["username"] = block.botname.as_deref().filter(|name| !name.is_empty()).unwrap_or(SENDER).into();
        if let Some(channel) = channel {
            body["channel"] = channel.into();
        }
        Request::json(&url, &body)
    };
    channels.into_iter().map(request).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{all_sent, body, message, refused, sent};

    #[test]
    fn a_webhook_gets_a_text() {
        let data = json!({"hostname": "mm.example.com", "token": "tok", "channels": null, "path": null});
        let [request] = sent("mattermost-webhook", data, &message());
        assert_eq!(
            (request.method.as_str(), request.url.as_str()),
            ("POST", "http://mm.example.com:8065/hooks/tok")
        );
        assert_eq!(
            body(&request),
            json!({"text": "The subject\r\nThe body", "username": "Prefect Notifications"})
        );
    }

    #[test]
    fn each_channel_gets_the_message() {
        let data = json!({
            "hostname": "mm.example.com", "token": "tok", "secure": true, "botname": "bot", "port": 8443,
            "channels": ["general", "#dev", "@user"], "include_image": true, "path": "/base/",
        });
        let requests = all_sent("mattermost-webhook", data, &message());
        assert_eq!(requests[0].url.as_str(), "https://mm.example.com:8443/base/hooks/tok");
        assert_eq!(
            body(&requests[0]),
            json!({
                "text": "The subject\r\nThe body", "username": "bot", "channel": "general",
                "icon_url": "https://github.com/caronc/apprise/raw/master/apprise/assets/themes/default/\
                             apprise-info-72x72.png",
            })
        );
        let channels: Vec<_> = requests.iter().map(|request| body(request)["channel"].clone()).collect();
        assert_eq!(channels, ["general", "dev", "@user"]);
    }

    #[test]
    fn a_host_is_needed() {
        let reason = refused("mattermost-webhook", json!({"hostname": "", "token": "secret"}), &message());
        assert_eq!(reason, "the url is not valid: empty host");
    }
}
