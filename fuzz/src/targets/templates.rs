use std::collections::BTreeMap;

use sluice_templating::{Model, Renderer, check};

use super::Target;

/// More than any template may write.
const LONGEST_TEXT: usize = 64 << 20;

pub(super) const TARGET: Target = Target {
    name: "templates",
    seeds: &[
        "Run {{ flow_run.name }} is {{ flow_run.state.name | upper }}",
        "{% for label, value in event.items() %}{{ loop.index }}: {{ value | tojson }}{% endfor %}",
        "{% if event.a is defined and event.b > 3 %}{{ event.list | join(', ') }}{% else %}none{% endif %}",
        "{% set n = namespace(x=0) %}{% for i in range(10) %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}",
        "{% macro line(a, b=2) %}{{ a ~ b }}{% endmacro %}{{ line('x') }}{{ line(1, b=[1, 2]) }}",
        "{% with a = [event.list] %}{% with a = [a, a] %}{{ a ~ '' }}{{ a == [a] }}{% endwith %}{% endwith %}",
        "{% macro twice(a, n) %}{% if n %}{{ twice([a, a], n - 1) }}{% else %}{{ a | string }}{% endif %}{% endmacro %}{{ twice(1, 9) }}",
        "{% raw %}{{ not this }}{% endraw %}{# nor this #}{{ event.text.split(' ')[-1] }}",
    ],
    words: &[
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{%-",
        "-%}",
        "for i in ",
        "range(100)",
        "endfor",
        "if ",
        "elif ",
        "else",
        "endif",
        "set ",
        "macro ",
        "endmacro",
        "filter ",
        "endfilter",
        "raw",
        "endraw",
        "with a = [a, a]",
        "endwith",
        "call m()",
        "endcall",
        "[a, a]",
        "{'k': a}",
        "dict(a=a)",
        "* 9999",
        "join(a)",
        "string",
        "list",
        "block x",
        "include 'a'",
        "| ",
        "tojson",
        "replace('a', 'b')",
        "center(900)",
        "truncate(9)",
        "batch(2)",
        "groupby('a')",
        "map('upper')",
        "sort",
        "unique",
        "slice(3)",
        "default(1)",
        "~",
        "**",
        "//",
        "in",
        "not",
        "is ",
        "defined",
        "lambda",
        "self",
        "__class__",
        "'x' * 1000000",
        "event",
        ".items()",
        ".split()",
        ".format(1)",
        "[::-1]",
        "namespace(a=1)",
        "(",
        ")",
        "caller()",
        "loop.index",
        "recursive",
        "loop(event)",
    ],
    run: |text| {
        let event = serde_json::json!({
            "a": 1, "b": 2.5, "text": "one two", "list": [1, "two", null, [3]], "none": null, "yes": true,
            "state": {"name": "Failed", "type": "FAILED"}, "name": "red-fox"
        });
        let event = Model::value("event", &event);
        let context = BTreeMap::from([("event".to_owned(), event.clone()), ("flow_run".to_owned(), event)]);
        let is_right = check(text).is_ok();
        let rendered = Renderer::new("http://ui", context).render(text);
        assert!(
            is_right || rendered.is_err() || !sluice_templating::uses_templates(text),
            "rendered what is wrong"
        );
        assert!(rendered.unwrap_or_default().len() < LONGEST_TEXT, "the text is too long");
    },
};
