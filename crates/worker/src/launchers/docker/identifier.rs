//! How a run's `infrastructure_pid` names its container.

/// `<engine>:<container id>`, as the reference's docker worker writes it. The engine is a URL, so it may hold colons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identifier {
    /// Where the container runs: [`Engine::name`](super::engine::Engine::name).
    pub engine: String,
    /// The container's id.
    pub container: String,
}

/// The engine of identifiers that the reference's worker wrote where it spoke to a socket: every host is called so.
const ANY_LOCAL_ENGINE: &str = "http+docker://localhost";

impl Identifier {
    /// Reads an identifier; `None` if it names no container.
    pub fn parse(text: &str) -> Option<Self> {
        let (engine, container) = text.rsplit_once(':')?;
        let is_id =
            (12..=64).contains(&container.len()) && container.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| Self { engine: engine.to_owned(), container: container.to_owned() })
    }

    /// Whether the container can only be on another engine than this one.
    pub fn is_elsewhere(&self, this_engine: &str) -> bool {
        self.engine != this_engine && self.engine != ANY_LOCAL_ENGINE
    }
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.engine, self.container)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTAINER: &str = "8f3b0c1d2e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d";

    #[test]
    fn an_identifier_is_read_from_its_last_colon() {
        for engine in ["http+docker://build-7", "http://10.0.0.7:2375", "https://[fe80::1]:2376"] {
            let text = format!("{engine}:{CONTAINER}");
            let identifier = Identifier::parse(&text).unwrap();
            assert_eq!((identifier.engine.as_str(), identifier.container.as_str()), (engine, CONTAINER));
            assert_eq!(identifier.to_string(), text);
        }
    }

    #[test]
    fn what_names_no_container_is_no_identifier() {
        for text in [
            "",
            "build-7",
            "build-7:4711",
            "http://10.0.0.7:2375",
            "http+docker://localhost:",
            "a:../../etc/passwd",
        ] {
            assert_eq!(Identifier::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_identifier_of_another_engine_is_elsewhere() {
        let cases = [
            ("http+docker://build-7", false),
            ("http+docker://build-8", true),
            ("http+docker://localhost", false),
            ("http://10.0.0.7:2375", true),
        ];
        for (engine, expected) in cases {
            let identifier = Identifier { engine: engine.to_owned(), container: CONTAINER.to_owned() };
            assert_eq!(identifier.is_elsewhere("http+docker://build-7"), expected, "{engine}");
        }
    }
}
