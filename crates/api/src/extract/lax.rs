//! Reads values as the reference does: `"5"` and `5.0` are whole numbers, `1` and `"yes"` are truth values, a list is
//! never an object.
//!
//! A layer between a type and the JSON that it is read from. What it refuses, it says in the reference's words.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};

/// The name of an enum (`#[serde(rename = "Literal")]`) that the reference declares as a choice of texts.
const LITERAL: &str = "Literal";

/// A deserializer that is generous where the reference is.
pub(super) struct Lax<D>(pub(super) D);

macro_rules! forward_through {
    ($($method:ident => $reader:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.deserialize_any($reader(visitor))
        }
    )*};
}

macro_rules! forward_as_it_is {
    ($($method:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(Inside(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Lax<D> {
    type Error = D::Error;

    forward_through! {
        deserialize_bool => Bool,
        deserialize_i8 => Integer, deserialize_i16 => Integer, deserialize_i32 => Integer,
        deserialize_i64 => Integer, deserialize_i128 => Integer,
        deserialize_u8 => Integer, deserialize_u16 => Integer, deserialize_u32 => Integer,
        deserialize_u64 => Integer, deserialize_u128 => Integer,
        deserialize_f32 => Float, deserialize_f64 => Float,
    }

    forward_as_it_is! {
        deserialize_any, deserialize_char, deserialize_str, deserialize_string, deserialize_bytes,
        deserialize_byte_buf, deserialize_option, deserialize_unit, deserialize_seq, deserialize_map,
        deserialize_identifier, deserialize_ignored_any,
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, Inside(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Inside(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(length, Inside(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, length, Inside(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Object(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Choice { is_literal: name == LITERAL, variants, visitor })
    }
}

/// Any value: the layer is kept for what is inside.
struct Inside<V>(V);

macro_rules! pass_on {
    ($($method:ident: $value:ty),* $(,)?) => {$(
        fn $method<E: Error>(self, value: $value) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Inside<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    pass_on! {
        visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128, visit_f64: f64,
        visit_str: &str, visit_borrowed_str: &'de str, visit_string: String,
        visit_bytes: &[u8], visit_borrowed_bytes: &'de [u8], visit_byte_buf: Vec<u8>,
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Lax(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Lax(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Items(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Entries(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, choice: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(choice)
    }
}

struct Items<A>(A);

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Seed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

struct Entries<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Seed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

struct Seed<T>(T);

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        self.0.deserialize(Lax(deserializer))
    }
}

/// The fields of an object; serde would take a list of them in order, too.
struct Object<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Object<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("struct")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Entries(entries))
    }
}

macro_rules! refuse_others {
    ($($method:ident($($value:ident: $kind:ty)?)),* $(,)?) => {$(
        fn $method<E: Error>(self $(, $value: $kind)?) -> Result<V::Value, E> {
            $(let _ = $value;)?
            Err(self.refusal())
        }
    )*};
}

macro_rules! refuse_lists_and_objects {
    () => {
        fn visit_seq<A: SeqAccess<'de>>(self, _items: A) -> Result<V::Value, A::Error> {
            Err(self.refusal())
        }

        fn visit_map<A: MapAccess<'de>>(self, _entries: A) -> Result<V::Value, A::Error> {
            Err(self.refusal())
        }
    };
}

/// A truth value.
struct Bool<V>(V);

impl<V> Bool<V> {
    #[expect(clippy::unused_self, reason = "called by macros for several readers")]
    fn refusal<E: Error>(&self) -> E {
        E::custom("[bool_type] Input should be a valid boolean")
    }
}

const NO_BOOLEAN: &str = "[bool_parsing] Input should be a valid boolean, unable to interpret input";

impl<'de, V: Visitor<'de>> Visitor<'de> for Bool<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a boolean")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        self.0.visit_bool(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<V::Value, E> {
        match value {
            0 => self.0.visit_bool(false),
            1 => self.0.visit_bool(true),
            _ => Err(E::custom(NO_BOOLEAN)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<V::Value, E> {
        self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        match whole(value) {
            Some(number) => self.visit_i64(number),
            None => Err(self.refusal()),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => self.0.visit_bool(true),
            "false" | "f" | "no" | "n" | "off" | "0" => self.0.visit_bool(false),
            _ => Err(E::custom(NO_BOOLEAN)),
        }
    }

    refuse_others! { visit_unit() }
    refuse_lists_and_objects! {}
}

/// A whole number.
struct Integer<V>(V);

impl<V> Integer<V> {
    #[expect(clippy::unused_self, reason = "called by macros for several readers")]
    fn refusal<E: Error>(&self) -> E {
        E::custom("[int_type] Input should be a valid integer")
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Integer<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an integer")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        self.0.visit_u64(u64::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<V::Value, E> {
        self.0.visit_i64(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<V::Value, E> {
        self.0.visit_u64(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        match whole(value) {
            Some(number) => self.0.visit_i64(number),
            // More than any column holds.
            None if value.fract() == 0.0 => Err(E::invalid_value(Unexpected::Float(value), &"an integer")),
            None => Err(E::custom(
                "[int_from_float] Input should be a valid integer, got a number with a fractional part",
            )),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        let digits = text.trim();
        let without_fraction =
            digits.split_once('.').filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'));
        match without_fraction.map_or(digits, |(digits, _)| digits).parse::<i64>() {
            Ok(number) => self.0.visit_i64(number),
            Err(_) => Err(E::custom(
                "[int_parsing] Input should be a valid integer, unable to parse string as an integer",
            )),
        }
    }

    refuse_others! { visit_unit() }
    refuse_lists_and_objects! {}
}

/// A number with a fraction.
struct Float<V>(V);

impl<V> Float<V> {
    #[expect(clippy::unused_self, reason = "called by macros for several readers")]
    fn refusal<E: Error>(&self) -> E {
        E::custom("[float_type] Input should be a valid number")
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Float<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<V::Value, E> {
        self.0.visit_f64(if value { 1.0 } else { 0.0 })
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<V::Value, E> {
        self.0.visit_i64(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<V::Value, E> {
        self.0.visit_u64(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        self.0.visit_f64(value)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        match text.trim().parse() {
            Ok(number) => self.0.visit_f64(number),
            Err(_) => Err(E::custom(
                "[float_parsing] Input should be a valid number, unable to parse string as a number",
            )),
        }
    }

    refuse_others! { visit_unit() }
    refuse_lists_and_objects! {}
}

/// The number without its fraction, which must be zero; `None` when it has one or does not fit.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
fn whole(value: f64) -> Option<i64> {
    const LARGEST: f64 = 9e18;
    (value.fract() == 0.0 && value.abs() < LARGEST).then_some(value as i64)
}

/// One of several texts.
struct Choice<V> {
    is_literal: bool,
    variants: &'static [&'static str],
    visitor: V,
}

impl<V> Choice<V> {
    fn refusal<E: Error>(&self) -> E {
        let kind = if self.is_literal { "literal_error" } else { "enum" };
        let quoted: Vec<String> = self.variants.iter().map(|variant| format!("'{variant}'")).collect();
        let choices = match quoted.as_slice() {
            [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            other => other.concat(),
        };
        E::custom(format!("[{kind}] Input should be {choices}"))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Choice<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a choice")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        if self.variants.contains(&text) {
            let choice: StrDeserializer<'_, E> = text.into_deserializer();
            self.visitor.visit_enum(choice)
        } else {
            Err(self.refusal())
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        let refusal = self.refusal();
        self.visitor.visit_enum(MapAccessDeserializer::new(entries)).map_err(|_: A::Error| refusal)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _items: A) -> Result<V::Value, A::Error> {
        Err(self.refusal())
    }

    refuse_others! {
        visit_bool(value: bool), visit_i64(value: i64), visit_u64(value: u64), visit_f64(value: f64), visit_unit(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::Lax;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
        Green,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename = "Literal", rename_all = "lowercase")]
    enum Mode {
        Fast,
    }

    #[derive(Debug, Deserialize)]
    struct Within {
        number: Option<i64>,
        raw: Box<RawValue>,
    }

    fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        T::deserialize(Lax(&mut deserializer)).map_err(|error| {
            let message = error.to_string();
            message.split(" at line").next().unwrap_or_default().to_owned()
        })
    }

    #[test]
    fn truth_values() {
        for text in ["true", "1", "1.0", "\"yes\"", "\"TRUE\"", "\"on\"", "\"1\""] {
            assert_eq!(read(text), Ok(true), "{text}");
        }
        for text in ["false", "0", "\"no\"", "\"f\""] {
            assert_eq!(read(text), Ok(false), "{text}");
        }
        for (text, kind) in
            [("2", "bool_parsing"), ("\"maybe\"", "bool_parsing"), ("[]", "bool_type"), ("null", "bool_type")]
        {
            assert!(read::<bool>(text).is_err_and(|error| error.contains(kind)), "{text}");
        }
    }

    #[test]
    fn numbers() {
        for text in ["5", "5.0", "\"5\"", "\" 5 \"", "\"5.0\""] {
            assert_eq!(read(text), Ok(5_i64), "{text}");
            assert_eq!(read(text), Ok(5.0), "{text}");
        }
        assert_eq!(read("true"), Ok(1_i64));
        for (text, kind) in
            [("1.5", "int_from_float"), ("\"x\"", "int_parsing"), ("{}", "int_type"), ("null", "int_type")]
        {
            assert!(read::<i64>(text).is_err_and(|error| error.contains(kind)), "{text}");
        }
        assert!(read::<i64>("1180591620717411303424").is_err());
        assert!(read::<f64>("\"x\"").is_err_and(|error| error.contains("float_parsing")));
    }

    #[test]
    fn choices() {
        assert_eq!(read("\"red\""), Ok(Colour::Red));
        for text in ["\"RED\"", "null", "1", "[]", "{}", "{\"a\": 1}"] {
            let refusal = "[enum] Input should be 'red' or 'green'";
            assert_eq!(read::<Colour>(text), Err(refusal.to_owned()), "{text}");
        }
        assert_eq!(read::<Mode>("5"), Err("[literal_error] Input should be 'fast'".to_owned()));
    }

    #[test]
    fn what_is_inside() {
        let within: Within = read(r#"{"number": "7", "raw": {"kept":  "as it is"}}"#).expect("it fits");
        assert_eq!((within.number, within.raw.get()), (Some(7), r#"{"kept":  "as it is"}"#));
        assert!(read::<Within>("[1, 2]").is_err_and(|error| error.contains("expected struct")));
    }
}
