//! Filters and sorts of every object as conditions of SQL.
