//! Twilio: text messages, and WhatsApp.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::endpoints::Endpoints;
use crate::fields::{read, texts};
use crate::message::{Message, shortened};
use crate::problem::Problem;
use crate::request::Request;

/// Twilio refuses longer messages.
const LONGEST: usize = 1_600;

#[derive(Deserialize)]
struct Block {
    account_sid: String,
    auth_token: String,
    from_phone_number: String,
    #[serde(deserialize_with = "texts")]
    to_phone_numbers: Vec<String>,
}

/// A phone number as Twilio writes it.
#[derive(Clone)]
struct Number {
    /// `+` and digits, or a short code.
    text: String,
    is_whatsapp: bool,
}

pub(crate) fn requests(
    data: &Map<String, Value>,
    message: &Message<'_>,
    endpoints: &Endpoints,
) -> Result<Vec<Request>, Problem> {
    let block: Block = read(data)?;
    let sid = block.account_sid.trim();
    let is_sid = sid.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("AC"))
        && sid.chars().all(|character| character.is_ascii_alphanumeric());
    if !is_sid {
        return Err(Problem::invalid("the account SID is not valid: it begins with AC"));
    }
    let from = sender(&block.from_phone_number).ok_or_else(|| {
        Problem::invalid("the phone number or short code that messages come from is not valid")
    })?;
    let mut receivers: Vec<Number> = block.to_phone_numbers.iter().filter_map(|text| number(text)).collect();
    if receivers.is_empty() {
        if !block.to_phone_numbers.is_empty() || !from.text.starts_with('+') {
            return Err(Problem::invalid("there is no valid phone number to send to"));
        }
        receivers.push(from.clone());
    }
    let text = shortened(&message.joined(), LONGEST);
    let credentials = BASE64_STANDARD.encode(format!("{sid}:{}", block.auth_token.trim()));
    let url = format!("{}/2010-04-01/Accounts/{sid}/Messages.json", endpoints.twilio);
    let request = |to: Number| {
        let written = |number: &Number| {
            if to.is_whatsapp || from.is_whatsapp {
                format!("whatsapp:{}", number.text)
            } else {
                number.text.clone()
            }
        };
        let (from, receiver) = (written(&from), written(&to));
        let request = Request::new(crate::Method::Post, &url)?
            .header("Accept", "application/json")
            .header("Authorization", format!("Basic {credentials}"));
        Ok(request.with_form([("Body", text.as_str()), ("From", from.as_str()), ("To", receiver.as_str())]))
    };
    receivers.into_iter().map(request).collect()
}

/// A number with its country, or a short code of 5 or 6 digits.
fn sender(text: &str) -> Option<Number> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_short_code = (5..=6).contains(&digits.len()) && digits.len() == text.trim().len();
    if is_short_code { Some(Number { text: digits, is_whatsapp: false }) } else { number(text) }
}

/// 10 to 14 digits, however they are written; `w:` or `whatsapp:` before them is for WhatsApp.
fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let bare = ["whatsapp:", "w:"].iter().find_map(|prefix| text.strip_prefix(prefix));
    let (bare, is_whatsapp) = (bare.unwrap_or(text), bare.is_some());
    let is_number = bare.chars().all(|character| character.is_ascii_digit() || " +-.()".contains(character));
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    (is_number && (10..=14).contains(&digits.len()))
        .then(|| Number { text: format!("+{digits}"), is_whatsapp })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{all_sent, form, headers, message, refused};

    fn block(from: &str, to: &Value) -> Value {
        json!({"account_sid": "AC0123456789abcdef", "auth_token": "token", "from_phone_number": from,
            "to_phone_numbers": to})
    }

    #[test]
    fn each_receiver_gets_a_message() {
        let data = block("+18001234567", &json!(["18004242424", "+1 (800) 424-2425", "bad"]));
        let requests = all_sent("twilio-sms", data, &message());
        assert_eq!(requests.len(), 2);
        assert_eq!(
            (requests[0].method.as_str(), requests[0].url.as_str()),
            ("POST", "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef/Messages.json")
        );
        let headers = headers(&requests[0]);
        assert!(
            headers.contains(&("Authorization", "Basic QUMwMTIzNDU2Nzg5YWJjZGVmOnRva2Vu")),
            "{headers:?}"
        );
        assert!(headers.contains(&("Content-Type", "application/x-www-form-urlencoded")), "{headers:?}");
        assert_eq!(
            form(&requests[0]),
            "Body=The+subject%0D%0AThe+body&From=%2B18001234567&To=%2B18004242424"
        );
        assert!(form(&requests[1]).ends_with("&To=%2B18004242425"));
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let cases = [
            ("12345", json!(["18004242424"]), "From=12345&To=%2B18004242424"),
            ("18004242424", json!([]), "From=%2B18004242424&To=%2B18004242424"),
            (
                "w:18004242424",
                json!(["18004242425"]),
                "From=whatsapp%3A%2B18004242424&To=whatsapp%3A%2B18004242425",
            ),
            (
                "18004242424",
                json!(["w:18004242426"]),
                "From=whatsapp%3A%2B18004242424&To=whatsapp%3A%2B18004242426",
            ),
        ];
        for (from, to, expected) in cases {
            let requests = all_sent("twilio-sms", block(from, &to), &message());
            assert!(form(&requests[0]).ends_with(expected), "{}", form(&requests[0]));
        }
        for (from, to) in
            [("12345", json!([])), ("bad", json!(["18004242424"])), ("18004242424", json!(["x"]))]
        {
            let reason = refused("twilio-sms", block(from, &to), &message());
            assert!(reason.contains("valid"), "{reason}");
        }
    }
}
