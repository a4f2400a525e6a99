//! A look at the tokens of a template: where its blocks are, and the first character that no token begins with.
//! The parser finds every mistake; this names a wrong character as the reference does.

/// What is in a template.
pub(crate) struct Found<'t> {
    /// The first word of each `{% %}`.
    pub(crate) blocks: Vec<&'t str>,
    /// A character that cannot stand where it does, its position in characters, and its line.
    pub(crate) unexpected: Option<(char, usize, usize)>,
}

/// As Python writes a character.
pub(crate) fn quoted(character: char) -> String {
    if character == '\'' { "\"'\"".to_owned() } else { format!("'{character}'") }
}

pub(crate) fn scan(template: &str) -> Found<'_> {
    let mut found = Found { blocks: Vec::new(), unexpected: None };
    let mut at = 0;
    while let Some(open) = template[at..].find('{').map(|offset| at + offset) {
        let rest = &template[open..];
        if rest.starts_with("{#") {
            let Some(end) = rest.find("#}") else { return found };
            at = open + end + 2;
        } else if rest.starts_with("{{") || rest.starts_with("{%") {
            let close = if rest.starts_with("{{") { "}}" } else { "%}" };
            let start = open + 2;
            let word = first_word(&template[start..]);
            if close == "%}" && !word.is_empty() {
                found.blocks.push(word);
            }
            match expression(template, start, close) {
                End::Closed(end) => at = end,
                End::Unexpected(place) => {
                    let before = &template[..place];
                    let line = before.matches('\n').count() + 1;
                    let character = template[place..].chars().next().unwrap_or_default();
                    found.unexpected = Some((character, before.chars().count(), line));
                    return found;
                }
                End::Open => return found,
            }
            if word == "raw" && close == "%}" {
                match end_of_raw(&template[at..]) {
                    Some(end) => at += end,
                    None => return found,
                }
            }
        } else {
            at = open + 1;
        }
    }
    found
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start_matches(['-', '+']).trim_start();
    let end = text.find(|character: char| !(character.is_alphanumeric() || character == '_'));
    &text[..end.unwrap_or(text.len())]
}

/// Where the text after `{% raw %}` ends: at its `{% endraw %}`.
fn end_of_raw(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(open) = text[at..].find("{%").map(|offset| at + offset) {
        if first_word(&text[open + 2..]) == "endraw" {
            return text[open..].find("%}").map(|end| open + end + 2);
        }
        at = open + 2;
    }
    None
}

enum End {
    Closed(usize),
    Unexpected(usize),
    Open,
}

/// Reads the tokens from `start` to `close`.
fn expression(template: &str, start: usize, close: &str) -> End {
    let mut open_braces = 0_usize;
    let mut at = start;
    while let Some(character) = template[at..].chars().next() {
        let rest = &template[at..];
        if rest.starts_with(close) && (close == "%}" || open_braces == 0) {
            return End::Closed(at + close.len());
        }
        match character {
            '\'' | '"' => match end_of_string(rest, character) {
                Some(end) => at += end,
                None => return End::Unexpected(at),
            },
            '{' => {
                open_braces += 1;
                at += 1;
            }
            '}' => {
                open_braces = open_braces.saturating_sub(1);
                at += 1;
            }
            '!' if rest.starts_with("!=") => at += 2,
            _ if character.is_whitespace() || character.is_alphanumeric() => at += character.len_utf8(),
            '_' | '+' | '-' | '/' | '*' | '%' | '~' | '[' | ']' | '(' | ')' | '=' | '<' | '>' | '.' | ':'
            | '|' | ',' | ';' => at += 1,
            _ => return End::Unexpected(at),
        }
    }
    End::Open
}

fn end_of_string(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (position, character) in text.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' {
            is_escaped = true;
        } else if character == quote {
            return Some(position + character.len_utf8());
        }
    }
    None
}
