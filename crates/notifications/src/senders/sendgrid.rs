//! SendGrid: e-mail.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::endpoints::Endpoints;
use crate::fields::{read, texts};
use crate::message::Message;
use crate::problem::Problem;
use crate::request::Request;

#[derive(Deserialize)]
struct Block {
    api_key: String,
    sender_email: String,
    #[serde(deserialize_with = "texts")]
    to_emails: Vec<String>,
}

pub(crate) fn requests(
    data: &Map<String, Value>,
    message: &Message<'_>,
    endpoints: &Endpoints,
) -> Result<Vec<Request>, Problem> {
    let block: Block = read(data)?;
    let sender = address(&block.sender_email)
        .ok_or_else(|| Problem::invalid("the address that mails come from is not valid"))?;
    let mut receivers: Vec<&str> = block.to_emails.iter().filter_map(|text| address(text)).collect();
    if receivers.is_empty() {
        if !block.to_emails.is_empty() {
            return Err(Problem::invalid("there is no valid address to send to"));
        }
        receivers.push(sender);
    }
    let subject = if message.subject.is_empty() { "<no subject>" } else { message.subject };
    let request = |receiver: &str| {
        let body = json!({
            // One mail for each: receivers do not see each other.
            "personalizations": [{"to": [{"email": receiver}]}],
            "from": {"email": sender},
            "subject": subject,
            "content": [{"type": "text/html", "value": message.body}],
        });
        let request = Request::json(&format!("{}/v3/mail/send", endpoints.sendgrid), &body)?;
        Ok(request.header("Authorization", format!("Bearer {}", block.api_key)))
    };
    receivers.into_iter().map(request).collect()
}

/// The address in `name <a@b.c>` or `a@b.c`.
fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let bare = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>'));
    let (name, host) = bare.split_once('@')?;
    let is_plain = !bare.contains(|character: char| character.is_whitespace() || ",;<>".contains(character));
    (is_plain && !name.is_empty() && !host.is_empty() && !host.contains('@')).then_some(bare)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{all_sent, body, headers, message, refused, sent};

    #[test]
    fn each_receiver_gets_a_mail() {
        let data = json!({
            "api_key": "SG.key-1", "sender_email": "a@b.co", "to_emails": ["c@d.co", "bad", "Name <e@f.co>"],
        });
        let requests = all_sent("sendgrid-email", data, &message());
        assert_eq!(requests.len(), 2);
        assert_eq!(
            (requests[0].method.as_str(), requests[0].url.as_str()),
            ("POST", "https://api.sendgrid.com/v3/mail/send")
        );
        assert!(headers(&requests[0]).contains(&("Authorization", "Bearer SG.key-1")));
        assert_eq!(
            body(&requests[0]),
            json!({
                "personalizations": [{"to": [{"email": "c@d.co"}]}], "from": {"email": "a@b.co"},
                "subject": "The subject", "content": [{"type": "text/html", "value": "The body"}],
            })
        );
        assert_eq!(body(&requests[1])["personalizations"], json!([{"to": [{"email": "e@f.co"}]}]));
    }

    #[test]
    fn without_a_receiver_it_is_the_sender() {
        let mut message = message();
        message.subject = "";
        let data = json!({"api_key": "k", "sender_email": "a@b.co", "to_emails": []});
        let [request] = sent("sendgrid-email", data, &message);
        assert_eq!(body(&request)["personalizations"], json!([{"to": [{"email": "a@b.co"}]}]));
        assert_eq!(body(&request)["subject"], "<no subject>");
    }

    #[test]
    fn addresses_are_checked() {
        for (sender, receivers) in [("bad", json!(["a@b.co"])), ("a@b.co", json!(["bad"])), ("a@", json!([]))]
        {
            let data = json!({"api_key": "k", "sender_email": sender, "to_emails": receivers});
            let reason = refused("sendgrid-email", data, &message());
            assert!(reason.contains("valid"), "{reason}");
        }
    }
}
