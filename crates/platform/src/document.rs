//! Documents that people hand to commands: YAML as the reference reads it, or JSON.

use std::path::Path;

use serde_json::Value;

use crate::error::PlatformError;
use crate::yaml;

/// What a file says. A file whose name ends with `.json` is JSON; any other is JSON if it can be, else YAML.
pub fn read_document(file: &Path) -> Result<Value, PlatformError> {
    let refuse = |cause: String| PlatformError::File { file: file.to_owned(), cause };
    let text = std::fs::read_to_string(file).map_err(|error| refuse(format!("cannot read it: {error}")))?;
    if file.extension().is_some_and(|extension| extension == "json") {
        return serde_json::from_str(&text).map_err(|error| refuse(format!("this is no JSON: {error}")));
    }
    parse_document(&text).map_err(refuse)
}

/// What a text says that is JSON or YAML; the error says where it is neither.
pub fn parse_document(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(_) => yaml::read(text).map(|document| document.value).map_err(|error| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{parse_document, read_document};

    #[test]
    fn a_text_is_json_or_yaml() {
        let expected = json!({ "a": [1, true] });
        assert_eq!(parse_document("{\"a\":\t[1, true]}"), Ok(expected.clone()));
        assert_eq!(parse_document("a:\n- 1\n- yes\n"), Ok(expected));
        assert!(parse_document("a: [1").is_err_and(|cause| cause.contains("line ")));
    }

    #[test]
    fn the_name_of_a_file_says_that_it_is_json() {
        let directory = tempfile::tempdir().unwrap();
        let read = |name: &str| {
            let file = directory.path().join(name);
            std::fs::write(&file, "a: 1").unwrap();
            read_document(&file)
        };
        assert_eq!(read("a.yaml").unwrap(), json!({ "a": 1 }));
        assert!(read("a.json").unwrap_err().to_string().contains("a.json: this is no JSON"));
        let missing = read_document(&directory.path().join("missing.yaml")).unwrap_err().to_string();
        assert!(missing.contains("missing.yaml: cannot read it"), "{missing}");
    }
}
