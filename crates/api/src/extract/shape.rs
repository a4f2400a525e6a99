//! Whether a body is an object or a list, found out from the type that is to be read.
//!
//! The code that serde derives for a struct also reads a list of its fields in order. On this wire a list is never
//! an object, so a body's own type is asked first. The same question tells the order of its fields.

use serde::Deserializer;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// True when `T` asks for the fields of a struct.
pub(super) fn is_object<T: DeserializeOwned>() -> bool {
    fields::<T>().is_some()
}

/// The names of the fields that `T` asks for, in the order of their declaration; none when it is no struct.
pub(super) fn fields<T: DeserializeOwned>() -> Option<&'static [&'static str]> {
    let mut fields = None;
    // The probe answers every question with an error: only the question is of interest.
    drop(T::deserialize(Probe { fields: &mut fields }));
    fields
}

struct Probe<'p> {
    fields: &'p mut Option<&'static [&'static str]>,
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a probe has no value"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.fields = Some(fields);
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{fields, is_object};

    #[derive(Deserialize)]
    struct Named {
        #[expect(dead_code, reason = "only the shape is of interest")]
        name: String,
    }

    #[test]
    fn tells_objects_from_everything_else() {
        assert!(is_object::<Named>());
        assert_eq!(fields::<Named>(), Some(["name"].as_slice()));
        assert!(!is_object::<Vec<Named>>());
        assert!(!is_object::<String>());
        assert!(!is_object::<serde_json::Value>());
    }
}
