//! Variables: named JSON values of a workspace.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::filters::{Page, VariableFilter};
use crate::ids::VariableId;
use crate::json::RawJson;
use crate::patch::Patch;
use crate::sorting::VariableSort;
use crate::time::Timestamp;

const MOST_NAME_CHARACTERS: usize = 255;
const MOST_VALUE_BYTES: usize = 5_000;

/// A variable, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    pub id: VariableId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub value: RawJson,
    pub tags: Vec<String>,
}

/// Body of `POST /variables/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableCreate {
    pub name: VariableName,
    pub value: VariableValue,
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Body of `PATCH /variables/{id}` and `PATCH /variables/name/{name}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableUpdate {
    #[serde(default)]
    pub name: Patch<VariableName>,
    /// `null` is a value like any other.
    #[serde(default)]
    pub value: Patch<VariableValue>,
    #[serde(default)]
    pub tags: Patch<Vec<String>>,
}

/// Body of `POST /variables/filter` and `POST /variables/count`.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Fields")]
pub struct VariableFilterRequest {
    pub variables: Option<VariableFilter>,
    pub sort: VariableSort,
    pub page: Page,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    variables: Option<VariableFilter>,
    #[serde(default)]
    sort: Option<VariableSort>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "crate::filters::at_least::<0, _>")]
    offset: Option<i64>,
}

impl From<Fields> for VariableFilterRequest {
    fn from(fields: Fields) -> Self {
        Self {
            variables: fields.variables,
            sort: fields.sort.unwrap_or_default(),
            page: Page { limit: fields.limit, offset: fields.offset.unwrap_or(0), page: 1 },
        }
    }
}

/// Lower-case letters, digits, `-` and `_`, at most 255 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableName(String);

impl VariableName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for VariableName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if !name.bytes().all(is_allowed) {
            return Err(de::Error::custom(
                "Variable name must only contain lowercase letters, numbers, and dashes or underscores.",
            ));
        }
        if name.len() > MOST_NAME_CHARACTERS {
            return Err(de::Error::custom(format!(
                "[too_long] Value should have at most {MOST_NAME_CHARACTERS} items after validation, not {}",
                name.len()
            )));
        }
        Ok(Self(name))
    }
}

/// Any JSON of at most 5,000 bytes, without white space.
#[derive(Debug, Clone, PartialEq)]
pub struct VariableValue(pub RawJson);

impl<'de> Deserialize<'de> for VariableValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = RawJson::deserialize(deserializer)?;
        if value.text().len() > MOST_VALUE_BYTES {
            let compact = value.parse::<serde_json::Value>().map_err(de::Error::custom)?.to_string();
            if compact.len() > MOST_VALUE_BYTES {
                return Err(de::Error::custom(format!(
                    "Variable value must be less than {MOST_VALUE_BYTES} characters"
                )));
            }
        }
        Ok(Self(value))
    }
}

#[cfg(test)]
mod tests {
    use super::{VariableCreate, VariableUpdate};
    use crate::patch::Patch;

    #[test]
    fn names_and_values_are_bounded() {
        let cases = [
            (r#"{"name":"a_b-1","value":null}"#.to_owned(), true),
            (r#"{"name":"A","value":1}"#.to_owned(), false),
            (r#"{"name":"a b","value":1}"#.to_owned(), false),
            (r#"{"name":"a"}"#.to_owned(), false),
            (format!(r#"{{"name":"{}","value":1}}"#, "a".repeat(255)), true),
            (format!(r#"{{"name":"{}","value":1}}"#, "a".repeat(256)), false),
            (format!(r#"{{"name":"a","value":"{}"}}"#, "x".repeat(4_998)), true),
            (format!(r#"{{"name":"a","value":"{}"}}"#, "x".repeat(4_999)), false),
            (format!(r#"{{"name":"a","value":[1,{}2]}}"#, " ".repeat(6_000)), true),
        ];
        for (text, is_valid) in cases {
            assert_eq!(serde_json::from_str::<VariableCreate>(&text).is_ok(), is_valid, "{text}");
        }
    }

    #[test]
    fn an_update_to_null_is_told_from_no_update() {
        let update: VariableUpdate = serde_json::from_str(r#"{"value":null}"#).expect("valid");
        assert_eq!(update.value, Patch::Null);
        let update: VariableUpdate = serde_json::from_str("{}").expect("valid");
        assert_eq!(update.value, Patch::Absent);
    }
}
