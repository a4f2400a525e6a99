//! Whether a body is an object or a list, found out from the type that is to be read.
//!
//! The code that serde derives for a struct also reads a list of its fields in order. On this wire a list is never
//! an object, so a body's own type is asked first.

use serde::Deserializer;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// True when `T` asks for the fields of a struct.
pub(super) fn is_object<T: DeserializeOwned>() -> bool {
    let mut asks_for_struct = false;
    // The probe answers every question with an error: only the question is of interest.
    drop(T::deserialize(Probe { asks_for_struct: &mut asks_for_struct }));
    asks_for_struct
}

struct Probe<'p> {
    asks_for_struct: &'p mut bool,
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a probe has no value"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.asks_for_struct = true;
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

    use super::is_object;

    #[derive(Deserialize)]
    struct Named {
        #[expect(dead_code, reason = "only the shape is of interest")]
        name: String,
    }

    #[test]
    fn tells_objects_from_everything_else() {
        assert!(is_object::<Named>());
        assert!(!is_object::<Vec<Named>>());
        assert!(!is_object::<String>());
        assert!(!is_object::<serde_json::Value>());
    }
}
