use std::collections::HashMap;

use serde_json::Value;
use sluice_parameters::{
    Checks, HydrationContext, JobVariables, JsonObject, block_references, check_job_variables, find_all,
    hydrate_leniently, preprocess, validate,
};

use super::Target;

pub(super) const TARGET: Target = Target {
    name: "job-templates",
    seeds: &[
        r#"{"job_configuration":{"command":"{{ command }}","env":"{{ env }}","labels":{"a":"{{ name }}-{{ n }}"}},"variables":{"type":"object","required":["command"],"properties":{"command":{"type":"string","default":"x"},"env":{"type":"object","additionalProperties":{"type":"string"}},"n":{"type":"integer","minimum":1}},"definitions":{"a":{"enum":["b"]}}}}"#,
        r##"{"type":"object","properties":{"a":{"$ref":"#/definitions/a"},"b":{"anyOf":[{"type":"integer"},{"type":"null"}],"default":null},"c":{"type":"array","items":{"type":"string","pattern":"^a+$"},"prefixItems":[{"const":1}]}},"definitions":{"a":{"type":"object","properties":{"a":{"$ref":"#/definitions/a"}}}},"a":{"a":{}},"c":["aa"]}"##,
        r#"{"x":{"__prefect_kind":"jinja","template":"{{ 1 + 1 }}"},"y":{"__prefect_kind":"json","value":"[1]"},"z":{"__prefect_kind":"workspace_variable","variable_name":"v"},"variables":{"properties":{"x":{"default":{"$ref":{"block_document_id":"6f1e1b1a-6a0e-4a7e-9d5e-1f1b6c1d2e3f"}}}}}}"#,
    ],
    words: &[
        "\"$ref\":",
        "\"#\"",
        "\"#/definitions/a\"",
        "\"#/a\"",
        "\"allOf\":",
        "\"anyOf\":",
        "\"oneOf\":",
        "\"not\":",
        "\"if\":",
        "\"then\":",
        "\"properties\":",
        "\"patternProperties\":",
        "\"pattern\":",
        "\"(a+)+$\"",
        "\"enum\":",
        "\"default\":",
        "\"required\":",
        "\"type\":",
        "\"items\":",
        "\"uniqueItems\":true",
        "\"multipleOf\":0",
        "\"$dynamicRef\":",
        "\"$id\":",
        "\"http://x/y\"",
        "\"__prefect_kind\":",
        "\"jinja\"",
        "\"value\":",
        "\"position\":",
        "\"definitions\":",
        "\"$defs\":",
        "\"variables\":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "1e300",
    ],
    run: |text| {
        let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else { return };
        let variables = JobVariables {
            base_job_template: &object,
            layers: &[&object],
            ignores_required: false,
            ignores_invalid_defaults: true,
        };
        block_references(&object);
        let _ = check_job_variables(variables, &HashMap::new());
        let _ = find_all(&object, &object);
        let _ = validate(&object, &preprocess(&object, true), Checks::default());
        let context =
            HydrationContext { variables: HashMap::from([("v".to_owned(), Value::from(1))]), renderer: None };
        let _: JsonObject = hydrate_leniently(&object, &context).values;
    },
};
