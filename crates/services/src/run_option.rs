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
    /// Whether anybody looks after the run, if it says so.
    pub switch: Option<bool>,
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
            switch: switch.map(|text| !text.trim().eq_ignore_ascii_case("false")),
            after: seconds.filter(|seconds: &f64| *seconds > 0.0).map(TimeDelta::from_secs_f64),
        }
    }

    /// This, and where it says nothing, what `parent` says.
    pub(crate) fn or(self, parent: Self) -> Self {
        Self { switch: self.switch.or(parent.switch), after: self.after.or(parent.after) }
    }

    /// Whether the run asks to be looked after, from its beginning.
    pub(crate) fn is_asked_for(self) -> bool {
        self.is_on() && (self.switch.is_some() || self.after.is_some())
    }

    /// Whether anybody looks after the run: unless it says no.
    pub(crate) fn is_on(self) -> bool {
        self.switch.unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sluice_wire::time::TimeDelta;

    use super::RunOption;

    /// Labels, tags, and what they say.
    type Case = (Value, &'static [&'static str], Option<bool>, Option<f64>);

    #[test]
    fn labels_and_tags_say_whether_and_when() {
        let cases: [Case; 10] = [
            (json!({}), &[], None, None),
            (json!({"sluice.zombie-detection": false}), &[], Some(false), None),
            (json!({"sluice.zombie-detection": "False"}), &[], Some(false), None),
            (json!({"sluice.zombie-detection": true}), &["sluice.zombie-detection=false"], Some(true), None),
            (json!({}), &["other", "sluice.zombie-detection=false"], Some(false), None),
            (json!({"sluice.zombie-after-seconds": 300}), &[], None, Some(300.0)),
            (json!({"sluice.zombie-after-seconds": "2.5"}), &[], None, Some(2.5)),
            (json!({}), &["sluice.zombie-after-seconds=20"], None, Some(20.0)),
            (json!({"sluice.zombie-after-seconds": "soon"}), &["sluice.zombie-after-seconds=20"], None, None),
            (json!({"sluice.zombie-after-seconds": 0, "sluice.stranded-detection": false}), &[], None, None),
        ];
        for (labels, tags, switch, after) in cases {
            let label = format!("{labels} {tags:?}");
            let labels = serde_json::from_value(labels).expect("labels");
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let expected = RunOption { switch, after: after.map(TimeDelta::from_secs_f64) };
            assert_eq!(RunOption::read("zombie", &labels, &tags), expected, "{label}");
        }
    }

    #[test]
    fn what_a_run_does_not_say_its_parent_may() {
        let option =
            |switch, after: Option<i64>| RunOption { switch, after: after.map(TimeDelta::from_secs) };
        let parent = option(Some(false), Some(60));
        assert_eq!(option(None, None).or(parent), parent);
        assert_eq!(option(Some(true), None).or(parent), option(Some(true), Some(60)));
        assert!(option(None, None).is_on() && !parent.is_on());
        let asked = [(None, None), (Some(true), None), (None, Some(9)), (Some(false), Some(9))]
            .map(|(switch, after)| option(switch, after).is_asked_for());
        assert_eq!(asked, [false, true, true, false]);
    }
}
