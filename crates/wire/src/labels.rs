//! Labels that people give to flows, deployments and runs: keys with numbers, truth values or texts.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

/// Labels in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct KeyValueLabels(Map<String, Value>);

impl KeyValueLabels {
    /// These labels and those of `stronger`, which wins where both have a key.
    #[must_use]
    pub fn merged_with(mut self, stronger: &Self) -> Self {
        for (key, value) in &stronger.0 {
            self.0.insert(key.clone(), value.clone());
        }
        self
    }

    /// Sets one label.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The value of a label that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// Takes one label away.
    pub fn remove(&mut self, key: &str) {
        self.0.shift_remove(key);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for KeyValueLabels {
    /// `null` is the same as `{}`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let labels = Option::<Map<String, Value>>::deserialize(deserializer)?.unwrap_or_default();
        let is_label = |value: &Value| matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_));
        match labels.iter().find(|(_, value)| !is_label(value)) {
            Some((key, _)) => {
                Err(de::Error::custom(format!("[string_type] Input should be a valid string: label {key}")))
            }
            None => Ok(Self(labels)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KeyValueLabels;

    fn labels(text: &str) -> Option<KeyValueLabels> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn values_are_texts_numbers_and_truth_values() {
        assert!(labels(r#"{"a": "x", "b": 1, "c": 0.5, "d": true}"#).is_some());
        assert_eq!(labels("null"), Some(KeyValueLabels::default()));
        for wrong in [r#"{"a": null}"#, r#"{"a": []}"#, r#"{"a": {}}"#, "[]"] {
            assert!(labels(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_stronger_labels_win() {
        let weak = labels(r#"{"a": 1, "b": 1}"#).expect("labels");
        let strong = labels(r#"{"b": 2, "c": 2}"#).expect("labels");
        assert_eq!(Some(weak.merged_with(&strong)), labels(r#"{"a": 1, "b": 2, "c": 2}"#));
    }
}
