//! One value type for the parameters and the columns of both databases.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sluice_wire::ids;
use sluice_wire::json::RawJson;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use crate::{Result, StoreError};

/// A parameter or a column. SQLite stores ids as 16 bytes, times as microseconds and JSON as text; PostgreSQL
/// has a type for each.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL null.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text.
    Text(String),
    /// An id.
    Uuid(Uuid),
    /// A point in time.
    Time(Timestamp),
    /// JSON, as its text.
    Json(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Marks a parameter or a column as JSON of type `T`.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: Serialize> From<Json<T>> for Value {
    fn from(Json(value): Json<T>) -> Self {
        // Only maps with keys that are no strings cannot be written, and the wire has none.
        serde_json::to_string(&value).map_or(Self::Null, Self::Json)
    }
}

impl From<RawJson> for Value {
    fn from(json: RawJson) -> Self {
        Self::Json(json.into_text())
    }
}

impl From<&RawJson> for Value {
    fn from(json: &RawJson) -> Self {
        Self::Json(json.text().to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! into_value {
    ($($from:ty => |$value:ident| $to:expr),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )+};
}

into_value! {
    bool => |value| Self::Bool(value),
    i64 => |value| Self::Int(value),
    i32 => |value| Self::Int(value.into()),
    u32 => |value| Self::Int(value.into()),
    f64 => |value| Self::Float(value),
    &str => |value| Self::Text(value.to_owned()),
    &String => |value| Self::Text(value.clone()),
    String => |value| Self::Text(value),
    Uuid => |value| Self::Uuid(value),
    Timestamp => |value| Self::Time(value),
    TimeDelta => |value| Self::Int(value.as_micros()),
    Vec<u8> => |value| Self::Bytes(value),
}

/// A Rust type that a column can be read as.
pub trait FromValue: Sized {
    /// Converts, or says what was found instead.
    fn from_value(value: Value) -> Result<Self>;
}

pub(crate) fn unexpected<T>(expected: &str, found: &Value) -> Result<T> {
    Err(StoreError::Corrupt(format!("expected {expected}, found {found:?}")))
}

impl FromValue for Value {
    fn from_value(value: Value) -> Result<Self> {
        Ok(value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bool(truth) => Ok(truth),
            Value::Int(number) => Ok(number != 0),
            other => unexpected("a truth value", &other),
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Int(number) => Ok(number),
            other => unexpected("an integer", &other),
        }
    }
}

impl FromValue for i32 {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value)?
            .try_into()
            .map_err(|_| StoreError::Corrupt("an integer is too large".to_owned()))
    }
}

impl FromValue for f64 {
    #[expect(clippy::cast_precision_loss, reason = "sums of SQLite may come as integers")]
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Float(number) => Ok(number),
            Value::Int(number) => Ok(number as f64),
            other => unexpected("a float", &other),
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Text(text) | Value::Json(text) => Ok(text),
            other => unexpected("text", &other),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => unexpected("bytes", &other),
        }
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Uuid(id) => Ok(id),
            Value::Bytes(bytes) => {
                Uuid::from_slice(&bytes).map_err(|error| StoreError::Corrupt(error.to_string()))
            }
            other => unexpected("an id", &other),
        }
    }
}

impl FromValue for Timestamp {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Time(time) => Ok(time),
            Value::Int(micros) => Ok(Self::from_micros(micros)),
            other => unexpected("a time", &other),
        }
    }
}

impl FromValue for TimeDelta {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Self::from_micros)
    }
}

impl FromValue for RawJson {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Json(text) | Value::Text(text) => {
                Self::from_text(text).map_err(|error| StoreError::Corrupt(error.to_string()))
            }
            other => unexpected("JSON", &other),
        }
    }
}

impl<T: DeserializeOwned> FromValue for Json<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Json(text) | Value::Text(text) => serde_json::from_str(&text)
                .map(Json)
                .map_err(|error| StoreError::Corrupt(format!("{error} in stored JSON"))),
            other => unexpected("JSON", &other),
        }
    }
}

/// Tags and other lists of words are stored as JSON.
impl FromValue for Vec<String> {
    fn from_value(value: Value) -> Result<Self> {
        Json::from_value(value).map(|Json(words)| words)
    }
}

impl From<&[String]> for Value {
    fn from(words: &[String]) -> Self {
        Self::from(Json(words))
    }
}

impl From<&Vec<String>> for Value {
    fn from(words: &Vec<String>) -> Self {
        Self::from(Json(words))
    }
}

macro_rules! id_values {
    ($($name:ident),+ $(,)?) => {$(
        impl From<ids::$name> for Value {
            fn from(id: ids::$name) -> Self {
                Self::Uuid(id.0)
            }
        }

        impl FromValue for ids::$name {
            fn from_value(value: Value) -> Result<Self> {
                Uuid::from_value(value).map(Self)
            }
        }
    )+};
}

id_values!(
    ArtifactId,
    AutomationId,
    BlockDocumentId,
    BlockSchemaId,
    BlockTypeId,
    ConcurrencyLimitId,
    DeploymentId,
    EventId,
    FlowId,
    FlowRunId,
    IncidentId,
    LeaseId,
    LogId,
    SavedSearchId,
    ScheduleId,
    StateId,
    TaskRunId,
    VariableId,
    WorkPoolId,
    WorkQueueId,
    WorkerId,
    WorkspaceId,
);

/// Builds the parameters of a static statement: `params![workspace, id, name]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::Value::from($value)),*]
    };
}
