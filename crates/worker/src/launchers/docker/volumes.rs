//! Volumes, as `docker run --volume` takes them.

use std::path::{Component, Path, PathBuf};

/// A volume that the engine understands: a source that begins with a dot is taken from `directory`, where the worker
/// runs. The error says what is wrong with it.
pub(super) fn bind(volume: &str, directory: &Path) -> Result<String, String> {
    let volume = volume.trim();
    let Some((source, rest)) = volume.split_once(':') else {
        let is_path = volume.starts_with('/') && volume.len() > 1;
        return if is_path {
            Ok(volume.to_owned())
        } else {
            Err(format!("{volume:?} names no path in the container"))
        };
    };
    let (target, options) = match rest.split_once(':') {
        Some((target, options)) => (target, Some(options)),
        None => (rest, None),
    };
    if target.is_empty() || (!is_volume_name(source) && !target.starts_with('/')) {
        return Err(format!("the path in the container must be absolute in {volume:?}"));
    }
    if let Some(options) = options.filter(|options| !["ro", "rw"].contains(options)) {
        return Err(format!("{options:?} in {volume:?} must be ro or rw"));
    }
    if is_relative(source) {
        return Ok(format!("{}:{rest}", absolute(source, directory).display()));
    }
    if source.starts_with('/') || is_volume_name(source) {
        return Ok(volume.to_owned());
    }
    Err(format!(
        "{source:?} in {volume:?} is no name of a volume; say an absolute path, or one that begins with ./ or ../"
    ))
}

/// Whether a source is a path from where the worker runs.
fn is_relative(source: &str) -> bool {
    matches!(source, "." | "..") || source.starts_with("./") || source.starts_with("../")
}

fn is_volume_name(source: &str) -> bool {
    source.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && source.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.-".contains(letter))
}

/// The path without dots: the engine takes it as it is written.
fn absolute(source: &str, directory: &Path) -> PathBuf {
    let mut path = directory.to_owned();
    for component in Path::new(source).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_a_source_a_path_and_how_it_is_used() {
        let cases = [
            ("/data:/in", Ok("/data:/in")),
            ("/data:/in:ro", Ok("/data:/in:ro")),
            (" cache:/var/cache ", Ok("cache:/var/cache")),
            ("/scratch", Ok("/scratch")),
            (".:/in", Ok("/srv/flows:/in")),
            ("./data:/in:rw", Ok("/srv/flows/data:/in:rw")),
            ("../shared:/in", Ok("/srv/shared:/in")),
            ("", Err("\"\" names no path in the container")),
            ("data", Err("\"data\" names no path in the container")),
            ("/data:in", Err("the path in the container must be absolute in \"/data:in\"")),
            ("/data:", Err("the path in the container must be absolute in \"/data:\"")),
            ("/data:/in:rx", Err("\"rx\" in \"/data:/in:rx\" must be ro or rw")),
            (
                "$(pwd):/in",
                Err(
                    "\"$(pwd)\" in \"$(pwd):/in\" is no name of a volume; say an absolute path, or one that begins \
                     with ./ or ../",
                ),
            ),
        ];
        for (volume, expected) in cases {
            let bound = bind(volume, Path::new("/srv/flows"));
            assert_eq!(bound.as_deref().map_err(String::as_str), expected, "{volume:?}");
        }
    }
}
