//! What variables may hold. Values are shared, so a short template can make one that contains itself, or that doubles
//! with every line; whoever writes such a value out, or frees it, needs a stack or a time without end. Therefore
//! every `{% set %}` hands its value to a function that looks at it first and pays for what it finds.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, State, Value};

use crate::lexer;

/// The name of the function in the rewritten template.
const FUNCTION: &str = "__bounded";
/// How deep lists and mappings may stand in each other.
const DEEPEST: usize = 50;

/// Adds the function, also as a filter.
pub(crate) fn add_to_environment(environment: &mut Environment<'_>) {
    environment.add_function(FUNCTION, bounded);
    environment.add_filter(FUNCTION, bounded);
}

/// The template, which is right, with the value of each `{% set %}` given to the function. Lines stay where they are.
pub(crate) fn guard(template: &str) -> String {
    let mut guarded = String::with_capacity(template.len());
    let mut copied = 0;
    for (start, end) in lexer::set_blocks(template) {
        let block = &template[start..end];
        let Some(value) = block.find(|character: char| !belongs_to_target(character)) else { continue };
        let has_assignment = block[value..].starts_with('=');
        let value_start = start + value + usize::from(has_assignment);
        let (open, close) = if has_assignment { ("((", "))") } else { ("", "") };
        guarded.push_str(&template[copied..value_start]);
        if has_assignment {
            guarded.push(' ');
            guarded.push_str(FUNCTION);
        }
        guarded.push_str(open);
        guarded.push_str(&template[value_start..end]);
        guarded.push_str(close);
        if !has_assignment {
            guarded.push_str(" | ");
            guarded.push_str(FUNCTION);
        }
        guarded.push(' ');
        copied = end;
    }
    guarded.push_str(&template[copied..]);
    guarded
}

fn belongs_to_target(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "_.,()-+".contains(character)
}

fn bounded(state: &State<'_, '_>, value: Value) -> Result<Value, Error> {
    pay_for(state, &value)?;
    Ok(value)
}

/// Uses up fuel for every value inside this one; refuses what is too deep or could come to contain itself.
pub(crate) fn pay_for(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    let is_namespace =
        |value: &Value| value.as_object().is_some_and(|object| object.type_name().ends_with("::Namespace"));
    let mut waiting = vec![(value.clone(), 0)];
    while let Some((value, depth)) = waiting.pop() {
        state.consume_fuel(1)?;
        // A namespace in a list could be given the list.
        if depth > 0 && is_namespace(&value) {
            return Err(refused("a namespace cannot be part of another value"));
        }
        if !matches!(value.kind(), ValueKind::Seq | ValueKind::Map) {
            continue;
        }
        if depth == DEEPEST {
            return Err(refused("values are nested too deeply"));
        }
        for item in value.try_iter()? {
            if value.kind() == ValueKind::Map {
                waiting.push((value.get_item(&item)?, depth + 1));
            }
            waiting.push((item, depth + 1));
        }
    }
    Ok(())
}

fn refused(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, why)
}

#[cfg(test)]
mod tests {
    use super::guard;

    #[test]
    fn only_the_values_of_assignments_change() {
        let cases = [
            ("{% set a = 1 %}{{ a }}", "{% set a = __bounded(( 1 )) %}{{ a }}"),
            ("{%- set n.x=a == b -%}", "{%- set n.x= __bounded((a == b )) -%}"),
            ("{% set a, b = 1, '%}' %}", "{% set a, b = __bounded(( 1, '%}' )) %}"),
            ("{% set a %}x{% endset %}", "{% set a %}x{% endset %}"),
            ("{% set a | upper %}x{% endset %}", "{% set a | upper  | __bounded %}x{% endset %}"),
            ("{% raw %}{% set a = 1 %}{% endraw %}", "{% raw %}{% set a = 1 %}{% endraw %}"),
            ("{{ settings }}{% if set %}{% endif %}", "{{ settings }}{% if set %}{% endif %}"),
        ];
        for (template, expected) in cases {
            assert_eq!(guard(template), expected);
        }
    }
}
