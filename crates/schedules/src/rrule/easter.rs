//! Easter Sunday, for the `BYEASTER` part that dateutil adds to the RFC.

use crate::calendar::days_from_civil;

/// Easter Sunday of the western churches as a day number: the anonymous Gregorian computus.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the month is 3 or 4, the day at most 31"
)]
pub(super) fn easter_sunday(year: i64) -> i64 {
    let golden = year % 19;
    let century = year / 100;
    let solar = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
    let full_moon = solar - (solar / 28) * (1 - (29 / (solar + 1)) * ((21 - golden) / 11));
    let weekday = (year + year / 4 + full_moon + 2 - century + century / 4) % 7;
    let from_march = full_moon - weekday;
    let month = 3 + (from_march + 40) / 44;
    let day = from_march + 28 - 31 * (month / 4);
    days_from_civil(year, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::easter_sunday;
    use crate::calendar::days_from_civil;

    #[test]
    fn knows_the_dates_of_easter() {
        for (year, month, day) in [
            (1961, 4, 2),
            (1981, 4, 19),
            (2000, 4, 23),
            (2008, 3, 23),
            (2024, 3, 31),
            (2025, 4, 20),
            (2038, 4, 25),
        ] {
            assert_eq!(easter_sunday(year), days_from_civil(year, month, day), "{year}");
        }
    }
}
