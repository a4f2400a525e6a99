//! The query language of text searches over events and logs: words of which one must occur, `-word` or `!word`
//! that must not occur, `+word` that must; `"several words"` count as one. Case does not matter.

use serde::{Deserialize, Deserializer, Serialize, de};

/// How many characters a query may have.
const MAX_QUERY_LENGTH: usize = 200;

/// A text search, read and ready to be applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextSearch {
    /// As it was written.
    pub query: String,
    /// Lower-case words of which at least one must occur, when there are any.
    pub include: Vec<String>,
    /// Lower-case words none of which may occur.
    pub exclude: Vec<String>,
    /// Lower-case words all of which must occur.
    pub required: Vec<String>,
}

impl TextSearch {
    /// Reads a query. There is no query that cannot be read: an open quote ends with the text, a lone sign means
    /// nothing.
    pub fn parse(query: &str) -> Self {
        let mut search = Self { query: query.to_owned(), ..Self::default() };
        let mut rest = query.trim_start();
        while let Some(first) = rest.chars().next() {
            let sign = matches!(first, '-' | '!' | '+').then_some(first);
            if sign.is_some() {
                rest = &rest[1..];
                if rest.starts_with(char::is_whitespace) || rest.is_empty() {
                    rest = rest.trim_start();
                    continue;
                }
            }
            let word = match rest.strip_prefix('"') {
                Some(quoted) => take_phrase(quoted, &mut rest),
                None => {
                    let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
                    let word = rest[..end].to_owned();
                    rest = &rest[end..];
                    word
                }
            };
            rest = rest.trim_start();
            if word.trim().is_empty() {
                continue;
            }
            let words = match sign {
                Some('+') => &mut search.required,
                Some(_) => &mut search.exclude,
                None => &mut search.include,
            };
            words.push(word.to_lowercase());
        }
        search
    }

    /// Whether the search finds something in which `occurs` says what occurs. It is given lower-case words.
    pub fn finds(&self, occurs: impl Fn(&str) -> bool) -> bool {
        let occurs = |word: &String| occurs(word);
        (self.include.is_empty() || self.include.iter().any(occurs))
            && !self.exclude.iter().any(occurs)
            && self.required.iter().all(occurs)
    }
}

/// Reads up to the closing quote; a backslash takes the meaning from a quote or a backslash.
fn take_phrase<'q>(quoted: &'q str, rest: &mut &'q str) -> String {
    let mut phrase = String::new();
    let mut characters = quoted.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => {
                *rest = &quoted[position + 1..];
                return phrase;
            }
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => phrase.push(escaped),
                Some((_, other)) => phrase.extend(['\\', other]),
                None => phrase.push('\\'),
            },
            other => phrase.push(other),
        }
    }
    *rest = "";
    phrase
}

impl<'de> Deserialize<'de> for TextSearch {
    /// Reads `{"query": "..."}`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            #[serde(deserialize_with = "query")]
            query: String,
        }
        Written::deserialize(deserializer).map(|written| Self::parse(&written.query))
    }
}

fn query<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let query = String::deserialize(deserializer)?;
    if query.chars().count() > MAX_QUERY_LENGTH {
        return Err(de::Error::custom(format!(
            "[string_too_long] String should have at most {MAX_QUERY_LENGTH} characters"
        )));
    }
    Ok(query)
}

impl Serialize for TextSearch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut written = serializer.serialize_struct("TextSearch", 1)?;
        written.serialize_field("query", &self.query)?;
        written.end()
    }
}

#[cfg(test)]
mod tests {
    use super::TextSearch;

    #[test]
    fn reads_words_signs_and_phrases() {
        type Words = &'static [&'static str];
        let cases: [(&str, Words, Words, Words); 12] = [
            ("", &[], &[], &[]),
            ("   ", &[], &[], &[]),
            ("Error warning", &["error", "warning"], &[], &[]),
            ("error -debug !trace", &["error"], &["debug", "trace"], &[]),
            ("+needed other", &["other"], &[], &["needed"]),
            (r#""connection timeout""#, &["connection timeout"], &[], &[]),
            (r#"-"not this" "#, &[], &["not this"], &[]),
            ("- debug", &["debug"], &[], &[]),
            (r#""say \"hi\" \\ \n""#, &[r#"say "hi" \ \n"#], &[], &[]),
            (r#""open phrase"#, &["open phrase"], &[], &[]),
            (r#"a"b c"d"#, &["a", "b c", "d"], &[], &[]),
            (r#"flow-run "" é"#, &["flow-run", "é"], &[], &[]),
        ];
        for (query, include, exclude, required) in cases {
            let search = TextSearch::parse(query);
            assert_eq!(
                (search.include, search.exclude, search.required),
                (words(include), words(exclude), words(required)),
                "{query}"
            );
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn applies_all_three_kinds_of_words() {
        let cases = [
            ("error", "an error", true),
            ("error timeout", "a timeout", true),
            ("error", "fine", false),
            ("error -debug", "error in debug", false),
            ("+error +timeout", "error", false),
            ("+error +timeout", "timeout error", true),
            ("-debug", "anything", true),
        ];
        for (query, text, expected) in cases {
            assert_eq!(
                TextSearch::parse(query).finds(|word| text.contains(word)),
                expected,
                "{query}: {text}"
            );
        }
    }
}
