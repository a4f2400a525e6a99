//! The sandbox that templates are rendered in.

use std::collections::BTreeMap;

use minijinja::machinery::{self, CodeGenerator};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use crate::{bounded, check, filters, guard, python, uses_templates};

/// The longest range of numbers.
const MOST_IN_RANGE: i64 = 100;
/// What a template may use up; an instruction costs one, and so do 64 bytes.
const FUEL: u64 = 500_000;

/// A template that failed while it was rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Failed to render template due to the following error: {error}")]
pub struct RenderError {
    /// Why.
    pub error: String,
    /// Which template.
    pub template: String,
}

/// Renders templates that all see the same values.
#[derive(Debug)]
pub struct Renderer {
    environment: Environment<'static>,
    context: Value,
}

impl Renderer {
    /// `ui_url` is where people look at things; what templates may name is in `context`.
    pub fn new(ui_url: &str, context: BTreeMap<String, Value>) -> Self {
        Self { environment: environment(ui_url), context: Value::from_pairs(context) }
    }

    /// The text of the template. What it names and nobody knows is empty.
    pub fn render(&self, template: &str) -> Result<String, RenderError> {
        if !uses_templates(template) {
            return Ok(template.to_owned());
        }
        let failed = |error: String| RenderError { error, template: template.to_owned() };
        check(template).map_err(|error| failed(error.to_string()))?;
        self.render_guarded(template).map_err(|error| {
            failed(
                error
                    .detail()
                    .map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind())),
            )
        })
    }

    /// As the engine renders a template, with the guard put in between reading and compiling it.
    fn render_guarded(&self, template: &str) -> Result<String, Error> {
        const NAME: &str = "<string>";
        let parsed = machinery::parse(template, NAME, SyntaxConfig::default())?;
        let mut generator = CodeGenerator::new(NAME, template);
        generator.compile_stmt(&guard::statement(&parsed));
        let (instructions, blocks) = generator.finish();
        let mut text = String::new();
        let mut output = machinery::make_string_output(&mut text);
        let context = self.context.clone();
        machinery::eval(&self.environment, &instructions, context, &blocks, &mut output, AutoEscape::None)?;
        Ok(text)
    }
}

impl Default for Renderer {
    /// For templates that see nothing.
    fn default() -> Self {
        Self::new("", BTreeMap::new())
    }
}

pub(crate) fn environment(ui_url: &str) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(|out, state, value| {
        bounded::pay_for(state, value)?;
        out.write_str(&python::to_text(value)).map_err(|_| Error::from(ErrorKind::WriteFailure))
    });
    minijinja_contrib::add_to_environment(&mut environment);
    environment.set_unknown_method_callback(method);
    environment.add_function("range", range);
    filters::add_to_environment(&mut environment, ui_url);
    bounded::add_to_environment(&mut environment);
    environment
}

fn range(first: i64, end: Option<i64>, step: Option<i64>) -> Result<Vec<i64>, Error> {
    let (start, end) = end.map_or((0, first), |end| (first, end));
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::new(ErrorKind::InvalidOperation, "range() arg 3 must not be zero"));
    }
    let span =
        if step > 0 { i128::from(end) - i128::from(start) } else { i128::from(start) - i128::from(end) };
    let length = (span.max(0) + i128::from(step).abs() - 1) / i128::from(step).abs();
    if length > i128::from(MOST_IN_RANGE) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!(
                "Range too big. The sandbox blocks ranges larger than MAX_TEMPLATE_RANGE={MOST_IN_RANGE}."
            ),
        ));
    }
    Ok((0..).map(|index: i64| start + index * step).take(usize::try_from(length).unwrap_or(0)).collect())
}

/// The methods of Python's texts, lists and dictionaries. Those that can make long texts pay for them first.
fn method(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    arguments: &[Value],
) -> Result<Value, Error> {
    let length = |value: Option<&Value>| value.and_then(Value::as_str).map_or(0, str::len);
    let bytes = match (method, value.as_str()) {
        ("replace", Some(text)) => {
            let old = arguments.first().and_then(Value::as_str).unwrap_or_default();
            let count = if old.is_empty() { text.len() + 1 } else { text.matches(old).count() };
            text.len().saturating_add(count.saturating_mul(length(arguments.get(1))))
        }
        ("join", Some(separator)) => {
            let mut bytes = 0_usize;
            if let Some(items) = arguments.first().and_then(|items| items.try_iter().ok()) {
                for item in items {
                    bytes = bytes.saturating_add(length(Some(&item))).saturating_add(separator.len());
                }
            }
            bytes
        }
        ("format", Some(_)) => {
            return Err(Error::new(ErrorKind::UnknownMethod, "use ~ to put texts together"));
        }
        (_, Some(text)) => text.len(),
        _ => value.len().unwrap_or(0),
    };
    state.consume_fuel(u64::try_from(bytes / 64).unwrap_or(u64::MAX))?;
    minijinja_contrib::pycompat::unknown_method_callback(state, value, method, arguments)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use minijinja::Value;
    use proptest::prelude::*;

    use super::Renderer;

    fn render(template: &str) -> Result<String, String> {
        let payload =
            serde_json::json!({"n": 1, "f": 2.0, "yes": true, "none": null, "l": [1, "a"], "s": "x y"});
        let context = BTreeMap::from([("p".to_owned(), Value::from(minijinja::value::Serde(payload)))]);
        Renderer::new("http://ui", context).render(template).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        let cases = [
            ("plain {", "plain {"),
            ("{{ 1 + 2 }}", "3"),
            ("{{ nothing.at.all }}|{{ p.missing }}", "|"),
            ("{{ p.n }} {{ p.f }} {{ p.yes }} {{ p.none }}", "1 2.0 True None"),
            ("{{ p.l }} {{ {'a': p.none} }}", "[1, 'a'] {'a': None}"),
            ("{{ p.l | tojson }}", "[1, \"a\"]"),
            ("{{ {'b': '<&>', 'a': true} | tojson }}", "{\"a\": true, \"b\": \"\\u003c\\u0026\\u003e\"}"),
            ("{{ p.get('n') }} {{ p['s'].split()[1] }} {{ p.s.upper() }}", "1 y X Y"),
            ("{% for k, v in p.items() %}{% if loop.first %}{{ k }}{% endif %}{% endfor %}", "n"),
            ("{% for i in range(3) %}{{ i }}{% endfor %}", "012"),
            (
                "{{ 'a flow-run/7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51 b' | flow_run_id }}",
                "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51",
            ),
            ("{{ '' | flow_run_id }}", "None"),
            (
                "{% set n = namespace(x=0) %}{% for i in range(4) %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}",
                "6",
            ),
            ("{% set a, b = 1, [2, {'c': 3}] %}{{ b }}", "[2, {'c': 3}]"),
        ];
        for (template, expected) in cases {
            assert_eq!(render(template).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn nothing_is_unbounded() {
        let doubling = "{% set a = 'xxxxxxxxxxxxxxxx' %}".to_owned() + &"{% set a = a ~ a %}".repeat(40);
        let doubling_list = "{% set a = [1] %}".to_owned() + &"{% set a = [a, a] %}".repeat(40) + "{{ a }}";
        let deep = "{% set a = [1] %}".to_owned() + &"{% set a = [a] %}".repeat(60) + "{{ a }}";
        let nested_with = "{% with a = [1] %}".to_owned()
            + &"{% with a = [a, a] %}".repeat(40)
            + "{{ a ~ '' }}"
            + &"{% endwith %}".repeat(41);
        let doubled = |step: &str, last: &str| {
            format!(
                "{{% macro f(a, n) %}}{{% if n %}}{{{{ f({step}, n - 1) }}}}{{% else %}}{{{{ {last} }}}}{{% endif %}}\
                 {{% endmacro %}}{{{{ f([1], 40) }}}}"
            )
        };
        let in_calls = [
            doubled("[a, a]", "a ~ ''"),
            doubled("(a, a)", "a | string"),
            doubled("{'a': a, 'b': a}", "a == 1"),
            doubled("dict(a=a, b=a)", "a is in [1]"),
            doubled("[a] * 2", "[a] | sort"),
            doubled("[a] + [a]", "{a: 1}"),
            doubled("[a, a] | list", "{}[a]"),
            doubled("{'a': a, 'b': a}.items() | list", "[a] | join"),
        ];
        let templates = [
            &nested_with,
            "{{ ([1] * 100000 * 100000) ~ '' }}",
            "{% for a in [[1, 1]] recursive %}{{ loop([[a, a]]) }}{% endfor %}",
            "{% macro __bounded(x) %}{% endmacro %}{% set a = [1] * 99999 %}{% set b = [a] * 99999 %}{{ b ~ '' }}",
            "{% set s = 'x' * 900000 %}{{ ([s] * 99999) ~ '' }}",
            "{% set s = 'x' * 900000 %}{{ ([s] * 99999) | join(s) }}",
            "{% set a = [1] * 90000 %}{% for i in range(100) %}{% for j in range(100) %}{{ a == a * 1 }}{% endfor %}{% endfor %}",
            "{% set n = namespace() %}{% with m = n %}{% set n.m = m %}{% endwith %}",
            "{% set n = namespace() %}{% set n.m = n %}",
            "{% set n = namespace() %}{% set n.m | default(n, true) %}{% endset %}",
            "{{ 'x\ny' | indent(1000000000) }}",
            "{{ [1] | batch(1000000000, 1) }}",
            "{{ [1] | slice(1000000000) }}",
            "{{ ('x,' * 9000).split(',') | map('replace', 'x', 'y' * 900000) | list }}",
            "{% for i in range(101) %}{% endfor %}",
            "{{ 'x' * 1000000000 }}",
            "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
            &doubling,
            &doubling_list,
            &deep,
            "{% set n = namespace(x=0) %}{% set n.x = n %}{{ n.x }}",
            "{% set n = namespace(x=0) %}{% set l = [n] %}{% set n.x = l %}{{ n.x }}",
            "{% set n = namespace(x=0) %}{% set n.x | default(n, true) %}{% endset %}{{ n.x }}",
            "{% set n = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(100) %}{% for j in range(100) %}\
             {% set n.s = n.s ~ n.s %}{% endfor %}{% endfor %}",
            "{{ ('x' * 90000).replace('x', 'x' * 90000) }}",
            "{{ ('x' * 9000000) | replace('x', 'yyyyyyyyyyyyyyyyyyyyyyyy') }}",
            "{{ '{:1000000000}'.format(1) }}",
            "{{ '%1000000000d' | format(1) }}",
            "{{ ('x' * 900000).join(p.s * 90000) }}",
        ];
        for template in templates.into_iter().chain(in_calls.iter().map(String::as_str)) {
            assert_eq!(crate::check(template), Ok(()), "{template}");
            assert!(render(template).is_err(), "{template}");
        }
    }

    #[test]
    fn what_is_guarded_means_the_same() {
        let cases = [
            (
                "{{ nothing is defined }} {{ nothing.x | default('d') }} {{ p.l[5] is undefined }}",
                "False d True",
            ),
            ("{{ 1 if p.l else 2 }} {{ p.missing or p.l }} {{ not p.l and 1 }}", "1 [1, 'a'] False"),
            (
                "{{ 1 < 2 < 3 }} {{ 'a' in p.l }} {{ 5 not in p.l }} {{ p.l == [1, 'a'] }}",
                "True True True True",
            ),
            (
                "{{ p.l + [2] }} {{ [0] * 2 }} {{ (1, 2) }} {{ -p.n }} {{ 2 ** 3 // 3 }}",
                "[1, 'a', 2] [0, 0] [1, 2] -1 2",
            ),
            ("{{ p.l[:1] }} {{ p.l[-1] }} {{ {1: {'b': 2}}[1].b }} {{ p.s ~ p.l }}", "[1] a 2 x y[1, 'a']"),
            ("{% filter upper | replace('X', p.s) %}x{% endfilter %}", "x y"),
            ("{% set t | upper %}{{ p.s }}{% endset %}{{ t }}", "X Y"),
            (
                "{% macro m(a, b=[1]) %}{{ a }}{{ b }}{{ caller() }}{% endmacro %}{% call m(1) %}in{% endcall %}",
                "1[1]in",
            ),
            (
                "{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1], **{'b': 2}) }}{{ m(b=3, a=4) }}",
                "1243",
            ),
            ("{% with a = p.n, b = a %}{{ b }}{% endwith %}", "1"),
            (
                "{% for a in [1, [2, [3]]] recursive %}{% if a is iterable %}{{ loop(a) }}{% else %}{{ a }}{% endif %}{% endfor %}",
                "123",
            ),
            (
                "{% for i in range(4) if i % 2 %}{{ loop.cycle('a', 'b') }}{{ loop.changed(i) }}{% else %}none{% endfor %}",
                "aTruebTrue",
            ),
            ("{% for a, b in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}{% do range(1) %}x\n", "12x"),
        ];
        for (template, expected) in cases {
            assert_eq!(render(template).as_deref(), Ok(expected), "{template}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Whatever is written: it is refused or rendered, and both end.
        #[test]
        fn no_template_harms(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14)) {
            let template = pieces.concat();
            let is_right = crate::check(&template).is_ok();
            let rendered = render(&template);
            prop_assert!(is_right || rendered.is_err() || !crate::uses_templates(&template));
            prop_assert!(rendered.unwrap_or_default().len() < 64 << 20);
        }

        #[test]
        fn no_text_harms(text in "[{}%#'\"a-z0-9 |~.()\\[\\]+*-é]{0,60}") {
            let is_right = crate::check(&text).is_ok();
            prop_assert!(is_right || render(&text).is_err() || !crate::uses_templates(&text));
        }
    }

    const PIECES: &[&str] = &[
        "{{ p }}",
        "{{ p.l * 1000 }}",
        "{% for i in range(100) %}",
        "{% for k in p %}",
        "{% endfor %}",
        "{% if p.n %}",
        "{% endif %}",
        "{% set a = p.s %}",
        "{% set a = a ~ a %}",
        "{{ a | tojson }}",
        "{{ p | tojson(16) }}",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{% raw %}",
        "{% endraw %}",
        "{% set n = namespace(x='y') %}",
        "{% set n.x = n.x * 50 %}",
        "{{ a.replace('x', a) }}",
        "{{ a.join(p) }}",
        "{{ p.s | center(900) }}",
        "{% macro m() %}",
        "{% endmacro %}",
        "{{ m() }}",
        "{% filter upper %}",
        "{% endfilter %}",
        "text ",
        "'",
        "é",
        "{{ p.l | sort | join(a) }}",
        "{{ p.missing.deep | default(a) }}",
    ];
}
