//! Where the two databases differ.

/// Which SQL a statement is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded default.
    Sqlite,
    /// PostgreSQL 14 or newer.
    Postgres,
}

impl Dialect {
    /// What locks the rows that a SELECT found until the transaction ends. SQLite has one writer: nothing to lock.
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// As [`Dialect::for_update`], passing over rows that another transaction holds.
    pub fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// The case-insensitive LIKE.
    pub fn ilike(self) -> &'static str {
        match self {
            Self::Sqlite => "LIKE",
            Self::Postgres => "ILIKE",
        }
    }

    /// Turns the types of the schema's one source into those of this database.
    pub(crate) fn schema(self, source: &str) -> String {
        let types: &[(&str, &str)] = match self {
            Self::Sqlite => &[
                ("{uuid}", "BLOB"),
                ("{time}", "INTEGER"),
                ("{json}", "TEXT"),
                ("{bool}", "INTEGER"),
                ("{int}", "INTEGER"),
                ("{float}", "REAL"),
                ("{bytes}", "BLOB"),
                ("{true}", "1"),
                ("{false}", "0"),
                ("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
                ("{reused_serial}", "INTEGER PRIMARY KEY"),
                ("{event_key}", "id BLOB NOT NULL UNIQUE, position INTEGER PRIMARY KEY AUTOINCREMENT"),
                ("{xid}", "INTEGER"),
                ("{clustered}", " WITHOUT ROWID"),
            ],
            Self::Postgres => &[
                ("{uuid}", "uuid"),
                ("{time}", "timestamptz"),
                ("{json}", "jsonb"),
                ("{bool}", "boolean"),
                ("{int}", "bigint"),
                ("{float}", "double precision"),
                ("{bytes}", "bytea"),
                ("{true}", "true"),
                ("{false}", "false"),
                ("{serial}", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
                ("{reused_serial}", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
                ("{event_key}", "id uuid PRIMARY KEY"),
                ("{xid}", "bigint DEFAULT (CAST(CAST(pg_current_xact_id() AS text) AS bigint))"),
                ("{clustered}", ""),
            ],
        };
        types.iter().fold(source.to_owned(), |text, (name, replacement)| text.replace(name, replacement))
    }
}

/// Turns `?3` into `$3`.
pub(crate) fn postgres_placeholders(text: &str) -> String {
    text.replace('?', "$")
}
