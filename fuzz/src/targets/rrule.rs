use sluice_wire::schedules::{RRuleSchedule, Schedule};

use super::{Target, walk};

pub(super) const TARGET: Target = Target {
    name: "rrule",
    seeds: &[
        "FREQ=WEEKLY;BYDAY=MO,WE",
        "DTSTART:20240101T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=20",
        "DTSTART:20200229T000000\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29\nEXDATE:20240229T000000",
        "RDATE:20250101T000000,20260101T000000",
        "FREQ=HOURLY;INTERVAL=7;UNTIL=20300101T000000Z",
        "DTSTART:20240101T000000\nRRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU;BYSETPOS=-1;WKST=SU",
    ],
    words: &[
        "FREQ=",
        "SECONDLY",
        "MINUTELY",
        "DAILY",
        "YEARLY",
        ";",
        "INTERVAL=",
        "COUNT=",
        "UNTIL=",
        "BYDAY=",
        "+2MO",
        "-1FR",
        "BYMONTH=",
        "BYMONTHDAY=",
        "BYYEARDAY=",
        "BYWEEKNO=",
        "BYSETPOS=",
        "BYHOUR=",
        "BYMINUTE=",
        "BYSECOND=",
        "BYEASTER=",
        "WKST=",
        "EXRULE:",
        "RRULE:",
        "EXDATE:",
        "RDATE:",
        "DTSTART:",
        "DTSTART;TZID=Europe/Berlin:",
        "20240101T000000",
        "99991231T235959",
        "00010101T000000",
        "\n",
        ",",
        "366",
        "-366",
        "53",
    ],
    run: |text| {
        for timezone in [None, Some("America/New_York"), Some("Australia/Lord_Howe")] {
            let timezone = timezone.map(str::to_owned);
            walk(Schedule::RRule(RRuleSchedule { rrule: text.to_owned(), timezone }));
        }
    },
};
