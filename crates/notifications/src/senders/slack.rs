//! Slack: incoming webhooks, those of workflows, and whoever takes the same requests.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::endpoints::Endpoints;
use crate::fields::{read, yes};
use crate::message::{Message, SENDER};
use crate::notify_type::NotifyType;
use crate::problem::Problem;
use crate::request::Request;

/// Slack refuses what is longer.
const LONGEST: usize = 35_000;

#[derive(Deserialize)]
struct Block {
    url: String,
    #[serde(default)]
    notify_type: NotifyType,
    #[serde(default = "yes")]
    allow_private_urls: bool,
}

/// Where the message goes.
struct Target {
    url: String,
    /// Workflows take one text.
    is_workflow: bool,
    username: Option<String>,
    channel: Option<String>,
}

pub(crate) fn request(
    data: &Map<String, Value>,
    message: &Message<'_>,
    endpoints: &Endpoints,
) -> Result<Request, Problem> {
    let block: Block = read(data)?;
    let target = target(&block.url, endpoints)?;
    let body = if target.is_workflow {
        workflow_body(message)
    } else {
        webhook_body(&target, message, block.notify_type)
    };
    let mut request = Request::json(&target.url, &body)?;
    request.allow_private = block.allow_private_urls;
    Ok(request)
}

/// Reads `https://hooks.slack.com/...`, any other address that takes the same requests, and the form
/// `slack://[name@]a/b/c[/channel]` that the client's own sender knows.
fn target(url: &str, endpoints: &Endpoints) -> Result<Target, Problem> {
    let url = url.trim();
    let Some(tokens) = url.strip_prefix("slack://") else {
        let parsed = Url::parse(url).ok();
        let is_slack = parsed
            .as_ref()
            .and_then(Url::host_str)
            .is_some_and(|host| ["hooks.slack.com", "hooks.slack-gov.com"].contains(&host));
        let is_workflow = is_slack
            && parsed.as_ref().is_some_and(|url| {
                url.path().starts_with("/workflows/") || url.path().starts_with("/triggers/")
            });
        return Ok(Target { url: url.to_owned(), is_workflow, username: None, channel: None });
    };
    let tokens = tokens.split('?').next().unwrap_or_default();
    let (username, tokens) = match tokens.split_once('@') {
        Some((name, tokens)) if !name.contains('/') => (Some(name.to_owned()), tokens),
        _ => (None, tokens),
    };
    let parts: Vec<&str> = tokens.split('/').filter(|part| !part.is_empty()).collect();
    let is_token = |part: &&str| part.chars().all(|character| character.is_ascii_alphanumeric());
    match parts.as_slice() {
        [a, b, c, channels @ ..] if [a, b, c].into_iter().all(is_token) && channels.len() < 2 => Ok(Target {
            url: format!("{}/services/{a}/{b}/{c}", endpoints.slack),
            is_workflow: false,
            username,
            channel: channels.first().map(|channel| {
                if channel.starts_with(['#', '@', '+']) {
                    (*channel).to_owned()
                } else {
                    format!("#{channel}")
                }
            }),
        }),
        _ => Err(Problem::invalid(
            "the url is not valid: of the form slack://, tokens of incoming webhooks are supported, with one channel; \
             use the URL of the webhook instead",
        )),
    }
}

fn webhook_body(target: &Target, message: &Message<'_>, notify_type: NotifyType) -> Value {
    let icon = notify_type.icon(72);
    let text: String = message.body.chars().take(LONGEST).collect();
    let mut body = json!({
        "mrkdwn": true,
        "attachments": [{
            "title": escaped(message.subject),
            "text": escaped(&text),
            "color": notify_type.color(),
            "footer_icon": icon,
            "footer": SENDER,
            "ts": message.sent.as_micros().div_euclid(1_000_000),
        }],
        "icon_url": icon,
    });
    for (name, value) in [("username", &target.username), ("channel", &target.channel)] {
        if let Some(value) = value {
            body[name] = value.as_str().into();
        }
    }
    body
}

fn workflow_body(message: &Message<'_>) -> Value {
    let text = match (message.subject, message.body) {
        ("", text) | (text, "") => text.to_owned(),
        (subject, body) => format!("{subject}: {body}"),
    };
    json!({ "text": text })
}

/// `&`, `<` and `>` as Slack wants them; links `<https://...|text>` and mentions `<@...>`, `<!...>` stay what they are.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find(['&', '<', '>']) {
        escaped.push_str(&rest[..position]);
        rest = &rest[position..];
        let kept = anchor_length(rest);
        if kept > 0 {
            escaped.push_str(&rest[..kept].replace('&', "&amp;"));
            rest = &rest[kept..];
            continue;
        }
        escaped.push_str(match rest.as_bytes()[0] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        rest = &rest[1..];
    }
    escaped.push_str(rest);
    escaped
}

/// How long the link or the mention is that the text begins with; 0: it begins with none.
fn anchor_length(text: &str) -> usize {
    let Some(inside) = text.strip_prefix('<') else { return 0 };
    if !["https://", "http://", "mailto:", "@", "!"].iter().any(|start| inside.starts_with(start)) {
        return 0;
    }
    match inside.find(['<', '>', '\n']) {
        Some(end) if inside.as_bytes()[end] == b'>' => {
            let target = inside[..end].split('|').next().unwrap_or_default();
            if target.contains(' ') { 0 } else { end + 2 }
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{body, headers, message, refused, sent};

    const URL: &str = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXX";
    const ICON: &str =
        "https://github.com/caronc/apprise/raw/master/apprise/assets/themes/default/apprise-info-72x72.png";

    #[test]
    fn an_incoming_webhook_gets_an_attachment() {
        let [request] = sent("slack-webhook", json!({ "url": URL }), &message());
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", URL));
        assert!(request.allow_private);
        assert_eq!(
            headers(&request),
            [("User-Agent", "Prefect Notifications"), ("Content-Type", "application/json")]
        );
        assert_eq!(
            body(&request),
            json!({
                "mrkdwn": true,
                "attachments": [{
                    "title": "The subject", "text": "The body", "color": "#3AA3E3", "footer_icon": ICON,
                    "footer": "Prefect Notifications", "ts": 1_795_336_300,
                }],
                "icon_url": ICON,
            })
        );
    }

    #[test]
    fn the_form_of_the_url_decides() {
        let gov = URL.replace("slack.com", "slack-gov.com");
        let cases = [
            (gov.as_str(), gov.as_str(), json!(null), json!(null)),
            (
                "http://127.0.0.1:8080/hooks/x?a=b",
                "http://127.0.0.1:8080/hooks/x?a=b",
                json!(null),
                json!(null),
            ),
            ("slack://T0/B0/XX", "https://hooks.slack.com/services/T0/B0/XX", json!(null), json!(null)),
            (
                "slack://bot@T0/B0/XX/#general/?footer=no",
                "https://hooks.slack.com/services/T0/B0/XX",
                json!("bot"),
                json!("#general"),
            ),
        ];
        for (url, expected, username, channel) in cases {
            let [request] = sent("slack-webhook", json!({ "url": url }), &message());
            assert_eq!(request.url.as_str(), expected);
            let body = body(&request);
            assert_eq!((&body["username"], &body["channel"]), (&username, &channel), "{url}");
            assert_eq!(body["attachments"][0]["text"], "The body", "{url}");
        }
        for url in
            ["slack://xoxb-1234-1234-abc/#general", "slack://T0/B0", "hooks.slack.com/services/a/b/c", ""]
        {
            let reason = refused("slack-webhook", json!({ "url": url }), &message());
            assert!(reason.contains("the url is not valid"), "{url}: {reason}");
        }
    }

    #[test]
    fn a_workflow_gets_one_text() {
        for kind in ["workflows/T0/Ft0/X/Y", "triggers/T0/12/Y"] {
            let url = format!("https://hooks.slack.com/{kind}");
            let [request] = sent("slack-webhook", json!({ "url": url }), &message());
            assert_eq!(request.url.as_str(), url);
            assert_eq!(body(&request), json!({"text": "The subject: The body"}));
        }
    }

    #[test]
    fn the_block_says_how_grave_it_is_and_what_is_allowed() {
        let data = json!({"url": URL, "notify_type": "failure", "allow_private_urls": false});
        let [request] = sent("slack-webhook", data, &message());
        assert!(!request.allow_private);
        assert_eq!(body(&request)["attachments"][0]["color"], "#A32037");
        assert!(body(&request)["icon_url"].as_str().expect("a text").contains("failure"));
    }

    #[test]
    fn texts_are_escaped_but_links_and_mentions() {
        let cases = [
            ("a <b> & c", "a &lt;b&gt; &amp; c"),
            (
                "l1\n<https://x.y|l> & <@U123> <!here> *b* https://a.b/c?d=e&f=g",
                "l1\n<https://x.y|l> &amp; <@U123> <!here> *b* https://a.b/c?d=e&amp;f=g",
            ),
            ("<https://a b> <@x <!y", "&lt;https://a b&gt; &lt;@x &lt;!y"),
            ("é < é", "é &lt; é"),
        ];
        for (text, expected) in cases {
            assert_eq!(super::escaped(text), expected);
        }
    }
}
