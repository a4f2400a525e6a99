//! The difference between a field that was left out and one that was set to null.

use serde::{Deserialize, Deserializer};

/// A field of a PATCH body. `#[serde(default)]` makes a missing field [`Patch::Absent`].
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Patch<T> {
    /// The field was not sent: leave what is stored.
    #[default]
    Absent,
    /// The field was sent as `null`: clear what is stored.
    Null,
    /// The field was sent with a value.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field was sent at all.
    pub fn is_set(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// `None` when absent; `Some(None)` when null; `Some(Some(_))` with a value.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// As [`Patch::into_option`], by reference.
    pub fn as_option(&self) -> Option<Option<&T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// The value, when one was sent.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<T>::deserialize(deserializer)? {
            Some(value) => Self::Value(value),
            None => Self::Null,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Patch;

    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(default)]
        field: Patch<i64>,
    }

    #[test]
    fn absent_null_and_value_are_told_apart() {
        let cases =
            [("{}", Patch::Absent), (r#"{"field":null}"#, Patch::Null), (r#"{"field":3}"#, Patch::Value(3))];
        for (text, expected) in cases {
            let body: Body = serde_json::from_str(text).expect("the body is valid");
            assert_eq!(body.field, expected, "{text}");
        }
    }
}
