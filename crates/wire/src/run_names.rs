//! Names for runs that were given none: two words, such as `quiet-heron`.

use uuid::Uuid;

const ADJECTIVES: [&str; 64] = [
    "agile", "amber", "ample", "azure", "bold", "brave", "breezy", "bright", "brisk", "calm", "clever",
    "copper", "cosmic", "crimson", "crisp", "daring", "deft", "dapper", "eager", "early", "fabled",
    "fearless", "fleet", "gentle", "gilded", "glad", "golden", "grand", "hardy", "hazel", "humble", "ivory",
    "jade", "jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "mellow", "mighty", "modest",
    "nimble", "noble", "olive", "patient", "placid", "plucky", "polite", "proud", "quick", "quiet", "rapid",
    "robust", "silver", "steady", "sturdy", "sunny", "swift", "tidy", "vivid", "warm", "witty",
];

const ANIMALS: [&str; 64] = [
    "albatross",
    "alpaca",
    "badger",
    "beaver",
    "bison",
    "bittern",
    "bobcat",
    "buzzard",
    "camel",
    "caribou",
    "cheetah",
    "cormorant",
    "coyote",
    "crane",
    "curlew",
    "dolphin",
    "dormouse",
    "eagle",
    "egret",
    "falcon",
    "ferret",
    "finch",
    "gannet",
    "gazelle",
    "gecko",
    "goshawk",
    "hare",
    "heron",
    "hornbill",
    "ibex",
    "ibis",
    "jackal",
    "jaguar",
    "kestrel",
    "kingfisher",
    "lemur",
    "leopard",
    "lynx",
    "magpie",
    "marmot",
    "marten",
    "merlin",
    "mongoose",
    "narwhal",
    "newt",
    "ocelot",
    "orca",
    "oryx",
    "osprey",
    "otter",
    "panther",
    "pelican",
    "plover",
    "puffin",
    "quail",
    "raven",
    "salmon",
    "seal",
    "stork",
    "tapir",
    "tern",
    "toucan",
    "walrus",
    "wombat",
];

/// A random name of two words.
pub fn random_run_name() -> String {
    let id = Uuid::new_v4();
    let [first, second, ..] = *id.as_bytes();
    name_of(first, second)
}

fn name_of(first: u8, second: u8) -> String {
    let adjective = ADJECTIVES[usize::from(first) % ADJECTIVES.len()];
    let animal = ANIMALS[usize::from(second) % ANIMALS.len()];
    format!("{adjective}-{animal}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ADJECTIVES, ANIMALS, name_of};

    #[test]
    fn every_byte_names_two_words() {
        assert_eq!(name_of(0, 255), "agile-wombat");
        assert_eq!(name_of(255, 0), "witty-albatross");
    }

    #[test]
    fn no_word_is_listed_twice() {
        for words in [ADJECTIVES, ANIMALS] {
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
        }
    }
}
