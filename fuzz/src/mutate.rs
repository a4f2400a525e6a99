//! New inputs from old ones.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Inputs do not grow beyond this: what is larger, limits on bodies and frames refuse.
const LONGEST: usize = 16_384;
const MOST_CHANGES: usize = 6;
/// How often a piece is repeated at most, for nesting and for lists.
const MOST_REPEATS: usize = 300;

/// A text made of one of `seeds` by a few changes. `words` are what means something to the target.
pub fn mutate(random: &mut StdRng, seeds: &[String], words: &[&str]) -> String {
    let mut text: Vec<char> = pick(random, seeds).chars().collect();
    for _ in 0..random.random_range(1..=MOST_CHANGES) {
        change(random, &mut text, seeds, words);
        text.truncate(LONGEST);
    }
    text.into_iter().collect()
}

fn change(random: &mut StdRng, text: &mut Vec<char>, seeds: &[String], words: &[&str]) {
    let at = random.random_range(0..=text.len());
    let until = (at + random.random_range(0..=20)).min(text.len());
    match random.random_range(0..9) {
        0 => drop(text.drain(at..until)),
        1 => insert(text, at, words.choose(random).copied().unwrap_or_default()),
        2 => {
            let word: Vec<char> = words.choose(random).copied().unwrap_or_default().chars().collect();
            text.splice(at..until, word);
        }
        3 => {
            let piece: String = text[at..until].iter().collect();
            insert(text, at, &piece.repeat(random.random_range(1..MOST_REPEATS)));
        }
        4 => {
            let other: Vec<char> = pick(random, seeds).chars().collect();
            let from = random.random_range(0..=other.len());
            text.splice(at.., other[from..].iter().copied());
        }
        5 => insert(text, at, &random.random::<i64>().to_string()),
        6 => insert(text, at, ODD.choose(random).copied().unwrap_or_default()),
        7 => {
            if let Some(character) = text.get_mut(at) {
                *character = char::from(random.random_range(0x20..0x7f_u8));
            }
        }
        _ => {
            let depth = random.random_range(1..MOST_REPEATS);
            let (open, close) = [("[", "]"), ("{\"a\":", "}"), ("(", ")")][random.random_range(0..3)];
            insert(text, until, &close.repeat(depth));
            insert(text, at, &open.repeat(depth));
        }
    }
}

/// What readers stumble over.
const ODD: &[&str] = &[
    "\0",
    "\u{feff}",
    "\u{202e}",
    "é",
    "💧",
    "\\ud800",
    "\\",
    "\"",
    "'",
    "\n",
    "\r\n",
    "\t",
    "NaN",
    "1e999",
    "-0",
    "9223372036854775808",
    "0.1",
    "null",
    "true",
    "[]",
    "{}",
    "0",
    "-1",
    "00",
    "%",
    "_",
    "$",
    "?1",
];

fn pick<'a>(random: &mut StdRng, seeds: &'a [String]) -> &'a str {
    seeds.choose(random).map_or("", String::as_str)
}

fn insert(text: &mut Vec<char>, at: usize, piece: &str) {
    let room = LONGEST.saturating_sub(text.len());
    text.splice(at..at, piece.chars().take(room));
}
