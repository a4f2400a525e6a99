//! Rows, read in the order of the statement's column list.

use crate::{FromValue, Result, StoreError, Value};

/// A row of a result.
#[derive(Debug, Clone)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// Reads the columns from the first on.
    pub fn columns(self) -> Columns {
        Columns(self.0.into_iter())
    }

    /// The first column.
    pub fn scalar<T: FromValue>(self) -> Result<T> {
        self.columns().take()
    }
}

/// The columns of a row that were not read yet.
#[derive(Debug)]
pub struct Columns(std::vec::IntoIter<Value>);

impl Columns {
    /// Reads the next column.
    pub fn take<T: FromValue>(&mut self) -> Result<T> {
        let value =
            self.0.next().ok_or_else(|| StoreError::Corrupt("the row has fewer columns".to_owned()))?;
        T::from_value(value)
    }

    /// The columns that were not read yet, as a row.
    pub fn rest(self) -> Row {
        Row(self.0.collect())
    }
}
