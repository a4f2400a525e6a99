//! The fields of a body, found out from the type that is to be read.

use serde::Deserializer;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::forward_to_deserialize_any;

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

    use super::fields;

    #[derive(Deserialize)]
    struct Named {
        #[expect(dead_code, reason = "only the shape is of interest")]
        name: String,
    }

    #[test]
    fn tells_objects_from_everything_else() {
        assert_eq!(fields::<Named>(), Some(["name"].as_slice()));
        assert_eq!(fields::<Vec<Named>>(), None);
        assert_eq!(fields::<String>(), None);
        assert_eq!(fields::<serde_json::Value>(), None);
    }
}
