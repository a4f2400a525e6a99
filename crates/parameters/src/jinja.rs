//! Templates in parameters, in a sandbox: no loaders, chainable undefined values, bounded work.

use minijinja::{Environment, UndefinedBehavior};

const MOST_LOOPS: usize = 10;
const DEEPEST_LOOPS: usize = 2;
/// Instructions that one template may run.
const FUEL: u64 = 100_000;

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment
}

/// What is wrong with the template, if anything: its syntax, or too many or too deep loops.
pub(crate) fn check(template: &str) -> Result<(), String> {
    environment().template_from_str(template).map_err(|error| describe(&error))?;
    let (loops, depth) = count_loops(template);
    if loops > MOST_LOOPS {
        return Err(format!(
            "Contains {loops} for loops. Templates can contain no more than {MOST_LOOPS} for loops."
        ));
    }
    if depth > DEEPEST_LOOPS {
        return Err(format!(
            "Contains nested for loops at a depth of {depth}. Templates can nest for loops no more than \
             {DEEPEST_LOOPS} loops deep."
        ));
    }
    Ok(())
}

/// The text of the template, which finds no values but its own.
pub(crate) fn render(template: &str) -> Result<String, String> {
    if !template.contains("{{") && !template.contains("{%") {
        return Ok(template.to_owned());
    }
    environment().render_str(template, ()).map_err(|error| {
        format!("Failed to render template due to the following error: {}", describe(&error))
    })
}

fn describe(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}

/// How many loops there are, and how deep the deepest is.
fn count_loops(template: &str) -> (usize, usize) {
    let (mut loops, mut depth, mut deepest) = (0, 0_usize, 0);
    for block in template.split("{%").skip(1) {
        let word = block.trim_start_matches(['-', '+']).split_whitespace().next().unwrap_or_default();
        match word.trim_end_matches(['-', '+', '%', '}']) {
            "for" => {
                loops += 1;
                depth += 1;
                deepest = deepest.max(depth);
            }
            "endfor" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (loops, deepest)
}

#[cfg(test)]
mod tests {
    use super::{check, render};

    #[test]
    fn renders_expressions_and_leaves_text_alone() {
        for (template, expected) in
            [("{{ 1 + 2 }}", "3"), ("{{ nothing.at.all }}", ""), ("plain {", "plain {")]
        {
            assert_eq!(render(template).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn refuses_bad_syntax_and_too_many_loops() {
        let nested = "{% for a in b %}{%- for c in d %}{% for e in f %}{% endfor %}{% endfor %}{% endfor %}";
        let many = "{% for a in b %}{% endfor %}".repeat(11);
        for (template, expected) in
            [("{{ 1 + }}", "unexpected"), (nested, "depth of 3"), (&many, "Contains 11 for loops")]
        {
            let error = check(template).expect_err(template);
            assert!(error.contains(expected), "{template}: {error}");
        }
        assert!(check("{% for a in b %}{% for c in d %}{% endfor %}{% endfor %}").is_ok());
    }

    #[test]
    fn work_is_bounded() {
        assert!(
            render("{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}")
                .is_err()
        );
    }
}
