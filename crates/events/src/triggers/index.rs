//! Which triggers an event may concern, found without asking each: by exact names, by the beginnings of names, and
//! among those by the ids of resources.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sluice_wire::automations::{Automation, EventTrigger, Posture, Trigger};
use sluice_wire::events::filter::{OneOrMany, ResourceSpecification, pattern_matches};
use sluice_wire::events::{RESOURCE_ID, ReceivedEvent};
use sluice_wire::ids::WorkspaceId;

/// A trigger of an automation, by its place in it.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Whose.
    pub workspace: WorkspaceId,
    /// The automation.
    pub automation: Arc<Automation>,
    /// Which child of the automation's trigger, which child of that, and so on. Empty: the trigger itself.
    pub path: Vec<usize>,
}

impl Evaluated {
    /// The trigger.
    pub fn trigger(&self) -> &Trigger {
        at(&self.automation.core.trigger, &self.path)
    }

    /// The trigger that this one is a part of.
    pub fn parent(&self) -> Option<Self> {
        let (_, path) = self.path.split_last()?;
        Some(Self { path: path.to_vec(), ..self.clone() })
    }

    fn event_trigger(&self) -> Option<&EventTrigger> {
        match self.trigger() {
            Trigger::Event(trigger) => Some(trigger),
            _ => None,
        }
    }
}

fn at<'t>(trigger: &'t Trigger, path: &[usize]) -> &'t Trigger {
    match path.split_first().and_then(|(first, rest)| Some((trigger.children().get(*first)?, rest))) {
        Some((child, rest)) => at(child, rest),
        None => trigger,
    }
}

/// Triggers that ask for the same name, by what else they ask for.
#[derive(Debug, Default)]
struct Named {
    by_resource: HashMap<String, Vec<usize>>,
    /// By the text before the first wildcard in the id, where related resources tell no more.
    by_resource_prefix: HashMap<String, Vec<usize>>,
    by_related: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

impl Named {
    fn add(&mut self, trigger: &EventTrigger, place: usize) {
        if let Some(ids) = exact_ids(&trigger.r#match) {
            for id in ids {
                self.by_resource.entry(id.clone()).or_default().push(place);
            }
            return;
        }
        let related: &[ResourceSpecification] = trigger.match_related.as_slice();
        if let Some(ids) = related.iter().find_map(exact_ids) {
            for id in ids {
                self.by_related.entry(id.clone()).or_default().push(place);
            }
            return;
        }
        match prefixes_of_ids(&trigger.r#match) {
            Some(prefixes) => {
                for prefix in prefixes {
                    self.by_resource_prefix.entry(prefix.to_owned()).or_default().push(place);
                }
            }
            None => self.others.push(place),
        }
    }

    fn may_concern(&self, resource_id: &str) -> bool {
        !self.others.is_empty()
            || !self.by_related.is_empty()
            || self.by_resource.contains_key(resource_id)
            || self.of_prefixes(resource_id).next().is_some()
    }

    fn of_prefixes<'n>(&'n self, resource_id: &'n str) -> impl Iterator<Item = &'n Vec<usize>> {
        // Most names have none.
        let text = if self.by_resource_prefix.is_empty() { "" } else { resource_id };
        beginnings(text).filter_map(|beginning| self.by_resource_prefix.get(beginning))
    }

    fn collect(&self, event: &ReceivedEvent, places: &mut Vec<usize>) {
        places.extend(&self.others);
        places.extend(self.by_resource.get(event.resource_id()).into_iter().flatten());
        places.extend(self.of_prefixes(event.resource_id()).flatten());
        if !self.by_related.is_empty() {
            for id in event.related.iter().filter_map(|labels| labels.get(RESOURCE_ID)) {
                places.extend(self.by_related.get(id).into_iter().flatten());
            }
        }
    }
}

/// Every beginning of a text that is not empty, and the text: few look-ups, however many prefixes there are.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().map(|(position, character)| &text[..position + character.len_utf8()])
}

/// What the id of a resource must begin with: the text before the first wildcard of each id that the specification allows,
/// when there is one in each.
fn prefixes_of_ids(specification: &ResourceSpecification) -> Option<Vec<&str>> {
    let ids = specification.0.get(RESOURCE_ID).map(OneOrMany::as_slice)?;
    let prefixes: Option<Vec<&str>> = ids.iter().map(|id| prefix_of_id(id)).collect();
    prefixes.filter(|prefixes| !prefixes.is_empty())
}

fn prefix_of_id(id: &str) -> Option<&str> {
    let prefix = &id[..id.find(['*', '?']).unwrap_or(id.len())];
    (!prefix.is_empty() && !prefix.starts_with('!')).then_some(prefix)
}

/// The ids that a resource must have one of, when the specification names them without wildcards.
fn exact_ids(specification: &ResourceSpecification) -> Option<&[String]> {
    let ids = specification.0.get(RESOURCE_ID).map(OneOrMany::as_slice)?;
    let is_exact = |id: &String| !id.starts_with('!') && !id.contains(['*', '?']);
    (!ids.is_empty() && ids.iter().all(is_exact)).then_some(ids)
}

/// The triggers of one workspace.
#[derive(Debug, Default)]
struct OfWorkspace {
    exact: HashMap<String, Named>,
    /// By the text before a star at the end, which is the only wildcard.
    prefixes: BTreeMap<String, Named>,
    /// Patterns of other forms.
    patterns: Vec<(String, Named)>,
    /// Every event.
    every: Named,
}

impl OfWorkspace {
    fn add(&mut self, trigger: &EventTrigger, place: usize) {
        if trigger.expect.is_empty() {
            self.every.add(trigger, place);
            return;
        }
        for name in trigger.expect.union(&trigger.after) {
            let before_star = name.strip_suffix('*');
            if before_star.is_some_and(|prefix| prefix.is_empty()) {
                self.every.add(trigger, place);
            } else if name.starts_with('!') || before_star.unwrap_or(name).contains(['*', '?']) {
                match self.patterns.iter_mut().find(|(pattern, _)| pattern == name) {
                    Some((_, named)) => named.add(trigger, place),
                    None => {
                        let mut named = Named::default();
                        named.add(trigger, place);
                        self.patterns.push((name.clone(), named));
                    }
                }
            } else if let Some(prefix) = before_star {
                self.prefixes.entry(prefix.to_owned()).or_default().add(trigger, place);
            } else {
                self.exact.entry(name.clone()).or_default().add(trigger, place);
            }
        }
    }

    /// Everything that asks for events of this name.
    fn named<'i>(&'i self, name: &'i str) -> impl Iterator<Item = &'i Named> {
        let prefixes = beginnings(name).filter_map(|beginning| self.prefixes.get(beginning));
        let patterns = self.patterns.iter().filter(|(pattern, _)| pattern_matches(pattern, name));
        self.exact
            .get(name)
            .into_iter()
            .chain(prefixes)
            .chain(patterns.map(|(_, named)| named))
            .chain(std::iter::once(&self.every))
    }
}

/// The triggers of all enabled automations.
#[derive(Debug, Default)]
pub struct Index {
    triggers: Vec<Evaluated>,
    workspaces: HashMap<WorkspaceId, OfWorkspace>,
    timed: Vec<usize>,
}

impl Index {
    /// Of automations that are enabled.
    pub fn new(automations: Vec<(WorkspaceId, Automation)>) -> Self {
        let mut index = Self::default();
        for (workspace, automation) in automations {
            let automation = Arc::new(automation);
            index.add(&Evaluated { workspace, automation, path: Vec::new() });
        }
        index
    }

    fn add(&mut self, evaluated: &Evaluated) {
        let place = self.triggers.len();
        match evaluated.trigger() {
            Trigger::Event(trigger) => {
                self.workspaces.entry(evaluated.workspace).or_default().add(trigger, place);
                if trigger.posture == Posture::Proactive {
                    self.timed.push(place);
                }
                self.triggers.push(evaluated.clone());
            }
            Trigger::Metric(_) => {
                self.timed.push(place);
                self.triggers.push(evaluated.clone());
            }
            composite @ (Trigger::Compound(_) | Trigger::Sequence(_)) => {
                for child in 0..composite.children().len() {
                    let mut path = evaluated.path.clone();
                    path.push(child);
                    self.add(&Evaluated { path, ..evaluated.clone() });
                }
            }
        }
    }

    /// Whether there is nothing to evaluate.
    pub fn is_empty(&self) -> bool {
        self.triggers.is_empty()
    }

    /// Whether an event may concern any trigger, as far as its name and its resource tell.
    pub fn may_concern(&self, workspace: WorkspaceId, event: &str, resource_id: &str) -> bool {
        self.workspaces
            .get(&workspace)
            .is_some_and(|of| of.named(event).any(|named| named.may_concern(resource_id)))
    }

    /// The event triggers that cover the event.
    pub fn concerned(&self, workspace: WorkspaceId, event: &ReceivedEvent) -> Vec<&Evaluated> {
        let Some(of) = self.workspaces.get(&workspace) else { return Vec::new() };
        let mut places = Vec::new();
        of.named(&event.event).for_each(|named| named.collect(event, &mut places));
        places.sort_unstable();
        places.dedup();
        places
            .into_iter()
            .filter_map(|place| self.triggers.get(place))
            .filter(|evaluated| evaluated.event_trigger().is_some_and(|trigger| trigger.covers(event)))
            .collect()
    }

    /// The triggers that are looked at from time to time: proactive ones and metrics.
    pub fn timed(&self) -> impl Iterator<Item = &Evaluated> {
        self.timed.iter().filter_map(|place| self.triggers.get(*place))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use sluice_wire::automations::{Automation, Trigger};
    use sluice_wire::events::ReceivedEvent;
    use sluice_wire::ids::WorkspaceId;

    use super::Index;

    fn automation(trigger: Value) -> (WorkspaceId, Automation) {
        let value = json!({
            "id": uuid::Uuid::new_v4(), "created": "2026-11-22T08:00:00Z", "updated": "2026-11-22T08:00:00Z",
            "name": "a", "trigger": trigger, "actions": [],
        });
        (WorkspaceId::DEFAULT, serde_json::from_value(value).expect("an automation"))
    }

    fn event(name: &str, id: &str, related: &[&str]) -> ReceivedEvent {
        let related: Vec<Value> = related
            .iter()
            .map(|id| json!({"prefect.resource.id": id, "prefect.resource.role": "r"}))
            .collect();
        serde_json::from_value(json!({
            "occurred": "2026-11-22T08:00:00Z", "received": "2026-11-22T08:00:00Z", "event": name,
            "resource": {"prefect.resource.id": id}, "related": related, "id": uuid::Uuid::new_v4(),
        }))
        .expect("an event")
    }

    #[test]
    fn triggers_inside_triggers_are_found_by_their_path() {
        let child = |name: &str| json!({"posture": "Reactive", "expect": [name]});
        let inner = json!({"require": "all", "within": null, "triggers": [child("a"), child("b")]});
        let index = Index::new(vec![automation(json!({"within": null, "triggers": [child("c"), inner]}))]);
        let found = index.concerned(WorkspaceId::DEFAULT, &event("b", "x", &[]));
        assert_eq!(found.iter().map(|found| found.path.clone()).collect::<Vec<_>>(), [vec![1, 1]]);
        assert!(matches!(found[0].parent().expect("a parent").trigger(), Trigger::Compound(_)));
        assert!(index.concerned(WorkspaceId(uuid::Uuid::new_v4()), &event("b", "x", &[])).is_empty());
        assert_eq!(index.timed().count(), 0);
    }

    proptest! {
        /// The index finds what asking every trigger finds.
        #[test]
        fn it_finds_what_asking_each_finds(
            triggers in prop::collection::vec((
                prop::collection::btree_set("[ab]|a\\.[ab]|a\\.\\*|\\*|a\\*b|!a|\\?", 0..3),
                prop::collection::btree_set("[ab]|a\\.\\*", 0..2),
                prop::option::of("[xy]|x\\*|x\\?z|\\*z|!x"), prop::option::of("[xy]|!x"),
            ), 0..12),
            events in prop::collection::vec(("[ab]|a\\.[ab]|a\\.b\\.c", "[xyz]{1,3}", prop::collection::vec("[xyz]", 0..3)), 1..12),
        ) {
            let automations: Vec<_> = triggers.into_iter().map(|(expect, after, resource, related)| {
                let mut fields = json!({"posture": "Reactive", "expect": expect, "after": after});
                if let Some(id) = resource { fields["match"] = json!({"prefect.resource.id": id}); }
                if let Some(id) = related { fields["match_related"] = json!([{"prefect.resource.id": [id]}]); }
                automation(fields)
            }).collect();
            let index = Index::new(automations.clone());
            for (name, id, related) in events {
                let related: Vec<&str> = related.iter().map(String::as_str).collect();
                let event = event(&name, &id, &related);
                let mut expected: Vec<_> = automations.iter().filter(|(_, automation)| {
                    matches!(&automation.core.trigger, Trigger::Event(trigger) if trigger.covers(&event))
                }).map(|(_, automation)| automation.id).collect();
                let mut found: Vec<_> = index.concerned(WorkspaceId::DEFAULT, &event).into_iter()
                    .map(|found| found.automation.id).collect();
                expected.sort();
                found.sort();
                prop_assert_eq!(&found, &expected);
                prop_assert!(found.is_empty() || index.may_concern(WorkspaceId::DEFAULT, &name, &id));
            }
        }
    }
}
