//! Schemas that refer to themselves without end.

use serde_json::Value;

/// Whether holding `instance` against `schema` would come back to the same schema at the same place.
pub(crate) fn is_circular(schema: &Value, instance: &Value) -> bool {
    Walk { root: schema, here: Vec::new(), depth: 0 }.visit(schema, instance)
}

/// More than any schema that ends.
const DEEPEST: usize = 256;

struct Walk<'a> {
    root: &'a Value,
    /// The schemas that are being held against the present place.
    here: Vec<*const Value>,
    depth: usize,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, schema: &'a Value, instance: &Value) -> bool {
        if self.here.iter().any(|other| std::ptr::eq(*other, schema)) || self.depth > DEEPEST {
            return true;
        }
        let Value::Object(fields) = schema else { return false };
        self.here.push(schema);
        self.depth += 1;
        let is_circular = fields.iter().any(|(keyword, value)| match keyword.as_str() {
            "$ref" => self.referred(value).is_some_and(|schema| self.visit(schema, instance)),
            "allOf" | "anyOf" | "oneOf" => {
                value.as_array().into_iter().flatten().any(|schema| self.visit(schema, instance))
            }
            "not" | "if" | "then" | "else" => self.visit(value, instance),
            "properties" => match (value, instance) {
                (Value::Object(properties), Value::Object(values)) => values.iter().any(|(name, value)| {
                    properties.get(name).is_some_and(|schema| self.below(schema, value))
                }),
                _ => false,
            },
            "additionalProperties" => {
                instance.as_object().is_some_and(|values| values.values().any(|item| self.below(value, item)))
            }
            "items" => {
                instance.as_array().is_some_and(|items| items.iter().any(|item| self.below(value, item)))
            }
            "prefixItems" => match (value, instance) {
                (Value::Array(schemas), Value::Array(items)) => {
                    schemas.iter().zip(items).any(|(schema, item)| self.below(schema, item))
                }
                _ => false,
            },
            _ => false,
        });
        self.depth -= 1;
        self.here.pop();
        is_circular
    }

    /// A place below the present one: coming back to a schema there is no circle.
    fn below(&mut self, schema: &'a Value, instance: &Value) -> bool {
        let here = std::mem::take(&mut self.here);
        let is_circular = self.visit(schema, instance);
        self.here = here;
        is_circular
    }

    fn referred(&self, reference: &Value) -> Option<&'a Value> {
        let pointer = reference.as_str()?.strip_prefix('#')?;
        self.root.pointer(pointer)
    }
}
