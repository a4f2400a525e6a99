//! JSON that is passed on as text, without building a tree.

mod escapes;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Any JSON value, kept as its text. Cheap to read from a database and to write to a client.
#[derive(Clone)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Checks that `text` is JSON.
    pub fn from_text(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }

    /// Writes `value` as JSON.
    pub fn from_value<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// `null`.
    pub fn null() -> Self {
        Self(RawValue::NULL.to_owned())
    }

    /// `{}`.
    pub fn empty_object() -> Self {
        Self::parse_constant("{}")
    }

    /// `[]`.
    pub fn empty_list() -> Self {
        Self::parse_constant("[]")
    }

    fn parse_constant(text: &'static str) -> Self {
        RawValue::from_string(text.to_owned()).map_or_else(|_| Self::null(), Self)
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        self.text() == "null"
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// The text.
    pub fn into_text(self) -> String {
        String::from(Box::<str>::from(self.0))
    }

    /// The same without what PostgreSQL keeps in no JSON, although clients send it: escaped NULs are left out, halves of
    /// surrogate pairs become U+FFFD.
    pub fn without_odd_escapes(&self) -> Cow<'_, Self> {
        let clean = escapes::cleaned(self.text()).and_then(|text| Self::from_text(text).ok());
        clean.map_or(Cow::Borrowed(self), Cow::Owned)
    }

    /// Reads the text as `T`.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.text())
    }
}

impl Default for RawJson {
    fn default() -> Self {
        Self::null()
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

impl PartialEq for RawJson {
    /// Equal as JSON: white space and the order of keys do not count.
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
            || match (self.parse::<serde_json::Value>(), other.parse::<serde_json::Value>()) {
                (Ok(left), Ok(right)) => left == right,
                _ => false,
            }
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

/// Reads an object and keeps it as text: `#[serde(deserialize_with = "json::object")]`.
pub fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RawJson, D::Error> {
    let json = RawJson::deserialize(deserializer)?;
    if json.text().starts_with('{') {
        Ok(json)
    } else {
        Err(serde::de::Error::custom("[dict_type] Input should be a valid dictionary"))
    }
}

/// As [`object`], in an `Option` that is `None` only when the field is absent (with `#[serde(default)]`).
pub fn some_object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RawJson>, D::Error> {
    object(deserializer).map(Some)
}

/// Reads a list of objects and keeps it as text; `null` is `None`.
pub fn optional_list_of_objects<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<RawJson>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Object(#[serde(deserialize_with = "object")] RawJson);

    let Some(items) = Option::<Vec<Object>>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let items: Vec<&RawJson> = items.iter().map(|Object(item)| item).collect();
    RawJson::from_value(&items).map(Some).map_err(serde::de::Error::custom)
}

/// As [`object`]; `null` is `None`.
pub fn optional_object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RawJson>, D::Error> {
    let json = RawJson::deserialize(deserializer)?;
    if json.is_null() {
        return Ok(None);
    }
    if json.text().starts_with('{') {
        Ok(Some(json))
    } else {
        Err(serde::de::Error::custom("[dict_type] Input should be a valid dictionary"))
    }
}
