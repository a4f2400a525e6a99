use sluice_wire::schedules::{CronSchedule, Schedule};

use super::{Target, walk};

pub(super) const TARGET: Target = Target {
    name: "cron",
    seeds: &[
        "0 4 * * *",
        "*/15 9-17 * * MON-FRI",
        "0 0 1,15,L * *",
        "5 4 * jan,dec sun#2",
        "@hourly",
        "0 0 30 2 *",
    ],
    words: &[
        "*",
        "/",
        ",",
        "-",
        "#",
        "L",
        "?",
        " ",
        "@daily",
        "@yearly",
        "MON",
        "sun",
        "jan",
        "DEC",
        "0",
        "7",
        "59",
        "23",
        "31",
        "12",
        "LW",
        "R",
        "H",
        "* * * * * *",
        "2-1",
        "*/0",
        "fri#5",
        "L5",
    ],
    run: |text| {
        for day_or in [true, false] {
            for timezone in [None, Some("Europe/Berlin"), Some("Pacific/Apia")] {
                let timezone = timezone.map(str::to_owned);
                walk(Schedule::Cron(CronSchedule { cron: text.to_owned(), timezone, day_or }));
            }
        }
    },
};
