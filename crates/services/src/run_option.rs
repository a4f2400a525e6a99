//! What the author of a deployment says about its runs, in labels or tags.

use serde_json::Value;
use sluice_wire::labels::KeyValueLabels;
use sluice_wire::time::TimeDelta;

/// What a run says about being looked after.
///
/// Runs take the labels and the tags of their deployment when they are made. `sluice.zombie-detection` is `false` to
/// switch it off, `sluice.zombie-after-seconds` a number of seconds; as a tag, `sluice.zombie-detection=false`. Labels
/// are stronger than tags. What cannot be read says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunOption {
    /// Whether anybody looks after the run.
    pub is_on: bool,
    /// After how long, whatever the server's settings say.
    pub after: Option<TimeDelta>,
}

impl RunOption {
    /// Reads `sluice.<name>-detection` and `sluice.<name>-after-seconds`.
    pub(crate) fn read(name: &str, labels: &KeyValueLabels, tags: &[String]) -> Self {
        let value = |key: String| match labels.get(&key) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
            None => tags.iter().find_map(|tag| Some(tag.strip_prefix(&key)?.strip_prefix('=')?.to_owned())),
        };
        let switch = value(format!("sluice.{name}-detection"));
        let seconds = value(format!("sluice.{name}-after-seconds")).and_then(|text| text.trim().parse().ok());
        Self {
            is_on: !switch.is_some_and(|text| text.trim().eq_ignore_ascii_case("false")),
            after: seconds.filter(|seconds: &f64| *seconds > 0.0).map(TimeDelta::from_secs_f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sluice_wire::time::TimeDelta;

    use super::RunOption;

    #[test]
    fn labels_and_tags_say_whether_and_when() {
        let cases: [(Value, &[&str], bool, Option<f64>); 10] = [
            (json!({}), &[], true, None),
            (json!({"sluice.zombie-detection": false}), &[], false, None),
            (json!({"sluice.zombie-detection": "False"}), &[], false, None),
            (json!({"sluice.zombie-detection": true}), &["sluice.zombie-detection=false"], true, None),
            (json!({}), &["other", "sluice.zombie-detection=false"], false, None),
            (json!({"sluice.zombie-after-seconds": 300}), &[], true, Some(300.0)),
            (json!({"sluice.zombie-after-seconds": "2.5"}), &[], true, Some(2.5)),
            (json!({}), &["sluice.zombie-after-seconds=20"], true, Some(20.0)),
            (json!({"sluice.zombie-after-seconds": "soon"}), &["sluice.zombie-after-seconds=20"], true, None),
            (json!({"sluice.zombie-after-seconds": 0, "sluice.stranded-detection": false}), &[], true, None),
        ];
        for (labels, tags, is_on, after) in cases {
            let label = format!("{labels} {tags:?}");
            let labels = serde_json::from_value(labels).expect("labels");
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let expected = RunOption { is_on, after: after.map(TimeDelta::from_secs_f64) };
            assert_eq!(RunOption::read("zombie", &labels, &tags), expected, "{label}");
        }
    }
}
