//! What holds for every schedule, whatever it says.

use proptest::prelude::*;
use sluice_schedules::{dates, upcoming, validate};
use sluice_wire::schedules::{AnchorDate, CronSchedule, IntervalSchedule, RRuleSchedule, Schedule};
use sluice_wire::time::{TimeDelta, Timestamp};

const YEAR: i64 = 365 * 86_400_000_000;

fn timezone() -> impl Strategy<Value = Option<String>> {
    let named = prop::sample::select(vec![
        "UTC",
        "America/New_York",
        "Europe/London",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "America/Sao_Paulo",
    ]);
    prop::option::of(named.prop_map(str::to_owned))
}

/// From 2000 to 2040.
fn moment() -> impl Strategy<Value = Timestamp> {
    (30 * YEAR..70 * YEAR).prop_map(Timestamp::from_micros)
}

fn interval() -> impl Strategy<Value = Schedule> {
    let length = prop_oneof![1_i64..1000, 1_000_000_i64..20_000_000_000, 80_000_000_000_i64..YEAR];
    (length, moment(), timezone()).prop_map(|(length, anchor, timezone)| {
        Schedule::Interval(IntervalSchedule {
            interval: TimeDelta::from_micros(length),
            anchor_date: Some(AnchorDate::from(anchor)),
            timezone,
        })
    })
}

fn cron_field(largest: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("*".to_owned()),
        2 => (1..=largest).prop_map(|number| number.to_string()),
        1 => (1..=largest, 1..=largest).prop_map(|(low, high)| format!("{low}-{high}")),
        1 => (1..=largest).prop_map(|step| format!("*/{step}")),
    ]
}

fn cron() -> impl Strategy<Value = Schedule> {
    let fields = (
        cron_field(59),
        cron_field(23),
        cron_field(31),
        cron_field(12),
        cron_field(6),
        timezone(),
        any::<bool>(),
    );
    fields.prop_map(|(minute, hour, day, month, weekday, timezone, day_or)| {
        let cron = format!("{minute} {hour} {day} {month} {weekday}");
        Schedule::Cron(CronSchedule { cron, timezone, day_or })
    })
}

fn rrule() -> impl Strategy<Value = Schedule> {
    let frequency =
        prop::sample::select(vec!["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]);
    let part = prop::sample::select(vec![
        "",
        ";BYHOUR=1,2,3",
        ";BYDAY=MO,SU",
        ";BYMONTHDAY=-1,1",
        ";BYSETPOS=-1",
        ";COUNT=5000",
        ";BYMONTH=3,11;BYHOUR=2;BYMINUTE=30",
        ";UNTIL=20300101T000000",
        "\nEXRULE:FREQ=HOURLY;INTERVAL=5",
        "\nRDATE:20240310T023000,20241103T013000",
    ]);
    (frequency, 1_u32..100, part, timezone()).prop_map(|(frequency, interval, part, timezone)| {
        let rrule = format!("FREQ={frequency};INTERVAL={interval}{part}");
        Schedule::RRule(RRuleSchedule { rrule, timezone: Some(timezone.unwrap_or_else(|| "UTC".to_owned())) })
    })
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    prop_oneof![interval(), cron(), rrule()]
}

fn take(schedule: &Schedule, start: Timestamp, limit: usize) -> Vec<Timestamp> {
    upcoming(schedule, start).map(|dates| dates.take(limit).collect()).unwrap_or_default()
}

proptest! {
    #[test]
    fn dates_ascend_from_the_start(schedule in any_schedule(), start in moment()) {
        let found = take(&schedule, start, 30);
        prop_assert!(found.iter().all(|date| *date >= start));
        prop_assert!(found.is_sorted_by(|earlier, later| earlier < later), "{found:?}");
    }

    /// Going on after a date yields what asking for more at once would have.
    #[test]
    fn a_scheduler_goes_on_where_it_stopped(schedule in any_schedule(), start in moment(), stop in 1_usize..20) {
        let all = take(&schedule, start, 25);
        if let Some(last) = all.get(stop - 1) {
            let rest = take(&schedule, *last + TimeDelta::from_micros(1), 25 - stop);
            prop_assert_eq!(&all[stop..], rest.as_slice());
        }
    }

    #[test]
    fn the_end_and_the_limit_only_shorten(schedule in any_schedule(), start in moment(), length in 0..YEAR / 4) {
        let end = start + TimeDelta::from_micros(length);
        let within = dates(&schedule, start, Some(end), 10);
        if let Ok(within) = within {
            let all = take(&schedule, start, 10);
            let expected: Vec<Timestamp> = all.into_iter().take_while(|date| *date <= end).collect();
            prop_assert_eq!(within, expected);
        }
    }

    #[test]
    fn a_daily_interval_keeps_its_local_time(anchor in moment(), start in moment()) {
        let zone = jiff::tz::TimeZone::get("America/New_York").expect("exists");
        let local = |at: Timestamp| at.to_jiff().to_zoned(zone.clone()).datetime().time();
        // Clocks change between one and three at night.
        prop_assume!(local(anchor).hour() > 3);
        let schedule = Schedule::Interval(IntervalSchedule {
            interval: TimeDelta::from_secs(86_400),
            anchor_date: Some(AnchorDate::from(anchor)),
            timezone: Some("America/New_York".to_owned()),
        });
        for date in take(&schedule, start, 3) {
            prop_assert_eq!(local(date), local(anchor));
        }
    }

    #[test]
    fn any_text_is_a_cron_expression_or_an_error(text in "\\PC{0,40}", start in moment()) {
        check_text(Schedule::Cron(CronSchedule { cron: text, timezone: None, day_or: true }), start)?;
    }

    #[test]
    fn any_text_like_a_cron_expression_is_one_or_an_error(
        text in "([0-9*/,#lLhr?a-f-]{1,6} ){4,6}[0-9*/,#?-]{1,6}",
        day_or: bool,
        start in moment(),
    ) {
        check_text(Schedule::Cron(CronSchedule { cron: text, timezone: None, day_or }), start)?;
    }

    #[test]
    fn any_text_is_a_recurrence_rule_or_an_error(text in "\\PC{0,60}", start in moment()) {
        check_text(Schedule::RRule(RRuleSchedule { rrule: text, timezone: None }), start)?;
    }

    #[test]
    fn any_text_like_a_recurrence_rule_is_one_or_an_error(
        begin in "(DTSTART[:;]?[0-9TZ:-]{0,16}\n)?",
        frequency in prop::sample::select(vec!["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]),
        parts in prop::collection::vec(
            ("INTERVAL|COUNT|UNTIL|WKST|BYDAY|BYSETPOS|BYMONTH|BYMONTHDAY|BYYEARDAY|BYEASTER|BYWEEKNO|BYHOUR|BYMINUTE|BYSECOND",
             "[+-]?[0-9]{1,12}(,[+-]?[0-9]{1,3}){0,3}|MO|-1SU|20240101T000000Z?"),
            0..5,
        ),
        end in "(\n(EX|R)(RULE|DATE):?[0-9A-Z=;,]{0,20})?",
        start in moment(),
    ) {
        let parts: String = parts.iter().map(|(name, value)| format!(";{name}={value}")).collect();
        let rrule = format!("{begin}FREQ={frequency}{parts}{end}");
        check_text(Schedule::RRule(RRuleSchedule { rrule, timezone: None }), start)?;
    }
}

/// Whatever is valid has dates or none, and is done with it.
fn check_text(schedule: Schedule, start: Timestamp) -> Result<(), TestCaseError> {
    let is_valid = validate(&schedule).is_ok();
    let found = dates(&schedule, start, None, 3);
    prop_assert_eq!(found.is_ok(), is_valid);
    Ok(())
}
