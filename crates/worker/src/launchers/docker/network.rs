//! How a container reaches the API, above all one on the machine that the engine runs on.

use super::engine::is_loopback;

/// The name that containers have for the machine of their engine.
const HOST_OF_THE_ENGINE: &str = "host.docker.internal";

/// The mode of a container's network: what the pool says; the machine's own network for an API on this machine, where
/// the engine can give it (Linux); the engine's choice otherwise. A first network of the pool stands for a mode.
pub(super) fn network_mode(
    said: Option<&str>,
    networks: &[String],
    api_url: Option<&str>,
    is_linux: bool,
) -> Option<String> {
    if let Some(mode) = said.or_else(|| networks.first().map(String::as_str)) {
        return Some(mode.to_owned());
    }
    (is_linux && api_url.is_some_and(is_local)).then(|| "host".to_owned())
}

/// The API's address as the container must call it: a loopback address would be the container's own.
pub(super) fn api_url_inside(api_url: &str, network_mode: Option<&str>) -> String {
    if shares_a_network(network_mode) || !is_local(api_url) {
        return api_url.to_owned();
    }
    let Ok(mut url) = url::Url::parse(api_url) else { return api_url.to_owned() };
    match url.set_host(Some(HOST_OF_THE_ENGINE)) {
        Ok(()) => url.to_string(),
        Err(_) => api_url.to_owned(),
    }
}

/// Whether the container must be told where the engine's machine is. Docker Desktop tells it of itself.
pub(super) fn needs_host_of_the_engine(
    api_url: Option<&str>,
    network_mode: Option<&str>,
    is_linux: bool,
) -> bool {
    let is_other_container = network_mode.is_some_and(|mode| mode.starts_with("container:"));
    let may_call_it = api_url.is_none_or(|url| is_local(url) || url.contains(HOST_OF_THE_ENGINE));
    is_linux && may_call_it && !is_other_container && network_mode != Some("none")
}

/// The entry of the container's hosts file.
pub(super) fn host_of_the_engine() -> (String, String) {
    (HOST_OF_THE_ENGINE.to_owned(), "host-gateway".to_owned())
}

/// Whether a loopback address in the container is that of the machine or of another container.
fn shares_a_network(network_mode: Option<&str>) -> bool {
    network_mode.is_some_and(|mode| mode == "host" || mode.starts_with("container:"))
}

fn is_local(api_url: &str) -> bool {
    url::Url::parse(api_url).is_ok_and(|url| url.host_str().is_some_and(is_loopback))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "http://127.0.0.1:4200/api";
    const FAR: &str = "https://sluice.test/api";

    #[test]
    fn the_network_is_the_machines_own_where_the_api_is_on_it() {
        let none: &[String] = &[];
        let networks = &["flows".to_owned(), "data".to_owned()][..];
        let cases = [
            (None, none, Some(LOCAL), true, Some("host")),
            (None, none, Some("http://localhost:4200/api"), true, Some("host")),
            (None, none, Some(LOCAL), false, None),
            (None, none, Some(FAR), true, None),
            (None, none, None, true, None),
            (Some("bridge"), none, Some(LOCAL), true, Some("bridge")),
            (None, networks, Some(LOCAL), true, Some("flows")),
        ];
        for (said, networks, api_url, is_linux, expected) in cases {
            let mode = network_mode(said, networks, api_url, is_linux);
            assert_eq!(mode.as_deref(), expected, "{said:?} {networks:?} {api_url:?} {is_linux}");
        }
    }

    #[test]
    fn a_local_api_is_called_by_the_name_of_the_engines_machine() {
        let cases = [
            (LOCAL, None, "http://host.docker.internal:4200/api"),
            (
                "http://localhost:4200/api?of=localhost",
                Some("bridge"),
                "http://host.docker.internal:4200/api?of=localhost",
            ),
            ("http://[::1]:4200/api", Some("flows"), "http://host.docker.internal:4200/api"),
            (LOCAL, Some("host"), LOCAL),
            (LOCAL, Some("container:api"), LOCAL),
            (FAR, None, FAR),
            ("http://localhost.test/api", None, "http://localhost.test/api"),
            ("no address", None, "no address"),
        ];
        for (api_url, mode, expected) in cases {
            assert_eq!(api_url_inside(api_url, mode), expected, "{api_url} {mode:?}");
        }
    }

    #[test]
    fn the_engines_machine_is_named_where_it_may_be_called() {
        let cases = [
            (Some(LOCAL), None, true, true),
            (Some("http://host.docker.internal:4200/api"), None, true, true),
            (None, None, true, true),
            (Some(FAR), None, true, false),
            (Some(LOCAL), None, false, false),
            (Some(LOCAL), Some("container:api"), true, false),
            (Some(LOCAL), Some("none"), true, false),
        ];
        for (api_url, mode, is_linux, expected) in cases {
            assert_eq!(
                needs_host_of_the_engine(api_url, mode, is_linux),
                expected,
                "{api_url:?} {mode:?} {is_linux}"
            );
        }
    }
}
