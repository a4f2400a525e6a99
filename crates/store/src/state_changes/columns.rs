//! State types in columns.

use sluice_wire::states::StateType;

use crate::{FromValue, Result, StoreError, Value};

impl From<StateType> for Value {
    fn from(state_type: StateType) -> Self {
        Self::Text(state_type.as_str().to_owned())
    }
}

impl FromValue for StateType {
    fn from_value(value: Value) -> Result<Self> {
        String::from_value(value)?.parse().map_err(|error| StoreError::Corrupt(format!("{error}")))
    }
}
