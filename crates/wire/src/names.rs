//! Names of objects that appear in URLs and file paths.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, de};

/// A name without `/`, `%`, `&`, `>` or `<`, and not empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || text.contains(['/', '%', '&', '>', '<']) {
            return Err(de::Error::custom(
                "[string_pattern_mismatch] String should match pattern '^[^/%&><]+$'",
            ));
        }
        Ok(Self(text))
    }
}
