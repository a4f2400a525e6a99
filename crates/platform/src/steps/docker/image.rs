//! What the steps call an image.

use serde_json::{Map, Value, json};

use crate::templates::as_text;

/// The variable that names the namespace of images whose name has none.
pub(super) const NAMESPACE: &str = "PREFECT_DEFAULT_DOCKER_BUILD_NAMESPACE";

/// The image that a step is about.
#[derive(Debug, PartialEq)]
pub(super) struct Image {
    /// Registry, namespace and repository.
    pub name: String,
    /// Its tag; a push without one pushes every tag that there is.
    pub tag: Option<String>,
    pub additional_tags: Vec<String>,
}

impl Image {
    /// Reads the inputs. A tag may also stand in the name. `namespace` is set before a name that has none.
    pub fn read(inputs: &Map<String, Value>, namespace: Option<&str>) -> Result<Self, String> {
        let name = inputs.get("image_name").and_then(Value::as_str).filter(|name| !name.is_empty());
        let name = name.ok_or("it has no `image_name`")?;
        if name.contains(char::is_whitespace) {
            return Err(format!(
                "the image name {name:?} contains spaces; use lower case letters, digits, and the separators - _ . /"
            ));
        }
        let (name, own_tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (name, None),
        };
        let name = match namespace.filter(|namespace| !namespace.is_empty() && !name.contains('/')) {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.to_owned(),
        };
        let tag = inputs.get("tag").filter(|tag| !tag.is_null()).map(as_text);
        let tag = tag.filter(|tag| !tag.is_empty()).or(own_tag);
        let additional_tags = match inputs.get("additional_tags") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(tags)) => tags.iter().map(as_text).collect(),
            Some(other) => return Err(format!("`additional_tags` is no list: {other}")),
        };
        Ok(Self { name, tag, additional_tags })
    }

    /// Every name of the image, the first one first.
    pub fn references(&self) -> Vec<String> {
        let tags = self.tag.iter().chain(&self.additional_tags);
        tags.map(|tag| format!("{}:{tag}", self.name)).collect()
    }

    /// What a step returns: `image_name`, `tag`, `image` and `additional_tags`.
    pub fn outputs(&self) -> Map<String, Value> {
        let image = match &self.tag {
            Some(tag) => format!("{}:{tag}", self.name),
            None => self.name.clone(),
        };
        Map::from_iter([
            ("image_name".to_owned(), json!(self.name)),
            ("tag".to_owned(), json!(self.tag)),
            ("image".to_owned(), json!(image)),
            ("additional_tags".to_owned(), json!(self.additional_tags)),
        ])
    }
}

/// The time of the build, as images without a tag get it.
pub(super) fn time_as_tag(now: jiff::Timestamp) -> String {
    now.strftime("%Y-%m-%dt%H-%M-%S-%6f-00-00").to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Image, time_as_tag};

    fn read(inputs: Value, namespace: Option<&str>) -> Result<Vec<String>, String> {
        Image::read(inputs.as_object().unwrap(), namespace).map(|image| image.references())
    }

    #[test]
    fn images_have_names_and_tags() {
        for (inputs, namespace, expected) in [
            (json!({ "image_name": "app", "tag": "1" }), None, &["app:1"][..]),
            (json!({ "image_name": "host:5000/app", "tag": 2 }), None, &["host:5000/app:2"]),
            (json!({ "image_name": "host:5000/app:x" }), None, &["host:5000/app:x"]),
            (
                json!({ "image_name": "app", "tag": "1", "additional_tags": ["a", 2] }),
                None,
                &["app:1", "app:a", "app:2"],
            ),
            (json!({ "image_name": "app", "tag": "1" }), Some("team"), &["team/app:1"]),
            (json!({ "image_name": "org/app", "tag": "1" }), Some("team"), &["org/app:1"]),
            (json!({ "image_name": "app", "tag": "" }), None, &[]),
        ] {
            assert_eq!(read(inputs.clone(), namespace).unwrap(), expected, "{inputs}");
        }
        for inputs in [
            json!({}),
            json!({ "image_name": "my app" }),
            json!({ "image_name": "a", "additional_tags": "b" }),
        ] {
            read(inputs, None).unwrap_err();
        }
    }

    #[test]
    fn a_step_returns_what_the_next_ones_name() {
        let outputs =
            |inputs: Value| Value::Object(Image::read(inputs.as_object().unwrap(), None).unwrap().outputs());
        assert_eq!(
            outputs(json!({ "image_name": "host/app", "tag": "1", "additional_tags": ["2"] })),
            json!({ "image_name": "host/app", "tag": "1", "image": "host/app:1", "additional_tags": ["2"] })
        );
        assert_eq!(
            outputs(json!({ "image_name": "app" })),
            json!({ "image_name": "app", "tag": null, "image": "app", "additional_tags": [] })
        );
    }

    #[test]
    fn an_image_without_a_tag_gets_the_time() {
        let time = "2026-11-28T13:34:05.000123Z".parse().unwrap();
        assert_eq!(time_as_tag(time), "2026-11-28t13-34-05-000123-00-00");
    }
}
