//! Docstrings: what a function says of itself and, in Google's style, of its parameters.

use std::collections::HashMap;

use ruff_python_ast::{Expr, Stmt};

/// The docstring of a body, cleaned as `inspect.getdoc` does. Empty ones count as none.
pub(crate) fn of_body(body: &[Stmt]) -> Option<String> {
    let Stmt::Expr(first) = body.first()? else { return None };
    let Expr::StringLiteral(literal) = &*first.value else { return None };
    Some(clean(literal.value.to_str())).filter(|text| !text.is_empty())
}

/// Takes away the indentation that all lines but the first share, and empty lines at both ends.
fn clean(text: &str) -> String {
    let text = expand_tabs(text);
    let mut lines: Vec<&str> = text.split('\n').collect();
    let indentation = lines
        .iter()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    for (index, line) in lines.iter_mut().enumerate() {
        *line = if index == 0 { line.trim_start() } else { line.get(indentation..).unwrap_or("") };
    }
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !line.is_empty()).map_or(first, |at| at + 1);
    lines.get(first..last).unwrap_or_default().join("\n")
}

fn expand_tabs(text: &str) -> String {
    if !text.contains('\t') {
        return text.to_owned();
    }
    let mut expanded = String::new();
    let mut column = 0;
    for character in text.chars() {
        match character {
            '\t' => {
                let width = 8 - column % 8;
                expanded.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\n' => {
                expanded.push('\n');
                column = 0;
            }
            other => {
                expanded.push(other);
                column += 1;
            }
        }
    }
    expanded
}

/// What the last `Args:` section of a cleaned docstring says of each parameter.
pub(crate) fn parameters(docstring: &str) -> HashMap<String, String> {
    let lines: Vec<&str> = docstring.lines().map(str::trim_end).collect();
    let mut found = HashMap::new();
    let mut at = 0;
    let mut in_code = false;
    while at < lines.len() {
        let line = lines[at];
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if !in_code && is_title(line) && stands_alone(&lines, at) {
            let (section, next) = items(&lines, at + 1);
            if !section.is_empty() {
                found = section.into_iter().filter_map(|item| described(&item)).collect();
            }
            at = next;
        } else {
            at += 1;
        }
    }
    found
}

fn is_title(line: &str) -> bool {
    let Some((title, rest)) = line.split_once(':') else { return false };
    let is_known = ["args", "arguments", "params", "parameters"].contains(&title.to_lowercase().as_str());
    is_known && (rest.is_empty() || rest.starts_with(' '))
}

/// A section has an empty line above it, and its first item directly below its title.
fn stands_alone(lines: &[&str], at: usize) -> bool {
    let is_above = at == 0 || lines[at - 1].is_empty();
    is_above && lines.get(at + 1).is_some_and(|line| line.starts_with(' '))
}

/// The items of a section that starts at a line: their lines, without the indentation. And where it ends.
fn items(lines: &[&str], mut at: usize) -> (Vec<Vec<String>>, usize) {
    let indentation = lines.get(at).map_or(0, |line| line.len() - line.trim_start().len());
    let mut items: Vec<Vec<String>> = Vec::new();
    if indentation == 0 {
        return (items, at);
    }
    while let Some(line) = lines.get(at) {
        let depth = line.len() - line.trim_start().len();
        let text = if line.is_empty() {
            ""
        } else if depth >= 2 * indentation {
            line.get(2 * indentation..).unwrap_or("")
        } else if depth > indentation {
            line.trim_start()
        } else if depth == indentation {
            items.push(vec![line.trim_start().to_owned()]);
            at += 1;
            continue;
        } else {
            break;
        };
        if let Some(item) = items.last_mut() {
            item.push(text.to_owned());
        }
        at += 1;
    }
    (items, at)
}

/// `name (type): what it is`, as name and description.
fn described(item: &[String]) -> Option<(String, String)> {
    let (name, first) = item.first()?.split_once(':')?;
    let name = name.split(' ').next().unwrap_or(name);
    let mut lines = vec![first.trim_start()];
    lines.extend(item.iter().skip(1).map(String::as_str));
    Some((name.to_owned(), lines.join("\n").trim_end_matches('\n').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{clean, parameters};

    #[test]
    fn docstrings_are_cleaned_as_python_does() {
        for (text, expected) in [
            ("One line.", "One line."),
            ("\n    Starts below.\n\n      More.\n    ", "Starts below.\n\n  More."),
            ("   First.\n\tTabbed.\n", "First.\nTabbed."),
            ("\n\n", ""),
        ] {
            assert_eq!(clean(text), expected);
        }
    }

    #[test]
    fn parameters_are_described_in_their_section() {
        let text = "\
Does it.

Args:
    a: The a
        goes on
    b (str, optional): Has: a colon
      odd

    c: Last.

Returns:
    d: not a parameter
";
        let found = parameters(text);
        assert_eq!(found["a"], "The a\ngoes on");
        assert_eq!(found["b"], "Has: a colon\nodd");
        assert_eq!(found["c"], "Last.");
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn what_only_looks_like_a_section_is_text() {
        for text in
            ["Text\nArgs:\n    a: b", "Args:\n\n    a: b", "Args:\na: b", "```\n\nArgs:\n    a: b\n```"]
        {
            assert!(parameters(text).is_empty(), "{text}");
        }
    }
}
