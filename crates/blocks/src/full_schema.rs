use std::collections::HashMap;

use serde_json::{Value, json};

use crate::Object;

/// A stored schema among those that it refers to.
#[derive(Debug, Clone)]
pub struct SchemaNode {
    /// The fields as they are stored.
    pub fields: Object,
    /// The schema's checksum.
    pub checksum: String,
    /// The slug of the schema's block type.
    pub block_type_slug: String,
    /// The fields that hold other blocks, each with the index of the schema in the list.
    pub references: Vec<(String, usize)>,
}

/// The fields of `nodes[root]` as clients read them: with `block_schema_references`, and with every schema that it
/// refers to, directly or through others, under its title in `definitions`.
pub fn full_fields(nodes: &[SchemaNode], root: usize) -> Object {
    Builder { nodes, built: HashMap::new(), path: Vec::new() }.full(root)
}

struct Builder<'n> {
    nodes: &'n [SchemaNode],
    /// A schema that several refer to is put together once.
    built: HashMap<usize, Object>,
    /// The schemas that are being put together: a schema that refers to itself is not gone into again.
    path: Vec<usize>,
}

impl Builder<'_> {
    fn full(&mut self, index: usize) -> Object {
        if let Some(built) = self.built.get(&index) {
            return built.clone();
        }
        let Some(node) = self.nodes.get(index) else { return Object::new() };
        let mut fields = node.fields.clone();
        fields.insert("block_schema_references".to_owned(), Value::Object(self.references(node)));
        let mut definitions = Object::new();
        self.path.push(index);
        for (_, child) in &node.references {
            if self.path.contains(child) {
                continue;
            }
            let mut child_fields = self.full(*child);
            let title = child_fields.get("title").and_then(Value::as_str).map(str::to_owned);
            if let Some(title) = title {
                let inner = child_fields.shift_remove("definitions");
                definitions.insert(title, Value::Object(child_fields));
                if let Some(Value::Object(inner)) = inner {
                    definitions.extend(inner);
                }
            }
        }
        self.path.pop();
        if !definitions.is_empty() {
            match fields.get_mut("definitions") {
                Some(Value::Object(plain)) => plain.extend(definitions),
                _ => {
                    fields.insert("definitions".to_owned(), Value::Object(definitions));
                }
            }
        }
        self.built.insert(index, fields.clone());
        fields
    }

    /// One object for a field that holds one kind of block, a list for a field that holds several.
    fn references(&self, node: &SchemaNode) -> Object {
        let mut references = Object::new();
        for (name, child) in &node.references {
            let Some(child) = self.nodes.get(*child) else { continue };
            let reference =
                json!({"block_schema_checksum": child.checksum, "block_type_slug": child.block_type_slug});
            match references.get_mut(name) {
                None => {
                    references.insert(name.clone(), reference);
                }
                Some(Value::Array(several)) => {
                    if !several.contains(&reference) {
                        several.push(reference);
                    }
                }
                Some(one) => {
                    if *one != reference {
                        *one = Value::Array(vec![one.take(), reference]);
                    }
                }
            }
        }
        references
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{SchemaNode, full_fields};

    fn node(title: &str, references: &[(&str, usize)]) -> SchemaNode {
        let Value::Object(fields) = json!({"title": title}) else { unreachable!() };
        SchemaNode {
            fields,
            checksum: format!("sha256:{title}"),
            block_type_slug: title.to_lowercase(),
            references: references.iter().map(|(name, child)| ((*name).to_owned(), *child)).collect(),
        }
    }

    #[test]
    fn nested_schemas_stand_in_definitions() {
        let nodes = [node("A", &[("b", 1), ("u", 1), ("u", 2)]), node("B", &[("c", 2)]), node("C", &[])];
        let reference = |title: &str| json!({"block_schema_checksum": format!("sha256:{title}"), "block_type_slug": title.to_lowercase()});
        let expected = json!({
            "title": "A",
            "block_schema_references": {"b": reference("B"), "u": [reference("B"), reference("C")]},
            "definitions": {
                "B": {"title": "B", "block_schema_references": {"c": reference("C")}},
                "C": {"title": "C", "block_schema_references": {}},
            },
        });
        assert_eq!(Value::Object(full_fields(&nodes, 0)), expected);
    }

    #[test]
    fn circles_and_diamonds_end() {
        let circle = [node("A", &[("b", 1), ("a", 0)]), node("B", &[("a", 0)])];
        assert_eq!(full_fields(&circle, 0)["definitions"]["B"]["title"], "B");
        // 2^60 ways lead down.
        let mut ladder: Vec<SchemaNode> =
            (0..60).map(|step| node(&format!("S{step}"), &[("x", step + 1), ("y", step + 1)])).collect();
        ladder.push(node("End", &[]));
        assert_eq!(full_fields(&ladder, 0)["definitions"].as_object().map(serde_json::Map::len), Some(60));
    }
}
