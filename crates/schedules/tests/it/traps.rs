//! The cases where schedules are known to go wrong, one table for each kind of trap.

use sluice_schedules::{MAX_DATES, ScheduleError, complete, dates, upcoming, validate};
use sluice_wire::schedules::Schedule;
use sluice_wire::time::Timestamp;

fn schedule(json: &str) -> Schedule {
    serde_json::from_str(json).expect(json)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn texts(json: &str, start: &str, limit: usize) -> Vec<String> {
    let found = dates(&schedule(json), at(start), None, limit).expect(json);
    found.iter().map(ToString::to_string).collect()
}

/// Clocks in New York: forward at 2024-03-10 07:00 UTC, back at 2024-11-03 06:00 UTC.
#[test]
fn changes_of_offset() {
    let cases: [(&str, &str, &[&str]); 8] = [
        // An interval of an hour fires in both of two repeated hours,
        (
            r#"{"interval":3600,"anchor_date":"2024-01-01T01:30:00-05:00","timezone":"America/New_York"}"#,
            "2024-11-03T05:00:00Z",
            &["2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z", "2024-11-03T07:30:00Z"],
        ),
        // an hourly cron and an hourly rule in the first of them only.
        (
            r#"{"cron":"30 * * * *","timezone":"America/New_York"}"#,
            "2024-11-03T05:00:00Z",
            &["2024-11-03T05:30:00Z", "2024-11-03T07:30:00Z", "2024-11-03T08:30:00Z"],
        ),
        (
            r#"{"rrule":"FREQ=HOURLY;BYMINUTE=30","timezone":"America/New_York"}"#,
            "2024-11-03T05:00:00Z",
            &["2024-11-03T05:30:00Z", "2024-11-03T07:30:00Z", "2024-11-03T08:30:00Z"],
        ),
        // Asked within the second of them, no date lies before the start.
        (
            r#"{"cron":"30 * * * *","timezone":"America/New_York"}"#,
            "2024-11-03T06:15:00Z",
            &["2024-11-03T07:30:00Z"],
        ),
        // A time that does not exist fires later with cron, earlier with a rule.
        (
            r#"{"cron":"30 2 * * *","timezone":"America/New_York"}"#,
            "2024-03-10T00:00:00Z",
            &["2024-03-10T07:30:00Z", "2024-03-11T06:30:00Z"],
        ),
        (
            r#"{"rrule":"FREQ=DAILY;BYHOUR=2;BYMINUTE=30","timezone":"America/New_York"}"#,
            "2024-03-10T00:00:00Z",
            &["2024-03-10T06:30:00Z", "2024-03-11T06:30:00Z"],
        ),
        // It is the same date whether one asks before or after clocks were changed.
        (
            r#"{"cron":"30 2 * * *","timezone":"America/New_York"}"#,
            "2024-03-10T07:15:00Z",
            &["2024-03-10T07:30:00Z", "2024-03-11T06:30:00Z"],
        ),
        // The day that Samoa left out: its dates are those of the day after.
        (
            r#"{"cron":"0 12 * * *","timezone":"Pacific/Apia"}"#,
            "2011-12-29T00:00:00Z",
            &["2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z", "2011-12-31T22:00:00Z"],
        ),
    ];
    for (json, start, expected) in cases {
        assert_eq!(texts(json, start, expected.len()), expected, "{json} from {start}");
    }
}

#[test]
fn start_and_end_are_both_included() {
    for json in [
        r#"{"interval":3600,"anchor_date":"2024-01-01T00:00:00Z"}"#,
        r#"{"cron":"0 * * * *"}"#,
        r#"{"rrule":"FREQ=HOURLY"}"#,
    ] {
        let found = dates(&schedule(json), at("2024-01-01T03:00:00Z"), Some(at("2024-01-01T05:00:00Z")), 9);
        let expected = ["2024-01-01T03:00:00Z", "2024-01-01T04:00:00Z", "2024-01-01T05:00:00Z"];
        assert_eq!(found.expect(json), expected.map(at), "{json}");
        // A fraction of a second after a date, that date is over.
        assert_eq!(texts(json, "2024-01-01T03:00:00.000001Z", 1), ["2024-01-01T04:00:00Z"], "{json}");
    }
}

#[test]
fn dates_are_limited() {
    let found = dates(&schedule(r#"{"cron":"* * * * *"}"#), Timestamp::EPOCH, None, usize::MAX);
    assert_eq!(found.expect("valid").len(), MAX_DATES);
    assert!(texts(r#"{"cron":"* * * * *"}"#, "2024-01-01T00:00:00Z", 0).is_empty());
}

#[test]
fn recurrence_rules_as_dateutil_follows_them() {
    let cases: [(&str, &[&str]); 8] = [
        // Not a date of its own rule, so not a date.
        ("DTSTART:20240101T090000\nRRULE:FREQ=DAILY;BYHOUR=8", &["2024-01-02T08:00:00Z"]),
        // The offset in the text does not move the wall clock.
        (
            "DTSTART:20240101T090000Z\nRRULE:FREQ=DAILY;UNTIL=20240102T090000Z",
            &["2024-01-01T09:00:00Z", "2024-01-02T09:00:00Z"],
        ),
        // A numbered and a plain weekday exclude each other.
        ("DTSTART:20240101T090000\nRRULE:FREQ=MONTHLY;BYDAY=MO,+1TU", &[]),
        // The first week begins with the rule.
        (
            "DTSTART:20240103T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1;COUNT=2",
            &["2024-01-03T09:00:00Z", "2024-01-08T09:00:00Z"],
        ),
        (
            "DTSTART:20240101T090000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20240102T090000",
            &["2024-01-01T09:00:00Z", "2024-01-03T09:00:00Z"],
        ),
        (
            "DTSTART:20240101T090000\nRRULE:FREQ=DAILY;COUNT=2\nEXRULE:FREQ=WEEKLY\nRDATE:20240105T120000",
            &["2024-01-02T09:00:00Z", "2024-01-05T12:00:00Z"],
        ),
        ("DTSTART:20240101T090000\nRRULE:FREQ=DAILY;COUNT=0", &[]),
        ("DTSTART:20240101T090000\nRRULE:FREQ=YEARLY;BYEASTER=1;COUNT=1", &["2024-04-01T09:00:00Z"]),
    ];
    for (rrule, expected) in cases {
        let json = serde_json::json!({ "rrule": rrule }).to_string();
        let limit = if rrule.contains("BYHOUR") { 1 } else { 10 };
        assert_eq!(texts(&json, "2024-01-01T00:00:00Z", limit), expected, "{rrule}");
    }
}

#[test]
fn what_is_stored_is_complete() {
    let now = at("2026-03-04T05:06:07.5Z");
    let cases = [
        (
            r#"{"interval":60}"#,
            r#"{"interval":60.0,"anchor_date":"2026-03-04T05:06:07.500000Z","timezone":"UTC"}"#,
        ),
        (
            r#"{"rrule":"FREQ=MINUTELY","timezone":"America/New_York"}"#,
            r#"{"rrule":"DTSTART:20260304T000600\nFREQ=MINUTELY","timezone":"America/New_York"}"#,
        ),
        (r#"{"cron":"@daily"}"#, r#"{"cron":"@daily","timezone":null,"day_or":true}"#),
    ];
    for (sent, stored) in cases {
        let completed = complete(schedule(sent), now).expect(sent);
        assert_eq!(serde_json::to_string(&completed).expect("writes"), stored);
        assert_eq!(complete(completed.clone(), now), Ok(completed), "completing again changes nothing");
    }
    assert_eq!(upcoming(&schedule(r#"{"interval":60}"#), now).err(), Some(ScheduleError::MissingAnchor));
}

#[test]
fn errors_speak_as_the_reference_does() {
    let too_long = format!(r#"{{"rrule":"RDATE:{}20240101T000000"}}"#, "20240101T000000,".repeat(420));
    let cases = [
        (r#"{"cron":"foo"}"#, Some("cron"), r#"Invalid cron string: "foo""#),
        (r#"{"cron":"H * * * *"}"#, Some("cron"), r#"Invalid cron string: "H * * * *""#),
        (
            r#"{"cron":"R * * * *"}"#,
            Some("cron"),
            r#"Random and Hashed expressions are unsupported, received: "R * * * *""#,
        ),
        (r#"{"rrule":"FREQ=FOO"}"#, Some("rrule"), r#"Invalid RRule string "FREQ=FOO": invalid 'FREQ': FOO"#),
        (r#"{"rrule":""}"#, Some("rrule"), r#"Invalid RRule string "": empty string"#),
        (
            &too_long,
            Some("rrule"),
            "Invalid RRule string \"RDATE:20240101T000000,20240101T000000,20...\"\nMax length is 6500, got 6741",
        ),
        (
            r#"{"cron":"* * * * *","timezone":"X"}"#,
            None,
            r#"Invalid timezone: "X" (specify in IANA tzdata format, for example, America/New_York)"#,
        ),
        (
            r#"{"rrule":"FREQ=DAILY","timezone":"X"}"#,
            Some("timezone"),
            r#"Invalid timezone: "X" (specify in IANA tzdata format, for example, America/New_York)"#,
        ),
    ];
    for (json, field, message) in cases {
        let error = validate(&schedule(json)).expect_err(json);
        assert_eq!((error.field(), error.to_string().as_str()), (field, message));
    }
}

/// A search that walked to these answers would not end while one waits.
#[test]
fn every_search_ends() {
    let many_impossible_rules = vec!["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"; 150].join("\\n");
    let cases = [
        (r#"{"interval":0.000001,"anchor_date":"1970-01-01T00:00:00Z"}"#.to_owned(), true),
        (r#"{"interval":86400.000001,"anchor_date":"0001-01-02T00:00:00Z"}"#.to_owned(), true),
        (r#"{"cron":"0 0 30 2 *"}"#.to_owned(), false),
        (r#"{"cron":"0 0 1 1 * 0 1970"}"#.to_owned(), false),
        (r#"{"rrule":"FREQ=SECONDLY"}"#.to_owned(), true),
        (r#"{"rrule":"DTSTART:00020101T000000\nRRULE:FREQ=SECONDLY"}"#.to_owned(), true),
        (r#"{"rrule":"DTSTART:20000101T000000\nRRULE:FREQ=SECONDLY;COUNT=999999999"}"#.to_owned(), true),
        (r#"{"rrule":"FREQ=SECONDLY;COUNT=999999999;BYSECOND=0,1;BYHOUR=3"}"#.to_owned(), true),
        (r#"{"rrule":"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}"#.to_owned(), false),
        (r#"{"rrule":"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"}"#.to_owned(), false),
        (r#"{"rrule":"FREQ=SECONDLY;INTERVAL=86400;BYHOUR=5"}"#.to_owned(), false),
        (r#"{"rrule":"FREQ=YEARLY;INTERVAL=999999999999"}"#.to_owned(), false),
        (r#"{"rrule":"RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY"}"#.to_owned(), false),
        (format!(r#"{{"rrule":"{many_impossible_rules}"}}"#), false),
    ];
    for (json, has_date) in cases {
        let found = dates(&schedule(&json), at("2026-01-01T00:00:00.5Z"), None, 1).expect(&json);
        assert_eq!(found.len(), usize::from(has_date), "{json}");
    }
}
