//! Compound and sequence triggers fire when their parts have.

use sluice_wire::automations::{Firing, Trigger};
use sluice_wire::time::{TimeDelta, Timestamp};

/// Over which time the parts must fire; none: any.
pub fn within(trigger: &Trigger) -> Option<TimeDelta> {
    match trigger {
        Trigger::Compound(compound) => compound.within,
        Trigger::Sequence(sequence) => sequence.within,
        Trigger::Event(_) | Trigger::Metric(_) => None,
    }
}

/// Whether one part is enough: nothing has to be remembered.
pub fn needs_one(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Compound(compound) => compound.expected_firings() == 1,
        Trigger::Sequence(sequence) => sequence.triggers.len() == 1,
        Trigger::Event(_) | Trigger::Metric(_) => false,
    }
}

/// What is remembered when a part has fired: its last firing, and those of the others that are not too old. Firings
/// of triggers that are no part are left out.
pub fn remember(trigger: &Trigger, mut firings: Vec<Firing>, new: Firing) -> Vec<Firing> {
    let is_part = |firing: &Firing| trigger.children().iter().any(|child| child.id() == firing.trigger_id);
    let is_too_old =
        |triggered: Timestamp| within(trigger).is_some_and(|within| triggered < new.triggered - within);
    firings.retain(|firing| {
        firing.trigger_id != new.trigger_id && is_part(firing) && !is_too_old(firing.triggered)
    });
    firings.push(new);
    firings.sort_by_key(|firing| firing.triggered);
    firings
}

/// Whether the remembered firings, in their order, make the trigger fire. They are used up then.
pub fn is_ready(trigger: &Trigger, firings: &[Firing]) -> bool {
    match trigger {
        Trigger::Compound(compound) => firings.len() >= compound.expected_firings(),
        Trigger::Sequence(sequence) => {
            let expected = sequence.triggers.iter().map(Trigger::id);
            firings.iter().map(|firing| firing.trigger_id).eq(expected)
        }
        Trigger::Event(_) | Trigger::Metric(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use sluice_wire::automations::{Firing, Trigger, TriggerState};
    use sluice_wire::time::Timestamp;

    use super::{is_ready, needs_one, remember};

    fn composite(require: Value, within: Value) -> Trigger {
        let child = json!({"posture": "Reactive"});
        let mut fields = json!({"triggers": [child, child, child], "within": within});
        if !require.is_null() {
            fields["require"] = require;
        }
        serde_json::from_value(fields).expect("a trigger")
    }

    fn firing(trigger: &Trigger, child: usize, second: i64) -> Firing {
        Firing {
            id: uuid::Uuid::new_v4(),
            trigger_id: trigger.children()[child].id(),
            trigger_states: vec![TriggerState::Triggered],
            triggered: Timestamp::from_micros(second * 1_000_000),
            triggering_labels: std::collections::BTreeMap::new(),
            triggering_firings: Vec::new(),
            triggering_event: None,
            triggering_value: None,
        }
    }

    /// At which of the firings `(child, second)` the trigger fires.
    fn fired(trigger: &Trigger, children: &[(usize, i64)]) -> Vec<usize> {
        let mut known = Vec::new();
        let mut fired = Vec::new();
        for (index, (child, second)) in children.iter().enumerate() {
            known = remember(trigger, known, firing(trigger, *child, *second));
            if is_ready(trigger, &known) {
                fired.push(index);
                known.clear();
            }
        }
        fired
    }

    /// A trigger, the firings of its parts, and at which of them it fires.
    type Case<'c> = (&'c Trigger, &'c [(usize, i64)], &'c [usize]);

    #[test]
    fn parts_make_the_whole() {
        let all = composite(json!("all"), json!(null));
        let two = composite(json!(2), json!(10));
        let sequence = composite(json!(null), json!(10));
        let cases: [Case<'_>; 8] = [
            (&all, &[(0, 0), (2, 1), (2, 2), (1, 3)], &[3]),
            (&all, &[(0, 0), (1, 1), (2, 2), (0, 3), (1, 4)], &[2]),
            (&two, &[(0, 0), (0, 1), (1, 2)], &[2]),
            (&two, &[(0, 0), (1, 11)], &[]),
            (&sequence, &[(0, 0), (1, 1), (2, 2)], &[2]),
            (&sequence, &[(0, 0), (2, 1), (1, 2)], &[]),
            (&sequence, &[(2, 0), (0, 1), (1, 2), (2, 3)], &[3]),
            (&sequence, &[(0, 0), (1, 1), (2, 11)], &[]),
        ];
        for (trigger, children, expected) in cases {
            assert_eq!(fired(trigger, children), expected, "{children:?}");
        }
        assert!(needs_one(&composite(json!("any"), json!(null))));
        assert!(!needs_one(&all));
    }

    proptest! {
        /// A compound trigger that needs all fires exactly as often as a model that keeps a set of parts.
        #[test]
        fn a_set_of_parts_is_the_model(children in prop::collection::vec(0_usize..3, 0..60)) {
            let all = composite(json!("all"), json!(null));
            let numbered: Vec<(usize, i64)> = children.iter().copied().zip(0..).collect();
            let mut seen = std::collections::BTreeSet::new();
            let mut expected = Vec::new();
            for (index, child) in children.iter().enumerate() {
                seen.insert(*child);
                if seen.len() == 3 {
                    expected.push(index);
                    seen.clear();
                }
            }
            prop_assert_eq!(fired(&all, &numbered), expected);
        }
    }
}
