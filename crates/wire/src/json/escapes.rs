//! Escapes in JSON that stand for no character that every reader takes.

/// The text without escaped NULs, and with U+FFFD for halves of surrogate pairs; none: it has neither.
pub(super) fn cleaned(json: &str) -> Option<String> {
    let mut clean = String::new();
    // What is before this place has been looked at, what is before `copied` has been copied.
    let (mut looked_at, mut copied) = (0, 0);
    while let Some(found) = json.get(looked_at..).and_then(|rest| rest.find('\\')) {
        let at = looked_at + found;
        let Some(unit) = unit(json, at) else {
            // Another escape: the character behind the backslash belongs to it.
            looked_at = at + 2;
            continue;
        };
        let is_pair = (0xD800..0xDC00).contains(&unit)
            && self::unit(json, at + UNIT).is_some_and(|low| (0xDC00..0xE000).contains(&low));
        looked_at = at + if is_pair { 2 * UNIT } else { UNIT };
        let instead = match unit {
            0 => "",
            0xD800..0xE000 if !is_pair => "\u{FFFD}",
            _ => continue,
        };
        clean.push_str(&json[copied..at]);
        clean.push_str(instead);
        copied = looked_at;
    }
    (copied > 0).then(|| clean + &json[copied..])
}

/// Bytes of an escape such as `\u0041`.
const UNIT: usize = 6;

/// The code unit that is escaped at this place.
fn unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + UNIT)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn nothing_but_odd_escapes_changes() {
        let cases = [
            (r#"{"a": "b\n \u0041 \ud83d\ude00 \\u0000"}"#, None),
            (r#"{"a\u0000": "\u0000b"}"#, Some(r#"{"a": "b"}"#)),
            (r#""\\\u0000""#, Some(r#""\\""#)),
            (r#""\ud83d""#, Some("\"\u{FFFD}\"")),
            (r#""\ud83d\ud83d\ude00""#, Some("\"\u{FFFD}\\ud83d\\ude00\"")),
            (r#""\uDE00 \u0000é""#, Some("\"\u{FFFD} é\"")),
            ("[1]", None),
        ];
        for (json, expected) in cases {
            assert_eq!(cleaned(json).as_deref(), expected, "{json}");
        }
    }

    /// Whatever strings hold: what comes out can be read, has no NUL, and is clean.
    #[test]
    fn what_is_cleaned_can_be_read() {
        let parts = [r"\u0000", r"\ud83d", r"\ude00", r"\\", "u0000", "é", ""];
        for order in 0..parts.len().pow(4) {
            let part = |place: u32| parts[order / parts.len().pow(place) % parts.len()];
            let json = format!("\"{}{}{}{}\"", part(0), part(1), part(2), part(3));
            let clean = cleaned(&json).unwrap_or_else(|| json.clone());
            let text: String = serde_json::from_str(&clean).expect("JSON");
            assert!(!text.contains('\0'), "{json}");
            assert_eq!(cleaned(&clean), None, "{json}");
        }
    }
}
