use serde::{Deserialize, Deserializer, Serialize, de};

use super::{AnyAndNullFilter, AnyFilter, Operator, TimeFilter};
use crate::ids::{FlowRunId, TaskRunId};

const MOST_CHARACTERS: usize = 200;

/// Which log lines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub level: Option<LevelFilter>,
    #[serde(default)]
    pub timestamp: Option<TimeFilter>,
    #[serde(default)]
    pub flow_run_id: Option<AnyFilter<FlowRunId>>,
    #[serde(default)]
    pub task_run_id: Option<AnyAndNullFilter<TaskRunId>>,
    #[serde(default)]
    pub text: Option<TextSearchFilter>,
}

/// The level lies in a range; both ends belong to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelFilter {
    #[serde(default)]
    pub ge_: Option<i64>,
    #[serde(default)]
    pub le_: Option<i64>,
}

/// A search in message and logger name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSearchFilter {
    #[serde(deserialize_with = "short_text")]
    pub query: String,
}

fn short_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.chars().count() > MOST_CHARACTERS {
        return Err(de::Error::custom("[string_too_long] String should have at most 200 characters"));
    }
    Ok(text)
}

/// A query taken apart. Words are alternatives, `-word` and `!word` must not appear, `+word` must; quotes make a
/// phrase of several words, in which `\"` and `\\` stand for `"` and `\`. Upper and lower case are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextSearch {
    /// One of these must appear, unless there are none.
    pub include: Vec<String>,
    /// None of these may appear.
    pub exclude: Vec<String>,
    /// All of these must appear.
    pub required: Vec<String>,
}

impl TextSearch {
    /// Takes `query` apart; every text is a query.
    pub fn parse(query: &str) -> Self {
        let mut search = Self::default();
        let mut rest = query.trim_start();
        while let Some(first) = rest.chars().next() {
            let prefix = if matches!(first, '-' | '!' | '+') {
                rest = &rest[1..];
                if rest.chars().next().is_none_or(char::is_whitespace) {
                    rest = rest.trim_start();
                    continue;
                }
                Some(first)
            } else {
                None
            };
            let term;
            if let Some(quoted) = rest.strip_prefix('"') {
                (term, rest) = phrase(quoted);
            } else {
                let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
                term = rest[..end].to_owned();
                rest = &rest[end..];
            }
            if !term.trim().is_empty() {
                let list = match prefix {
                    Some('-' | '!') => &mut search.exclude,
                    Some(_) => &mut search.required,
                    None => &mut search.include,
                };
                list.push(term.to_lowercase());
            }
            rest = rest.trim_start();
        }
        search
    }

    /// Whether a log line with this message and logger is looked for.
    pub fn includes(&self, message: &str, logger: &str) -> bool {
        let text = format!("{message} {logger}").to_lowercase();
        let appears = |term: &String| text.contains(term.as_str());
        (self.include.is_empty() || self.include.iter().any(appears))
            && !self.exclude.iter().any(appears)
            && self.required.iter().all(appears)
    }
}

/// The phrase up to the closing quote (or the end), and what follows.
fn phrase(text: &str) -> (String, &str) {
    let mut phrase = String::new();
    let mut characters = text.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => return (phrase, &text[position + 1..]),
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => phrase.push(escaped),
                Some((_, other)) => phrase.extend(['\\', other]),
                None => phrase.push('\\'),
            },
            other => phrase.push(other),
        }
    }
    (phrase, "")
}

#[cfg(test)]
mod tests {
    use super::TextSearch;

    #[test]
    fn queries_are_taken_apart_as_in_the_reference() {
        let cases: [(&str, [&[&str]; 3]); 8] = [
            ("", [&[], &[], &[]]),
            ("Error timeout", [&["error", "timeout"], &[], &[]]),
            ("error -debug !trace +db", [&["error"], &["debug", "trace"], &["db"]]),
            (r#""connection timeout" -"a b""#, [&["connection timeout"], &["a b"], &[]]),
            (r#""say \"hi\" \n""#, [&[r#"say "hi" \n"#], &[], &[]]),
            (r#""open phrase"#, [&["open phrase"], &[], &[]]),
            ("- error", [&["error"], &[], &[]]),
            (r#"word"phrase""#, [&["word", "phrase"], &[], &[]]),
        ];
        for (query, [include, exclude, required]) in cases {
            let search = TextSearch::parse(query);
            assert_eq!(search.include, include, "{query}");
            assert_eq!(search.exclude, exclude, "{query}");
            assert_eq!(search.required, required, "{query}");
        }
    }

    #[test]
    fn a_line_is_included_by_message_or_logger() {
        let search = TextSearch::parse("error -debug");
        assert!(search.includes("An ERROR", "prefect.flow_runs"));
        assert!(search.includes("fine", "error.logger"));
        assert!(!search.includes("error in debug", "x"));
        assert!(!search.includes("fine", "x"));
    }
}
