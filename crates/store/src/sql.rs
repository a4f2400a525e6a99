//! Statements that are put together at run time, such as filters.

use crate::{Dialect, Value};

/// A statement in the making: text with `?1`, `?2`, ... and the values behind them.
#[derive(Debug)]
pub struct Sql {
    dialect: Dialect,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// Starts with `text`.
    pub fn new(dialect: Dialect, text: &str) -> Self {
        Self { dialect, text: text.to_owned(), values: Vec::new() }
    }

    /// The database that the statement is for.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Appends text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a parameter.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        use std::fmt::Write;
        self.values.push(value.into());
        // Writing to a String cannot fail.
        let _ = write!(self.text, "?{}", self.values.len());
        self
    }

    /// Appends parameters with commas between them. An empty list becomes `NULL`, which no value is in.
    pub fn bind_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        let mut is_first = true;
        for value in values {
            if !is_first {
                self.push(", ");
            }
            is_first = false;
            self.bind(value);
        }
        if is_first {
            self.push("NULL");
        }
        self
    }

    pub(crate) fn into_parts(self) -> (String, Vec<Value>) {
        (self.text, self.values)
    }
}
