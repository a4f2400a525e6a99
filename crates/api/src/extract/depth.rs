//! How deep lists and objects may be nested in a body.

/// The depth at which the JSON parser gives up when it builds values.
const MAX_DEPTH: usize = 127;

/// True when lists and objects are nested deeper than any reader of them goes. Looks at brackets outside strings
/// only: whether the text is JSON at all is for the parser to say.
pub(super) fn is_too_deep(bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, is_too_deep};

    #[test]
    fn counts_what_is_open_at_once_outside_strings() {
        let cases = [
            ("[".repeat(MAX_DEPTH), false),
            ("[".repeat(MAX_DEPTH + 1), true),
            (r#"{"a":"#.repeat(MAX_DEPTH + 1), true),
            ("[]".repeat(MAX_DEPTH * 2), false),
            (format!(r#"["{}"]"#, "[".repeat(MAX_DEPTH * 2)), false),
            (format!(r#"["\"{}"]"#, "[".repeat(MAX_DEPTH * 2)), false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_too_deep(text.as_bytes()), expected, "{text}");
        }
    }
}
