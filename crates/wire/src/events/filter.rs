//! Which events a client asks for, and whether an event is one of them. The store turns the same filter into
//! SQL; a test holds the two together.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Labels, RESOURCE_ID, RESOURCE_ROLE, ReceivedEvent};
use crate::ids::EventId;
use crate::text_search::TextSearch;
use crate::time::{TimeDelta, Timestamp};

/// Without a beginning a filter looks back this many days from midnight.
const DEFAULT_DAYS: i64 = 180;
const DAY_MICROS: i64 = 86_400_000_000;

/// Which events to read. An event must meet every criterion; an empty list is no criterion.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventFilter {
    /// When it occurred.
    pub occurred: OccurredFilter,
    /// Its name.
    pub event: Option<NameFilter>,
    /// What it happened to.
    pub resource: Option<ResourceFilter>,
    /// What was involved beside; every filter of the list must find a resource.
    pub related: Option<OneOrMany<RelatedFilter>>,
    /// Any resource, the event's own or a related one; every filter of the list must find one.
    pub any_resource: Option<OneOrMany<AnyResourceFilter>>,
    /// Its id.
    pub id: IdFilter,
    /// Words in it.
    pub text: Option<TextSearch>,
    /// In which order to read.
    pub order: EventOrder,
}

/// By time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OccurredFilter {
    /// At this time or later; by default 180 days before today.
    #[serde(deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// At this time or earlier; by default now.
    #[serde(deserialize_with = "not_null", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

fn not_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Timestamp::deserialize(deserializer).map(Some)
}

/// By name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameFilter {
    /// Begins with one of these.
    pub prefix: Option<Vec<String>>,
    /// Begins with none of these.
    pub exclude_prefix: Option<Vec<String>>,
    /// Is one of these.
    pub name: Option<Vec<String>>,
    /// Is none of these.
    pub exclude_name: Option<Vec<String>>,
}

/// By the event's own resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResourceFilter {
    /// Has one of these ids.
    pub id: Option<Vec<String>>,
    /// Has an id that begins with one of these.
    pub id_prefix: Option<Vec<String>>,
    /// Has these labels.
    pub labels: Option<ResourceSpecification>,
    /// Only one event for each resource: the first in the order of the filter. Not a matter of a single event.
    pub distinct: bool,
}

/// By a related resource; one resource must meet all criteria.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelatedFilter {
    /// Has one of these ids.
    pub id: Option<Vec<String>>,
    /// Has one of these roles.
    pub role: Option<Vec<String>>,
    /// Is one of these ids in its role.
    pub resources_in_roles: Option<Vec<(String, String)>>,
    /// Has these labels.
    pub labels: Option<ResourceSpecification>,
}

/// By any resource of the event; one resource must meet all criteria.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnyResourceFilter {
    /// Has one of these ids.
    pub id: Option<Vec<String>>,
    /// Has an id that begins with one of these.
    pub id_prefix: Option<Vec<String>>,
    /// Has these labels.
    pub labels: Option<ResourceSpecification>,
}

/// By the event's id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdFilter {
    /// Is one of these.
    pub id: Option<Vec<EventId>>,
}

/// By time of occurrence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventOrder {
    /// Oldest first.
    #[serde(rename = "ASC")]
    Ascending,
    /// Newest first.
    #[default]
    #[serde(rename = "DESC")]
    Descending,
}

/// One filter or a list of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// A single one.
    One(T),
    /// All must hold.
    Many(Vec<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(text.into_deserializer()).map(OneOrMany::One)
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(OneOrMany::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(OneOrMany::Many)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What the labels of a resource must be: for each label, patterns of which one must match. `*` stands for any
/// text, `?` for one character; a pattern that begins with `!` matches any other value. A label that is missing
/// matches nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceSpecification(pub BTreeMap<String, OneOrMany<String>>);

impl ResourceSpecification {
    /// Whether the resource has such labels.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.0.iter().all(|(label, patterns)| {
            labels.get(label).is_some_and(|value| {
                patterns.as_slice().iter().any(|pattern| pattern_matches(pattern, value))
            })
        })
    }
}

/// Whether the pattern of a [`ResourceSpecification`] matches a value.
pub fn pattern_matches(pattern: &str, value: &str) -> bool {
    match pattern.strip_prefix('!') {
        Some(pattern) => !glob_matches(pattern, value),
        None => glob_matches(pattern, value),
    }
}

/// `*` stands for any text, `?` for one character.
fn glob_matches(pattern: &str, value: &str) -> bool {
    let (mut pattern, mut value) = (pattern.chars(), value.chars());
    // Where to go on when the text after the last star does not fit: one more character belongs to the star.
    let mut last_star: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let mut after = pattern.clone();
        let mut rest = value.clone();
        match (after.next(), rest.next()) {
            (Some('*'), _) => {
                last_star = Some((after.clone(), value.clone()));
                pattern = after;
                continue;
            }
            (Some(expected), Some(found)) if expected == '?' || expected == found => {
                (pattern, value) = (after, rest);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((star_pattern, star_value)) = &mut last_star else { return false };
        if star_value.next().is_none() {
            return false;
        }
        (pattern, value) = (star_pattern.clone(), star_value.clone());
    }
}

/// The list, when it is a criterion.
pub fn criterion<T>(list: &Option<Vec<T>>) -> Option<&[T]> {
    list.as_deref().filter(|list| !list.is_empty())
}

fn is_one_of(list: &Option<Vec<String>>, value: &str) -> bool {
    criterion(list).is_none_or(|list| list.iter().any(|wanted| wanted == value))
}

fn begins_with_one_of(list: &Option<Vec<String>>, value: &str) -> bool {
    criterion(list).is_none_or(|list| list.iter().any(|prefix| value.starts_with(prefix.as_str())))
}

fn label<'l>(labels: &'l Labels, name: &str) -> &'l str {
    labels.get(name).map_or("", String::as_str)
}

impl EventFilter {
    /// Fills in the times that were left out.
    pub fn resolve(&mut self, now: Timestamp) {
        let midnight = now.as_micros() - now.as_micros().rem_euclid(DAY_MICROS);
        self.occurred.since.get_or_insert(Timestamp::from_micros(midnight - DEFAULT_DAYS * DAY_MICROS));
        self.occurred.until.get_or_insert(now);
    }

    /// Looks back no further than `most` from `now`.
    pub fn clamp(&mut self, now: Timestamp, most: TimeDelta) {
        let earliest = now - most;
        self.occurred.since = Some(self.occurred.since.map_or(earliest, |since| since.max(earliest)));
    }

    /// Whether the event meets every criterion.
    pub fn matches(&self, event: &ReceivedEvent) -> bool {
        self.occurred.since.is_none_or(|since| event.occurred >= since)
            && self.occurred.until.is_none_or(|until| event.occurred <= until)
            && self.event.as_ref().is_none_or(|filter| filter.matches(&event.event))
            && criterion(&self.id.id).is_none_or(|ids| ids.contains(&event.id))
            && self.resource.as_ref().is_none_or(|filter| filter.matches(&event.resource))
            && self.related.as_ref().is_none_or(|filters| {
                filters.as_slice().iter().all(|filter| {
                    filter.is_empty() || event.related.iter().any(|labels| filter.matches(labels))
                })
            })
            && self.any_resource.as_ref().is_none_or(|filters| {
                filters.as_slice().iter().all(|filter| {
                    std::iter::once(&event.resource)
                        .chain(&event.related)
                        .any(|labels| filter.matches(labels))
                })
            })
            && self.text.as_ref().is_none_or(|search| text_matches(search, event))
    }
}

/// Searches the name, the values of all labels, and the payload.
fn text_matches(search: &TextSearch, event: &ReceivedEvent) -> bool {
    let labels = event.resource.values().chain(event.related.iter().flat_map(BTreeMap::values));
    let mut text = event.event.to_lowercase();
    for value in labels {
        // No word of a search contains a line break, so none is found across two values.
        text.push('\n');
        text.push_str(&value.to_lowercase());
    }
    text.push('\n');
    text.push_str(&event.payload.text().to_lowercase());
    search.finds(|word| text.contains(word))
}

impl NameFilter {
    /// Whether the name of an event meets every criterion.
    pub fn matches(&self, name: &str) -> bool {
        begins_with_one_of(&self.prefix, name)
            && criterion(&self.exclude_prefix)
                .is_none_or(|list| !list.iter().any(|prefix| name.starts_with(prefix.as_str())))
            && is_one_of(&self.name, name)
            && criterion(&self.exclude_name).is_none_or(|list| !list.iter().any(|excluded| excluded == name))
    }
}

impl ResourceFilter {
    fn matches(&self, labels: &Labels) -> bool {
        let id = label(labels, RESOURCE_ID);
        is_one_of(&self.id, id)
            && begins_with_one_of(&self.id_prefix, id)
            && self.labels.as_ref().is_none_or(|specification| specification.matches(labels))
    }
}

impl RelatedFilter {
    /// Whether there is no criterion; then an event without related resources passes too.
    pub fn is_empty(&self) -> bool {
        criterion(&self.id).is_none()
            && criterion(&self.role).is_none()
            && criterion(&self.resources_in_roles).is_none()
            && self.labels.as_ref().is_none_or(|specification| specification.0.is_empty())
    }

    fn matches(&self, labels: &Labels) -> bool {
        let (id, role) = (label(labels, RESOURCE_ID), label(labels, RESOURCE_ROLE));
        is_one_of(&self.id, id)
            && is_one_of(&self.role, role)
            && criterion(&self.resources_in_roles)
                .is_none_or(|pairs| pairs.iter().any(|(wanted, in_role)| wanted == id && in_role == role))
            && self.labels.as_ref().is_none_or(|specification| specification.matches(labels))
    }
}

impl AnyResourceFilter {
    fn matches(&self, labels: &Labels) -> bool {
        let id = label(labels, RESOURCE_ID);
        is_one_of(&self.id, id)
            && begins_with_one_of(&self.id_prefix, id)
            && self.labels.as_ref().is_none_or(|specification| specification.matches(labels))
    }
}

#[cfg(test)]
mod tests {
    use super::{EventFilter, pattern_matches};
    use crate::events::ReceivedEvent;

    #[test]
    fn patterns() {
        let cases = [
            ("a", "a", true),
            ("a", "b", false),
            ("*", "", true),
            ("prefect.flow.*", "prefect.flow.1", true),
            ("prefect.flow.*", "prefect.flow-run.1", false),
            ("*b*c", "abcbc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("!a*", "abc", false),
            ("!a*", "bbc", true),
            ("[a]", "a", false),
            ("é?", "éé", true),
        ];
        for (pattern, value, expected) in cases {
            assert_eq!(pattern_matches(pattern, value), expected, "{pattern} {value}");
        }
    }

    #[test]
    fn each_criterion() {
        let event: ReceivedEvent = serde_json::from_value(serde_json::json!({
            "occurred": "2026-11-22T08:00:00Z", "event": "prefect.flow-run.Completed",
            "resource": {"prefect.resource.id": "prefect.flow-run.1", "prefect.resource.name": "Otter"},
            "related": [
                {"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow", "env": "prod"},
                {"prefect.resource.id": "prefect.tag.x", "prefect.resource.role": "tag"},
            ],
            "payload": {"message": "All GOOD"},
            "id": "0193a5d2-0000-7000-8000-000000000001", "received": "2026-11-22T08:00:01Z",
        }))
        .expect("an event");
        let cases = [
            (r#"{}"#, true),
            (r#"{"occurred":{"since":"2026-11-22T08:00:00Z","until":"2026-11-22T08:00:00Z"}}"#, true),
            (r#"{"occurred":{"since":"2026-11-22T08:00:01Z"}}"#, false),
            (r#"{"occurred":{"until":"2026-11-22T07:59:59Z"}}"#, false),
            (r#"{"event":{"prefix":["prefect.flow-run."]}}"#, true),
            (r#"{"event":{"prefix":["prefect.task-run."]}}"#, false),
            (r#"{"event":{"exclude_prefix":["prefect."]}}"#, false),
            (r#"{"event":{"name":["prefect.flow-run.Completed"],"exclude_name":["x"]}}"#, true),
            (r#"{"event":{"exclude_name":["prefect.flow-run.Completed"]}}"#, false),
            (r#"{"id":{"id":[]}}"#, true),
            (r#"{"id":{"id":["0193a5d2-0000-7000-8000-000000000002"]}}"#, false),
            (
                r#"{"resource":{"id_prefix":["prefect.flow-run."],"labels":{"prefect.resource.name":["O*","x"]}}}"#,
                true,
            ),
            (r#"{"resource":{"labels":{"absent":"!x"}}}"#, false),
            (r#"{"resource":{"labels":{"prefect.resource.name":[]}}}"#, false),
            (r#"{"related":{"id":["prefect.flow.1"],"role":["flow"]}}"#, true),
            (r#"{"related":{"id":["prefect.flow.1"],"role":["tag"]}}"#, false),
            (r#"{"related":{"resources_in_roles":[["prefect.tag.x","tag"]]}}"#, true),
            (r#"{"related":{"resources_in_roles":[["prefect.tag.x","flow"]]}}"#, false),
            (r#"{"related":[{"id":["prefect.flow.1"]},{"labels":{"env":"prod"}}]}"#, true),
            (r#"{"related":[{"id":["prefect.flow.1"]},{"labels":{"env":"test"}}]}"#, false),
            (r#"{"any_resource":{"id":["prefect.flow-run.1"]}}"#, true),
            (r#"{"any_resource":[{"id":["prefect.tag.x"]},{"id_prefix":["prefect.flow."]}]}"#, true),
            (r#"{"any_resource":{"id":["prefect.flow.1"],"labels":{"env":"test"}}}"#, false),
            (r#"{"text":{"query":"good otter"}}"#, true),
            (r#"{"text":{"query":"-otter"}}"#, false),
        ];
        for (text, expected) in cases {
            let filter: EventFilter = serde_json::from_str(text).expect(text);
            assert_eq!(filter.matches(&event), expected, "{text}");
        }
        for text in [r#"{"bogus":1}"#, r#"{"occurred":{"since":null}}"#, r#"{"resource":{"ids":[]}}"#] {
            assert!(serde_json::from_str::<EventFilter>(text).is_err(), "{text}");
        }
    }
}
