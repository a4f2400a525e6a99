//! When an automation fires.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::events::filter::{OneOrMany, ResourceSpecification, pattern_matches};
use crate::events::{Labels, RESOURCE_ID, RESOURCE_ROLE, ReceivedEvent};
use crate::time::TimeDelta;

const LEAST_PROACTIVE: TimeDelta = TimeDelta::from_secs(10);
const LEAST_METRIC: TimeDelta = TimeDelta::from_secs(300);
/// Triggers inside triggers: deeper ones are not read.
const DEEPEST: usize = 16;

/// When an automation fires.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Trigger {
    /// Events happen, or fail to happen.
    Event(EventTrigger),
    /// Other triggers fire, in any order.
    Compound(CompoundTrigger),
    /// Other triggers fire, in their order.
    Sequence(SequenceTrigger),
    /// A measure of flow runs crosses a threshold.
    Metric(MetricTrigger),
}

/// What a trigger responds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Posture {
    /// The presence of events.
    Reactive,
    /// The absence of events.
    Proactive,
    /// A measure.
    Metric,
}

impl Posture {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reactive => "Reactive",
            Self::Proactive => "Proactive",
            Self::Metric => "Metric",
        }
    }
}

/// Fires when enough events happened, or too few.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventTrigger {
    /// Chosen by the server.
    pub id: Uuid,
    /// What the event's own resource is like.
    pub r#match: ResourceSpecification,
    /// What is involved besides: each must find a related resource.
    pub match_related: OneOrMany<ResourceSpecification>,
    /// Events that must come first, with wildcards. Empty: it is ready from the start.
    pub after: BTreeSet<String>,
    /// Events that count, with wildcards. Empty: every event.
    pub expect: BTreeSet<String>,
    /// Labels for whose values it counts separately: of the event's resource, or `related:<role>:<label>`.
    pub for_each: BTreeSet<String>,
    /// Reactive or Proactive.
    pub posture: Posture,
    /// How many events.
    pub threshold: i64,
    /// Over which time.
    pub within: TimeDelta,
}

/// Fires when some of its triggers fired.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompoundTrigger {
    /// Chosen by the server.
    pub id: Uuid,
    /// At least one, as a rule.
    pub triggers: Vec<Trigger>,
    /// Over which time; none: any.
    pub within: Option<TimeDelta>,
    /// How many of them.
    pub require: Require,
}

/// How many triggers of a compound trigger must fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Require {
    /// `any` or `all`.
    Word(RequireWord),
    /// So many.
    Number(i64),
}

/// `any` or `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequireWord {
    /// One.
    Any,
    /// All.
    All,
}

/// Fires when all of its triggers fired in their order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SequenceTrigger {
    /// Chosen by the server.
    pub id: Uuid,
    /// In order.
    pub triggers: Vec<Trigger>,
    /// Over which time; none: any.
    pub within: Option<TimeDelta>,
}

/// Fires when a measure crosses its threshold for long enough, and when it comes back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricTrigger {
    /// Chosen by the server.
    pub id: Uuid,
    /// Of which flow runs.
    pub r#match: ResourceSpecification,
    /// What they belong to.
    pub match_related: OneOrMany<ResourceSpecification>,
    /// Always [`Posture::Metric`].
    pub posture: Posture,
    /// What is measured.
    pub metric: MetricQuery,
}

/// What is measured, and what is too much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricQuery {
    /// What.
    pub name: Metric,
    /// Compared with the measure.
    pub threshold: f64,
    /// How it is compared.
    pub operator: MetricOperator,
    /// How far back flow runs are looked at, at least 300 seconds.
    #[serde(default = "five_minutes", deserialize_with = "metric_range")]
    pub range: TimeDelta,
    /// For how long it must be so, at least 300 seconds.
    #[serde(default = "five_minutes", deserialize_with = "metric_range")]
    pub firing_for: TimeDelta,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// The average time between a run's expected and actual start, in seconds.
    Lateness,
    /// The average time that a run took, in seconds.
    Duration,
    /// The share of ended runs that completed, from 0 to 1.
    Successes,
}

/// How a measure is compared with its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetricOperator {
    /// Below.
    #[serde(rename = "<")]
    Below,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// Above.
    #[serde(rename = ">")]
    Above,
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
}

impl MetricOperator {
    /// Whether the threshold is crossed.
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Below => value < threshold,
            Self::AtMost => value <= threshold,
            Self::Above => value > threshold,
            Self::AtLeast => value >= threshold,
        }
    }
}

impl Trigger {
    /// Its id.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Event(trigger) => trigger.id,
            Self::Compound(trigger) => trigger.id,
            Self::Sequence(trigger) => trigger.id,
            Self::Metric(trigger) => trigger.id,
        }
    }

    /// Its type, as it is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Compound(_) => "compound",
            Self::Sequence(_) => "sequence",
            Self::Metric(_) => "metric",
        }
    }

    /// What it responds to, unless it consists of others.
    pub fn posture(&self) -> Option<Posture> {
        match self {
            Self::Event(trigger) => Some(trigger.posture),
            Self::Metric(trigger) => Some(trigger.posture),
            Self::Compound(_) | Self::Sequence(_) => None,
        }
    }

    /// The triggers that it consists of.
    pub fn children(&self) -> &[Self] {
        match self {
            Self::Compound(trigger) => &trigger.triggers,
            Self::Sequence(trigger) => &trigger.triggers,
            Self::Event(_) | Self::Metric(_) => &[],
        }
    }

    /// Gives it and all below new ids.
    pub(super) fn reset_ids(&mut self) {
        let children = match self {
            Self::Event(trigger) => {
                trigger.id = Uuid::new_v4();
                return;
            }
            Self::Metric(trigger) => {
                trigger.id = Uuid::new_v4();
                return;
            }
            Self::Compound(trigger) => {
                trigger.id = Uuid::new_v4();
                &mut trigger.triggers
            }
            Self::Sequence(trigger) => {
                trigger.id = Uuid::new_v4();
                &mut trigger.triggers
            }
        };
        children.iter_mut().for_each(Self::reset_ids);
    }

    fn from_fields(mut fields: Map<String, Value>, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST {
            return Err(format!("triggers are nested more than {DEEPEST} deep"));
        }
        let kind = match fields.remove("type") {
            Some(Value::String(kind)) => kind,
            Some(_) => return Err("[literal_error] Input should be 'event'".to_owned()),
            None => inferred_kind(&fields).to_owned(),
        };
        match kind.as_str() {
            "event" => event(fields).map(Self::Event),
            "compound" => compound(fields, depth).map(Self::Compound),
            "sequence" => sequence(fields, depth).map(Self::Sequence),
            "metric" => metric(fields).map(Self::Metric),
            _ => {
                Err("[literal_error] Input should be 'event', 'compound', 'sequence' or 'metric'".to_owned())
            }
        }
    }
}

/// The type may be left out: the fields tell.
fn inferred_kind(fields: &Map<String, Value>) -> &'static str {
    if fields.contains_key("require") {
        "compound"
    } else if fields.contains_key("triggers") {
        "sequence"
    } else if fields.contains_key("metric") {
        "metric"
    } else {
        "event"
    }
}

impl<'de> Deserialize<'de> for Trigger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::<String, Value>::deserialize(deserializer)?;
        Self::from_fields(fields, 0).map_err(de::Error::custom)
    }
}

fn read<T: for<'de> Deserialize<'de>>(fields: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
struct EventFields {
    #[serde(default = "Uuid::new_v4")]
    id: Uuid,
    #[serde(default)]
    r#match: ResourceSpecification,
    #[serde(default = "no_specification")]
    match_related: OneOrMany<ResourceSpecification>,
    #[serde(default)]
    after: BTreeSet<String>,
    #[serde(default)]
    expect: BTreeSet<String>,
    #[serde(default)]
    for_each: BTreeSet<String>,
    posture: EventPosture,
    #[serde(default = "one")]
    threshold: i64,
    #[serde(default, deserialize_with = "within")]
    within: TimeDelta,
}

#[derive(Deserialize)]
enum EventPosture {
    Reactive,
    Proactive,
}

fn no_specification() -> OneOrMany<ResourceSpecification> {
    OneOrMany::One(ResourceSpecification::default())
}

fn one() -> i64 {
    1
}

fn five_minutes() -> TimeDelta {
    LEAST_METRIC
}

fn within<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeDelta, D::Error> {
    let within = Option::<TimeDelta>::deserialize(deserializer)?
        .ok_or_else(|| de::Error::custom("`within` should be a valid timedelta"))?;
    if within < TimeDelta::default() {
        return Err(de::Error::custom(
            "[greater_than_equal] Input should be greater than or equal to 0 seconds",
        ));
    }
    Ok(within)
}

fn metric_range<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeDelta, D::Error> {
    let range = TimeDelta::deserialize(deserializer)?;
    if range < LEAST_METRIC {
        return Err(de::Error::custom("The minimum range is 300 seconds (5 minutes)"));
    }
    Ok(range)
}

fn event(fields: Map<String, Value>) -> Result<EventTrigger, String> {
    let fields: EventFields = read(fields)?;
    let (posture, within) = match fields.posture {
        EventPosture::Reactive => (Posture::Reactive, fields.within),
        EventPosture::Proactive if fields.within == TimeDelta::default() => {
            (Posture::Proactive, LEAST_PROACTIVE)
        }
        EventPosture::Proactive if fields.within < LEAST_PROACTIVE => {
            return Err(
                "`within` for Proactive triggers must be greater than or equal to 10 seconds".to_owned()
            );
        }
        EventPosture::Proactive => (Posture::Proactive, fields.within),
    };
    Ok(EventTrigger {
        id: fields.id,
        r#match: fields.r#match,
        match_related: fields.match_related,
        after: fields.after,
        expect: fields.expect,
        for_each: fields.for_each,
        posture,
        threshold: fields.threshold,
        within,
    })
}

#[derive(Deserialize)]
struct CompositeFields {
    #[serde(default = "Uuid::new_v4")]
    id: Uuid,
    triggers: Vec<Map<String, Value>>,
    // Must be there, and may be null.
    #[serde(deserialize_with = "nullable")]
    within: Option<TimeDelta>,
    #[serde(default)]
    require: Option<Value>,
}

fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TimeDelta>, D::Error> {
    Option::deserialize(deserializer)
}

fn children(triggers: Vec<Map<String, Value>>, depth: usize) -> Result<Vec<Trigger>, String> {
    triggers.into_iter().map(|fields| Trigger::from_fields(fields, depth + 1)).collect()
}

fn compound(fields: Map<String, Value>, depth: usize) -> Result<CompoundTrigger, String> {
    let fields: CompositeFields = read(fields)?;
    let require = match fields.require {
        None => return Err("missing field `require`".to_owned()),
        Some(Value::String(word)) if word == "any" => Require::Word(RequireWord::Any),
        Some(Value::String(word)) if word == "all" => Require::Word(RequireWord::All),
        Some(Value::Number(number)) if number.is_i64() => Require::Number(number.as_i64().unwrap_or(0)),
        Some(_) => return Err("[literal_error] Input should be 'any' or 'all'".to_owned()),
    };
    let triggers = children(fields.triggers, depth)?;
    if let Require::Number(number) = require {
        if number < 1 {
            return Err("require must be at least 1".to_owned());
        }
        if i64::try_from(triggers.len()).is_ok_and(|count| number > count) {
            return Err("require must be less than or equal to the number of triggers".to_owned());
        }
    }
    Ok(CompoundTrigger { id: fields.id, triggers, within: fields.within, require })
}

fn sequence(fields: Map<String, Value>, depth: usize) -> Result<SequenceTrigger, String> {
    let fields: CompositeFields = read(fields)?;
    let triggers = children(fields.triggers, depth)?;
    Ok(SequenceTrigger { id: fields.id, triggers, within: fields.within })
}

#[derive(Deserialize)]
struct MetricFields {
    #[serde(default = "Uuid::new_v4")]
    id: Uuid,
    #[serde(default)]
    r#match: ResourceSpecification,
    #[serde(default = "no_specification")]
    match_related: OneOrMany<ResourceSpecification>,
    metric: MetricQuery,
}

fn metric(fields: Map<String, Value>) -> Result<MetricTrigger, String> {
    if fields.get("posture").is_some_and(|posture| posture != "Metric") {
        return Err("[literal_error] Input should be 'Metric'".to_owned());
    }
    let fields: MetricFields = read(fields)?;
    Ok(MetricTrigger {
        id: fields.id,
        r#match: fields.r#match,
        match_related: fields.match_related,
        posture: Posture::Metric,
        metric: fields.metric,
    })
}

impl CompoundTrigger {
    /// How many triggers must fire.
    pub fn expected_firings(&self) -> usize {
        match self.require {
            Require::Word(RequireWord::Any) => 1,
            Require::Word(RequireWord::All) => self.triggers.len(),
            Require::Number(number) => usize::try_from(number).unwrap_or(usize::MAX),
        }
    }
}

fn matches_any(patterns: &BTreeSet<String>, event: &str) -> bool {
    patterns.iter().any(|pattern| pattern_matches(pattern, event))
}

/// Whether the labels, and what they belong to, are such as a trigger asks for.
pub fn covers_resources(
    r#match: &ResourceSpecification,
    match_related: &OneOrMany<ResourceSpecification>,
    resource: &Labels,
    related: &[Labels],
) -> bool {
    r#match.matches(resource)
        && match_related.as_slice().iter().all(|specification| {
            specification.0.is_empty() || related.iter().any(|labels| specification.matches(labels))
        })
}

impl MetricTrigger {
    /// Whether the trigger is about a flow run that tells of itself in this event.
    pub fn covers(&self, event: &ReceivedEvent) -> bool {
        covers_resources(&self.r#match, &self.match_related, &event.resource, &event.related)
    }
}

impl EventTrigger {
    /// Whether the event is of interest.
    pub fn covers(&self, event: &ReceivedEvent) -> bool {
        (self.expects(&event.event) || self.starts_after(&event.event))
            && covers_resources(&self.r#match, &self.match_related, &event.resource, &event.related)
    }

    /// Whether an event of this name counts.
    pub fn expects(&self, event: &str) -> bool {
        self.expect.is_empty() || matches_any(&self.expect, event)
    }

    /// Whether an event of this name makes the trigger ready.
    pub fn starts_after(&self, event: &str) -> bool {
        matches_any(&self.after, event)
    }

    /// Whether it fires for every event as soon as it comes.
    pub fn is_immediate(&self) -> bool {
        self.posture == Posture::Reactive && self.within == TimeDelta::default()
    }

    /// Whether so many events make it fire.
    pub fn meets_threshold(&self, events: i64) -> bool {
        match self.posture {
            Posture::Reactive => events >= self.threshold,
            Posture::Proactive => events < self.threshold,
            Posture::Metric => false,
        }
    }

    /// The values of the labels in `for_each`, in their order. An event without a label has an empty one.
    pub fn bucketing_key(&self, event: &ReceivedEvent) -> Vec<String> {
        self.for_each.iter().map(|label| label_of(event, label).unwrap_or_default().to_owned()).collect()
    }

    /// The labels in `for_each` with the values of a key.
    pub fn labels_of_key(&self, key: &[String]) -> Labels {
        self.for_each.iter().cloned().zip(key.iter().cloned()).collect()
    }

    pub(super) fn matches_every_resource_of_kind(&self, kind: &str) -> bool {
        matches_every(&self.r#match, kind)
            && self.match_related.as_slice().iter().any(|related| matches_every(related, kind))
    }
}

fn matches_every(specification: &ResourceSpecification, kind: &str) -> bool {
    let every = format!("{kind}.*");
    match specification.0.len() {
        0 => true,
        1 => specification.0.get(RESOURCE_ID).is_some_and(|patterns| patterns.as_slice().contains(&every)),
        _ => false,
    }
}

/// The value of a label: of the event's resource, or with `related:<role>:<label>` of the first related resource in
/// that role.
fn label_of<'e>(event: &'e ReceivedEvent, label: &str) -> Option<&'e str> {
    if let Some((role, related_label)) = label.strip_prefix("related:").and_then(|rest| rest.rsplit_once(':'))
    {
        let in_role = |labels: &&Labels| labels.get(RESOURCE_ROLE).is_some_and(|found| found == role);
        if let Some(related) = event.related.iter().find(in_role) {
            return related.get(related_label).map(String::as_str);
        }
    }
    event.resource.get(label).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Posture, Trigger};

    fn read(value: Value) -> Result<Trigger, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn triggers_are_checked() {
        let event = json!({"posture": "Reactive"});
        let cases = [
            (json!({"type": "event", "posture": "Reactive", "within": 0}), None),
            (json!({"type": "event"}), Some("missing field `posture`")),
            (json!({"posture": "Metric"}), Some("unknown variant `Metric`")),
            (json!({"posture": "Reactive", "within": -1}), Some("greater than or equal to 0")),
            (json!({"posture": "Reactive", "within": null}), Some("`within` should be a valid timedelta")),
            (json!({"posture": "Proactive", "within": 9}), Some("greater than or equal to 10 seconds")),
            (json!({"posture": "Proactive", "within": "PT20S"}), None),
            (json!({"posture": "Reactive", "match": {"a": 1}}), Some("expected a list")),
            (
                json!({"type": "compound", "triggers": [event], "require": "all"}),
                Some("missing field `within`"),
            ),
            (json!({"triggers": [event], "require": "all", "within": null}), None),
            (json!({"triggers": [event], "require": 0, "within": null}), Some("at least 1")),
            (
                json!({"triggers": [event], "require": 2, "within": null}),
                Some("less than or equal to the number"),
            ),
            (json!({"triggers": [event], "require": "most", "within": null}), Some("'any' or 'all'")),
            (json!({"triggers": [event, event], "within": 10}), None),
            (json!({"triggers": [{}], "within": 10}), Some("missing field `posture`")),
            (json!({"type": "wish"}), Some("'event', 'compound', 'sequence' or 'metric'")),
            (
                json!({"type": "metric", "metric": {"name": "duration", "threshold": 1, "operator": ">"}}),
                None,
            ),
            (
                json!({"type": "metric", "metric": {"name": "duration", "threshold": 1, "operator": ">", "range": 1}}),
                Some("The minimum range"),
            ),
        ];
        for (value, expected) in cases {
            match (read(value.clone()), expected) {
                (Ok(_), None) => {}
                (Err(error), Some(expected)) => assert!(error.contains(expected), "{value}: {error}"),
                (outcome, expected) => panic!("{value}: {outcome:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn a_proactive_trigger_looks_at_ten_seconds_at_least() {
        let Ok(Trigger::Event(trigger)) = read(json!({"posture": "Proactive"})) else {
            panic!("an event trigger")
        };
        assert_eq!((trigger.posture, trigger.within.as_micros()), (Posture::Proactive, 10_000_000));
    }

    #[test]
    fn deep_nesting_ends() {
        let mut trigger = json!({"posture": "Reactive"});
        for _ in 0..30 {
            trigger = json!({"triggers": [trigger], "require": "any", "within": null});
        }
        assert!(read(trigger).expect_err("too deep").contains("deep"));
    }
}
