//! What is to be told.

use sluice_wire::time::Timestamp;
use uuid::Uuid;

/// Where people see who sent a message: the name that the client's own senders use.
pub(crate) const SENDER: &str = "Prefect Notifications";

/// A message.
#[derive(Debug, Clone, Copy)]
pub struct Message<'m> {
    /// Its heading; may be empty.
    pub subject: &'m str,
    /// Its text.
    pub body: &'m str,
    /// Names the message: a second try has the same, so that a service that looks takes it once.
    pub id: Uuid,
    /// When it is sent.
    pub sent: Timestamp,
}

impl Message<'_> {
    /// Heading and text, for services that know no headings.
    pub(crate) fn joined(&self) -> String {
        match (self.subject, self.body) {
            ("", body) => body.to_owned(),
            (subject, "") => subject.to_owned(),
            (subject, body) => format!("{subject}\r\n{body}"),
        }
    }
}

/// The text, or its beginning with three dots when it has more than `most` characters: the service would refuse it.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(3)).collect();
    format!("{kept}...")
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_texts_are_shortened_by_characters() {
        for (text, most, expected) in
            [("abc", 3, "abc"), ("abcdef", 5, "ab..."), ("ééééé", 4, "é..."), ("", 0, "")]
        {
            assert_eq!(shortened(text, most), expected);
        }
    }
}
