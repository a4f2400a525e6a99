//! Who is asking: the versions by which answers and rules differ (wire-protocol 2.6).

use std::cmp::Ordering;
use std::fmt;

/// The client behind a request. Absent versions mean: another program, or one of the server's own services.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Client {
    /// From the `User-Agent` of the Prefect SDK.
    pub version: Option<ClientVersion>,
    /// From `X-PREFECT-API-VERSION`; absent means the newest.
    pub api_version: Option<ApiVersion>,
}

impl Client {
    /// The server's own services: no versions, so the newest behaviour.
    pub const INTERNAL: Self = Self { version: None, api_version: None };

    /// Whether the client speaks at least this version of the API; one that does not say speaks the newest.
    pub fn speaks_api(&self, minimum: ApiVersion) -> bool {
        self.api_version.is_none_or(|version| version >= minimum)
    }

    /// Whether the client keeps the lease of its deployment concurrency slot alive (3.4.11 and later). One that
    /// does not say its version does not.
    pub fn renews_leases(&self) -> bool {
        self.version.as_ref().is_some_and(|version| *version >= ClientVersion::release(3, 4, 11))
    }

    /// Whether the client reads work pools whose storage configuration names a block for results (after 3.3.7).
    pub fn knows_default_result_storage(&self) -> bool {
        self.version.as_ref().is_none_or(|version| *version > ClientVersion::release(3, 3, 7))
    }

    /// Whether the client's worker takes and gives back deployment concurrency slots by itself
    /// (3.0.0rc20 to 3.0.3).
    pub fn manages_deployment_concurrency(&self) -> bool {
        const VERSIONS: [&str; 5] = ["3.0.0rc20", "3.0.0", "3.0.1", "3.0.2", "3.0.3"];
        self.version.as_ref().is_some_and(|version| VERSIONS.contains(&version.text.as_str()))
    }
}

/// The version of the API that a client was written for: `0.8.4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion {
    /// First number.
    pub major: u64,
    /// Second number.
    pub minor: u64,
    /// Third number.
    pub patch: u64,
}

impl ApiVersion {
    /// From its three numbers.
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch }
    }

    /// The value of `X-PREFECT-API-VERSION`; `None` when it is not three numbers (the request is answered 400).
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| number.trim().parse::<u64>().ok());
        let version = Self::new(numbers.next()??, numbers.next()??, numbers.next()??);
        numbers.next().is_none().then_some(version)
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The version of a Prefect SDK: `3.8.8`, `3.0.0rc20`, `3.4.11.dev1`. Ordered as Python orders versions.
#[derive(Debug, Clone)]
pub struct ClientVersion {
    text: String,
    release: [u64; 3],
    /// Where the version stands beside its final release: development and pre-releases before, post-releases after.
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Development(u64),
    Alpha(u64),
    Beta(u64),
    Candidate(u64),
    Final,
    Post(u64),
}

impl ClientVersion {
    /// A final release.
    pub fn release(major: u64, minor: u64, patch: u64) -> Self {
        Self { text: format!("{major}.{minor}.{patch}"), release: [major, minor, patch], stage: Stage::Final }
    }

    /// The version in a `User-Agent` of the form `prefect/3.8.8 (API 0.8.4)`; `None` for every other program.
    pub fn from_user_agent(user_agent: &str) -> Option<Self> {
        let (version, api) = user_agent.strip_prefix("prefect/")?.split_once(" (API ")?;
        let api = api.strip_suffix(')')?;
        if api.is_empty() || api.contains(char::is_whitespace) {
            return None;
        }
        Self::parse(version)
    }

    /// From its text: three numbers, then perhaps `a1`, `b1`, `rc1`, `.dev1`, `.post1`, `+local`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut release = [0; 3];
        for (position, number) in release.iter_mut().enumerate() {
            if position > 0 {
                rest = rest.strip_prefix('.')?;
            }
            *number = leading_number(&mut rest)?;
        }
        let public = rest.split('+').next().unwrap_or_default();
        Some(Self { text: text.to_owned(), release, stage: stage(public)? })
    }

    /// As the client wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn stage(suffix: &str) -> Option<Stage> {
    type Build = fn(u64) -> Stage;
    const WORDS: [(&str, Build); 5] = [
        ("rc", Stage::Candidate),
        ("a", Stage::Alpha),
        ("b", Stage::Beta),
        (".post", Stage::Post),
        (".dev", Stage::Development),
    ];
    if suffix.is_empty() {
        return Some(Stage::Final);
    }
    let (mut rest, build) =
        WORDS.into_iter().find_map(|(word, build)| Some((suffix.strip_prefix(word)?, build)))?;
    leading_number(&mut rest).map(build)
}

fn leading_number(text: &mut &str) -> Option<u64> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    *text = &text[end..];
    Some(number)
}

impl PartialEq for ClientVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ClientVersion {}

impl PartialOrd for ClientVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ClientVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.release, self.stage).cmp(&(other.release, other.stage))
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiVersion, Client, ClientVersion};

    #[test]
    fn the_version_is_read_from_the_user_agent_of_the_sdk_alone() {
        let cases = [
            ("prefect/3.8.8 (API 0.8.4)", Some("3.8.8")),
            ("prefect/3.0.0rc20 (API 0.8.4)", Some("3.0.0rc20")),
            ("prefect/3.4.11.dev1+3.gabc (API 0.8.4)", Some("3.4.11.dev1+3.gabc")),
            ("prefect/3.8.8", None),
            ("prefect/3.8 (API 0.8.4)", None),
            ("python-httpx/0.28", None),
            ("Mozilla/5.0 prefect/3.8.8 (API 0.8.4)", None),
        ];
        for (user_agent, expected) in cases {
            let version = ClientVersion::from_user_agent(user_agent);
            assert_eq!(version.as_ref().map(ClientVersion::as_str), expected, "{user_agent}");
        }
    }

    #[test]
    fn versions_are_ordered_as_python_orders_them() {
        let ordered = [
            "3.0.0rc20",
            "3.0.0",
            "3.0.3",
            "3.4.10",
            "3.4.11.dev1",
            "3.4.11a1",
            "3.4.11b2",
            "3.4.11rc1",
            "3.4.11",
            "3.4.11.post1",
            "3.10.0",
        ];
        let versions: Vec<_> =
            ordered.iter().map(|text| ClientVersion::parse(text).expect("a version")).collect();
        assert!(versions.is_sorted());
        assert!(versions.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn what_a_client_does_follows_from_its_version() {
        let client = |text: &str| Client { version: ClientVersion::parse(text), api_version: None };
        for (text, renews, manages) in [
            ("3.8.8", true, false),
            ("3.4.11", true, false),
            ("3.4.10", false, false),
            ("3.0.3", false, true),
        ] {
            assert_eq!(client(text).renews_leases(), renews, "{text}");
            assert_eq!(client(text).manages_deployment_concurrency(), manages, "{text}");
        }
        assert!(!Client::INTERNAL.renews_leases());
        assert!(!Client::INTERNAL.manages_deployment_concurrency());
    }

    #[test]
    fn api_versions_are_three_numbers() {
        for (text, expected) in [
            ("0.8.4", Some(ApiVersion::new(0, 8, 4))),
            ("0.10.0", Some(ApiVersion::new(0, 10, 0))),
            ("0.8", None),
            ("0.8.4.1", None),
            ("a.b.c", None),
            ("", None),
        ] {
            assert_eq!(ApiVersion::parse(text), expected, "{text}");
        }
        assert!(ApiVersion::new(0, 8, 4) < ApiVersion::new(0, 10, 0));
        assert!(Client::INTERNAL.speaks_api(ApiVersion::new(9, 9, 9)));
    }
}
