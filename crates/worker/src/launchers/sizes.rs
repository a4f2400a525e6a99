//! Amounts of memory and of processors, as people write them.

/// Bytes of memory, for an option of a command line. The error says what is wrong.
pub fn memory_size(text: &str) -> Result<u64, String> {
    let bytes = bytes_of(text).and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0);
    bytes.ok_or_else(|| format!("{text:?} is no amount of memory; write it like 512m or 2g"))
}

/// Bytes from `512m`, `1g`, `100000b`, `1.5gb` or a bare number. Units are powers of 1,024, as in Docker's own command line.
pub(crate) fn bytes_of(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let number_ends =
        text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_ends);
    let factor: f64 = match unit.trim() {
        "" | "b" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "t" | "tb" | "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let amount = number.parse::<f64>().ok()? * factor;
    (amount.is_finite() && amount < i64::MAX as f64).then_some(amount as i64)
}

/// The same, where `-1` says that there is no limit.
pub(crate) fn bytes_or_unlimited(text: &str) -> Option<i64> {
    if text.trim() == "-1" { Some(-1) } else { bytes_of(text) }
}

/// Billionths of a processor from a number of processors: `1.5`, `0.25`.
pub(crate) fn nano_cpus_of(text: &str) -> Option<i64> {
    let cpus: f64 = text.trim().parse().ok()?;
    (cpus > 0.0 && cpus < 100_000.0).then(|| (cpus * 1e9).round() as i64)
}

/// Bytes as people read them: `64 MiB`.
pub(crate) fn readable(bytes: i64) -> String {
    const UNITS: [(i64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (size, unit) in UNITS {
        if bytes >= size && bytes % size == 0 {
            return format!("{} {unit}", bytes / size);
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_of_memory_is_a_number_and_a_unit() {
        let cases = [
            ("512m", Some(536_870_912)),
            ("512M", Some(536_870_912)),
            ("1g", Some(1_073_741_824)),
            ("1.5gb", Some(1_610_612_736)),
            ("100000b", Some(100_000)),
            ("1000k", Some(1_024_000)),
            ("64", Some(64)),
            (" 64 MiB ", Some(67_108_864)),
            ("0", Some(0)),
            ("", None),
            ("m", None),
            ("lots", None),
            ("1.2.3m", None),
            ("12x", None),
            ("-5m", None),
            ("-1", None),
            ("9999999999t", None),
        ];
        for (text, expected) in cases {
            assert_eq!(bytes_of(text), expected, "{text:?}");
        }
        assert_eq!(bytes_or_unlimited("-1"), Some(-1));
        assert_eq!(bytes_or_unlimited("1g"), Some(1_073_741_824));
    }

    #[test]
    fn processors_may_be_shared() {
        let cases = [
            ("1", Some(1_000_000_000)),
            ("0.25", Some(250_000_000)),
            ("0", None),
            ("-1", None),
            ("all", None),
        ];
        for (text, expected) in cases {
            assert_eq!(nano_cpus_of(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_amount_is_said_in_its_largest_whole_unit() {
        let cases =
            [(67_108_864, "64 MiB"), (1_610_612_736, "1536 MiB"), (2048, "2 KiB"), (1500, "1500 bytes")];
        for (bytes, expected) in cases {
            assert_eq!(readable(bytes), expected);
        }
    }
}
