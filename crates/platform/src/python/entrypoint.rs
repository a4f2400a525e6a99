//! Entrypoints: where a flow is.

use std::path::{Path, PathBuf};

/// An entrypoint, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entrypoint {
    /// The file, relative to the project; `None` for a module that is not in the project.
    pub(crate) file: Option<PathBuf>,
    /// The function, or `Class.method`.
    pub(crate) function: String,
}

/// `path/to/file.py:function`, `module.path:function` or `module.path.function`; whether the file exists is looked up
/// in `directory`.
pub(crate) fn read(entrypoint: &str, directory: &Path) -> Result<Entrypoint, String> {
    let (place, function) = match entrypoint.rsplit_once(':') {
        Some(parts) => parts,
        None => entrypoint.rsplit_once('.').ok_or_else(|| unusual(entrypoint))?,
    };
    if place.is_empty() || function.is_empty() {
        return Err(unusual(entrypoint));
    }
    if entrypoint.contains(':') && (place.ends_with(".py") || place.contains('/')) {
        let file = PathBuf::from(place);
        return if directory.join(&file).is_file() {
            Ok(Entrypoint { file: Some(file), function: function.to_owned() })
        } else {
            Err(format!("there is no file {place}"))
        };
    }
    Ok(Entrypoint { file: of_module(place, directory), function: function.to_owned() })
}

/// The file of a module of the project, which may keep its packages in `src`.
fn of_module(module: &str, directory: &Path) -> Option<PathBuf> {
    let path = module.replace('.', "/");
    ["", "src/"]
        .iter()
        .flat_map(|root| [format!("{root}{path}.py"), format!("{root}{path}/__init__.py")])
        .map(PathBuf::from)
        .find(|file| directory.join(file).is_file())
}

fn unusual(entrypoint: &str) -> String {
    format!("{entrypoint:?} is no entrypoint; write path/to/file.py:function")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Entrypoint, read};

    #[test]
    fn entrypoints_name_files_and_modules() {
        let directory = tempfile::tempdir().unwrap();
        for file in ["flows/a.py", "package/__init__.py", "src/other/b.py"] {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let cases = [
            ("flows/a.py:run", Some("flows/a.py"), "run"),
            ("./flows/a.py:Group.run", Some("./flows/a.py"), "Group.run"),
            ("package:run", Some("package/__init__.py"), "run"),
            ("package.run", Some("package/__init__.py"), "run"),
            ("other.b:run", Some("src/other/b.py"), "run"),
            ("installed.module.run", None, "run"),
        ];
        for (entrypoint, file, function) in cases {
            let expected = Entrypoint { file: file.map(PathBuf::from), function: function.to_owned() };
            assert_eq!(read(entrypoint, directory.path()), Ok(expected), "{entrypoint}");
        }
        for (entrypoint, expected) in [
            ("flows/none.py:run", "there is no file flows/none.py"),
            ("run", "\"run\" is no entrypoint; write path/to/file.py:function"),
            ("flows/a.py:", "\"flows/a.py:\" is no entrypoint; write path/to/file.py:function"),
        ] {
            assert_eq!(read(entrypoint, directory.path()), Err(expected.to_owned()));
        }
    }
}
