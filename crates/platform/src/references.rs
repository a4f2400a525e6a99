//! Blocks and variables of the server that a project file refers to.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};
use sluice_client::Client;

use crate::error::PlatformError;
use crate::templates::{as_text, look_up, placeholders, visit};

/// How many are asked for at the same time.
const AT_ONCE: usize = 8;

/// What the server says of the names that stand in a file. Debug shows no values: they may be secrets.
#[derive(Default)]
pub(crate) struct References {
    /// By type and name.
    blocks: BTreeMap<(String, String), Map<String, Value>>,
    /// A variable that does not exist is absent.
    variables: BTreeMap<String, Value>,
}

impl References {
    /// Asks the server for everything that `values` name.
    pub(crate) async fn fetch(client: &Client, values: &[&Value]) -> Result<Self, PlatformError> {
        let mut blocks = BTreeSet::new();
        let mut variables = BTreeSet::new();
        for value in values {
            visit(value, &mut |placeholder| {
                if let Some((slug, name, _)) = placeholder.block().and_then(split_block) {
                    blocks.insert((slug.to_owned(), name.to_owned()));
                } else if let Some(name) = placeholder.variable() {
                    variables.insert(name.to_owned());
                }
            });
        }
        let blocks = stream::iter(blocks)
            .map(async |(slug, name)| {
                let block = client.block_document(&slug, &name, true).await?;
                let block =
                    block.ok_or_else(|| PlatformError::NoBlock { slug: slug.clone(), name: name.clone() })?;
                let data = serde_json::to_value(&block.data).unwrap_or_default();
                Ok::<_, PlatformError>(((slug, name), data.as_object().cloned().unwrap_or_default()))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut found = BTreeMap::new();
        for name in variables {
            if let Some(variable) = client.variable(&name).await? {
                found.insert(name, serde_json::to_value(&variable.value).unwrap_or_default());
            }
        }
        Ok(Self { blocks, variables: found })
    }

    /// The value with its blocks and variables filled in. A variable that does not exist is an empty text.
    pub(crate) fn resolve(&self, value: &Value) -> Result<Value, PlatformError> {
        match value {
            Value::String(text) => self.resolve_text(text),
            Value::Array(items) => {
                items.iter().map(|item| self.resolve(item)).collect::<Result<_, _>>().map(Value::Array)
            }
            Value::Object(object) => object
                .iter()
                .map(|(key, value)| Ok((key.clone(), self.resolve(value)?)))
                .collect::<Result<_, _>>()
                .map(Value::Object),
            other => Ok(other.clone()),
        }
    }

    /// The texts that come from blocks: a plan does not show them.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let mut secrets = BTreeSet::new();
        self.blocks.values().for_each(|data| data.values().for_each(|value| texts(value, &mut secrets)));
        secrets
    }

    fn resolve_text(&self, text: &str) -> Result<Value, PlatformError> {
        let found: Vec<_> = placeholders(text)
            .into_iter()
            .filter(|one| one.block().is_some() || one.variable().is_some())
            .collect();
        let mut resolved = text.to_owned();
        for placeholder in &found {
            let value = match (placeholder.block(), placeholder.variable()) {
                (Some(path), _) => self.block(path, text)?,
                (None, Some(name)) => self.variables.get(name).cloned().unwrap_or_else(|| "".into()),
                (None, None) => continue,
            };
            if placeholder.full == text {
                return Ok(value);
            }
            if placeholder.block().is_some() && (value.is_array() || value.is_object()) {
                return Err(PlatformError::Template {
                    template: text.to_owned(),
                    cause: "a block that is no text stands inside of a text; name one of its values"
                        .to_owned(),
                });
            }
            resolved = resolved.replace(placeholder.full, &as_text(&value));
        }
        Ok(Value::String(resolved))
    }

    /// `type.name` or `type.name.path`. A block that has only a value is that value.
    fn block(&self, path: &str, template: &str) -> Result<Value, PlatformError> {
        let wrong =
            |cause: &str| PlatformError::Template { template: template.to_owned(), cause: cause.to_owned() };
        let (slug, name, inner) =
            split_block(path).ok_or_else(|| wrong("write prefect.blocks.<type>.<name>"))?;
        let data = self
            .blocks
            .get(&(slug.to_owned(), name.to_owned()))
            .ok_or_else(|| PlatformError::NoBlock { slug: slug.to_owned(), name: name.to_owned() })?;
        let only_value = if data.len() == 1 { data.get("value") } else { None };
        match (inner, only_value) {
            (None, Some(value)) => Ok(value.clone()),
            (None, None) => Ok(Value::Object(data.clone())),
            (Some(inner), Some(Value::Object(value)))
                if inner != "value" && !inner.starts_with("value.") && !inner.starts_with("value[") =>
            {
                look_up(value, inner).cloned().ok_or_else(|| wrong("the block has no such value"))
            }
            (Some(inner), _) => {
                look_up(data, inner).cloned().ok_or_else(|| wrong("the block has no such value"))
            }
        }
    }
}

fn split_block(path: &str) -> Option<(&str, &str, Option<&str>)> {
    let mut parts = path.splitn(3, '.');
    Some((parts.next()?, parts.next()?, parts.next()))
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if !text.is_empty() => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(object) => object.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::References;

    #[test]
    fn blocks_and_variables_are_filled_in() {
        let mut references = References::default();
        let mut block = |slug: &str, name: &str, data: serde_json::Value| {
            references.blocks.insert((slug.to_owned(), name.to_owned()), data.as_object().cloned().unwrap());
        };
        block("secret", "token", json!({ "value": "s3cret" }));
        block("json", "nested", json!({ "value": { "list": [{ "key": 1 }] } }));
        block("aws", "keys", json!({ "id": "a", "region": "eu" }));
        references.variables.insert("size".to_owned(), json!(3));
        for (template, expected) in [
            ("{{ prefect.blocks.secret.token }}", json!("s3cret")),
            ("Bearer {{ prefect.blocks.secret.token }}", json!("Bearer s3cret")),
            ("{{ prefect.blocks.json.nested.list[0].key }}", json!(1)),
            ("{{ prefect.blocks.json.nested.value.list }}", json!([{ "key": 1 }])),
            ("{{ prefect.blocks.aws.keys.region }}", json!("eu")),
            ("{{ prefect.blocks.aws.keys }}", json!({ "id": "a", "region": "eu" })),
            ("{{ prefect.variables.size }}", json!(3)),
            ("{{ prefect.variables.none }}", json!("")),
            ("n{{ prefect.variables.size }}{{ prefect.variables.none }}", json!("n3")),
            ("{{ image }}", json!("{{ image }}")),
        ] {
            assert_eq!(references.resolve(&json!(template)).unwrap(), expected, "{template}");
        }
        for template in [
            "x {{ prefect.blocks.aws.keys }}",
            "{{ prefect.blocks.aws.keys.no }}",
            "{{ prefect.blocks.a.b }}",
        ] {
            assert!(references.resolve(&json!(template)).is_err(), "{template}");
        }
        assert_eq!(references.secrets().into_iter().collect::<Vec<_>>(), ["a", "eu", "s3cret"]);
    }
}
