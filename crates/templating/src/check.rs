//! Whether a text is a template that may be used, told without rendering it.

use crate::environment::environment;
use crate::lexer::{self, Found};

/// How many loops a template may have.
const MOST_LOOPS: usize = 10;
/// How deep loops may stand in each other.
const DEEPEST_LOOPS: usize = 2;

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// In which line, counted from 1; 0 when it is the template as a whole.
    pub line: usize,
    /// For people.
    pub message: String,
}

/// Whether a text has anything of a template in it.
pub fn uses_templates(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Says what is wrong with the template: its syntax, or too many or too deep loops.
pub fn check(template: &str) -> Result<(), TemplateError> {
    let Found { blocks, unexpected, .. } = lexer::scan(template);
    if let Some((character, position, line)) = unexpected {
        let message = format!("unexpected char {} at {position}", lexer::quoted(character));
        return Err(TemplateError { line, message });
    }
    environment("").template_from_str(template).map_err(|error| TemplateError {
        line: error.line().unwrap_or(1),
        message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    })?;
    let (mut loops, mut depth, mut deepest) = (0, 0_usize, 0);
    for block in blocks {
        match block {
            "for" => {
                loops += 1;
                depth += 1;
                deepest = deepest.max(depth);
            }
            "endfor" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if loops > MOST_LOOPS {
        return Err(TemplateError {
            line: 0,
            message: format!(
                "Contains {loops} for loops. Templates can contain no more than {MOST_LOOPS} for loops."
            ),
        });
    }
    if deepest > DEEPEST_LOOPS {
        return Err(TemplateError {
            line: 0,
            message: format!(
                "Contains nested for loops at a depth of {deepest}. Templates can nest for loops no more than \
                 {DEEPEST_LOOPS} loops deep."
            ),
        });
    }
    Ok(())
}

/// Which of `names` the template mentions: what has to be read before it is rendered.
pub fn names_in<'n>(template: &str, names: &[&'n str]) -> Vec<&'n str> {
    let environment = environment("");
    let Ok(parsed) = environment.template_from_str(template) else { return Vec::new() };
    let mentioned = parsed.undeclared_variables(false);
    names.iter().copied().filter(|name| mentioned.contains(*name)).collect()
}

#[cfg(test)]
mod tests {
    use super::{check, names_in};

    #[test]
    fn templates_are_checked() {
        let nested = "{% for a in b %}{%- for c in d %}{% for e in f %}{% endfor %}{% endfor %}{% endfor %}";
        let many = "{% for a in b %}{% endfor %}".repeat(11);
        let cases = [
            ("{{ hello }} world!", None),
            ("no template { at } all", None),
            ("{{ a['b c'] ~ \"d\" }}{# it's #}{% raw %}{{ ' {% endraw %}", None),
            ("{% for a in b %}{% for c in d %}{% endfor %}{% endfor %}{% for e in f %}{% endfor %}", None),
            (
                "1 - {{ hello }} world!\n2 - oops, this {{ ain't } gonna work\n3 - this is fine",
                Some((2, "unexpected char \"'\" at 44")),
            ),
            ("{{ a ? b }}", Some((1, "unexpected char '?' at 5"))),
            ("{{ 1 + }}", Some((1, "unexpected"))),
            ("{% for %}", Some((1, "unexpected"))),
            ("{% nonsense %}", Some((1, "unknown statement"))),
            ("{{ a", Some((1, "unexpected"))),
            (nested, Some((0, "at a depth of 3"))),
            (&many, Some((0, "Contains 11 for loops"))),
        ];
        for (template, expected) in cases {
            match (check(template), expected) {
                (Ok(()), None) => {}
                (Err(error), Some((line, message))) => {
                    assert_eq!(error.line, line, "{template}: {error}");
                    assert!(error.message.contains(message), "{template}: {error}");
                }
                (outcome, expected) => panic!("{template}: {outcome:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn what_a_template_needs_is_known_before() {
        let names = ["flow", "flow_run", "variables"];
        assert_eq!(
            names_in("{{ flow.name }} {{ event.id }} {% if variables.x %}{% endif %}", &names),
            ["flow", "variables"]
        );
        assert!(names_in("flow_run", &names).is_empty());
    }
}
