//! What a message becomes: the requests that the services of notification blocks expect.
//!
//! A block's type and data, a message and the addresses of the services come in; requests come out, as data. Each
//! sender is a file under `senders/`. Endpoint, authentication and meaning of a request are those of the client's own
//! senders (wire-protocol 5.4).
//!
//! **Architecture invariant:** no I/O. What goes wrong is said without any part of a secret, and a [`Request`] never
//! shows one.

mod endpoints;
mod fields;
mod message;
mod notify_type;
mod placeholders;
mod problem;
mod request;
mod senders;

use serde_json::{Map, Value};

pub use endpoints::Endpoints;
pub use message::Message;
pub use problem::Problem;
pub use request::{Method, Request};

/// The block type that `call-webhook` uses.
pub const WEBHOOK: &str = "webhook";

/// The slugs of the block types that messages can be sent through.
pub const SUPPORTED: [&str; 9] = [
    "custom-webhook",
    "discord-webhook",
    "mattermost-webhook",
    "ms-teams-webhook",
    "opsgenie-webhook",
    "pager-duty-webhook",
    "sendgrid-email",
    "slack-webhook",
    "twilio-sms",
];

/// The requests that bring `message` to its receivers through a block of the type `slug`: one for each receiver where
/// a service takes one at a time. The same arguments make the same requests in the same order.
///
/// # Errors
/// When no sender knows the type, or the data cannot be used.
pub fn requests(
    slug: &str,
    data: &Map<String, Value>,
    message: &Message<'_>,
    endpoints: &Endpoints,
) -> Result<Vec<Request>, Problem> {
    use senders::{
        custom_webhook, discord, mattermost, microsoft_teams, opsgenie, pager_duty, sendgrid, slack, twilio,
    };
    if slug == "custom-webhook" {
        return Ok(vec![custom_webhook::request(data, message)?]);
    }
    if !SUPPORTED.contains(&slug) {
        return Err(Problem::Unsupported { slug: slug.to_owned() });
    }
    if message.subject.is_empty() && message.body.is_empty() {
        return Err(Problem::invalid("the message is empty"));
    }
    match slug {
        "discord-webhook" => Ok(vec![discord::request(data, message, endpoints)?]),
        "mattermost-webhook" => mattermost::requests(data, message),
        "ms-teams-webhook" => Ok(vec![microsoft_teams::request(data, message)?]),
        "opsgenie-webhook" => opsgenie::requests(data, message, endpoints),
        "pager-duty-webhook" => Ok(vec![pager_duty::request(data, message, endpoints)?]),
        "sendgrid-email" => sendgrid::requests(data, message, endpoints),
        "slack-webhook" => Ok(vec![slack::request(data, message, endpoints)?]),
        _ => twilio::requests(data, message, endpoints),
    }
}

/// The call of a `Webhook` block, with `payload` as its body. `id` names the call: a second try has the same.
///
/// # Errors
/// When the data cannot be used.
pub fn webhook(data: &Map<String, Value>, payload: &str, id: uuid::Uuid) -> Result<Request, Problem> {
    senders::webhook::request(data, payload, id)
}

#[cfg(test)]
mod testing;
