//! Numbers within bounds.

use serde::{Deserialize, Deserializer, Serialize, de};

/// A whole number of at least 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct NonNegative(i64);

impl NonNegative {
    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for NonNegative {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        if number < 0 {
            return Err(de::Error::custom("[greater_than_equal] Input should be greater than or equal to 0"));
        }
        Ok(Self(number))
    }
}

/// A whole number of at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Positive(i64);

impl Positive {
    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Positive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        if number < 1 {
            return Err(de::Error::custom("[greater_than] Input should be greater than 0"));
        }
        Ok(Self(number))
    }
}

#[cfg(test)]
mod tests {
    use super::{NonNegative, Positive};

    #[test]
    fn numbers_out_of_bounds_are_refused() {
        for (text, non_negative, positive) in
            [("-1", false, false), ("0", true, false), ("1", true, true), ("\"1\"", false, false)]
        {
            assert_eq!(serde_json::from_str::<NonNegative>(text).is_ok(), non_negative, "{text}");
            assert_eq!(serde_json::from_str::<Positive>(text).is_ok(), positive, "{text}");
        }
    }
}
