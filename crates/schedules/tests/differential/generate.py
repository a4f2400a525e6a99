#!/usr/bin/env python3
"""Asks the reference for the dates of random schedules and writes them down, one case a line.

    uv venv --python 3.13 .venv-reference
    uv pip install --python .venv-reference prefect==3.8.8
    .venv-reference/bin/python crates/schedules/tests/differential/generate.py --count 500 > fresh.jsonl
    SCHEDULES_CORPUS=$PWD/fresh.jsonl cargo test -p sluice-schedules

The saved cases, corpus.jsonl, are those of the seeds 101 and 102, 1750 each.

Python 3.13 is needed: below it the reference computes dates with another library and leaves out the repeated hour
when clocks are set back. Its rules on 3.13 are the ones that hold here.

A case is {"s": schedule, "a": start, "e": end or absent, "n": limit, "d": dates}, times in microseconds since the epoch;
of the dates the first is absolute and each other one the distance from the one before. A case without "a" asks only
whether the schedule is valid: "v".

Where our dates differ on purpose, a rule below leaves the case out; each is named `is_...` and says why. Two more
differences need no rule but a calculation: the reference takes the first n dates in the order of the wall clock and
sorts afterwards, so more are asked for and the earliest n of them are expected.
"""

import argparse
import datetime
import json
import random
import signal
import sys
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

if sys.version_info < (3, 13):
    sys.exit("run this with Python 3.13 or later: the reference has other dates below it")

from prefect._vendor.croniter import croniter
from prefect._vendor.croniter.croniter import CroniterBadDateError
from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

ZONES = [
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
]
UTC = timezone.utc
DAY = timedelta(days=1)


def offset_at(zone, instant):
    return instant.astimezone(zone).utcoffset()


def find_transitions(zone):
    """The hours before which clocks change, from 2010 to 2026."""
    found = []
    day = datetime.datetime(2010, 1, 1, tzinfo=UTC)
    while day.year < 2027:
        if offset_at(zone, day) != offset_at(zone, day + DAY):
            for hour in range(24):
                instant = day + timedelta(hours=hour)
                if offset_at(zone, instant) != offset_at(zone, instant + timedelta(hours=1)):
                    found.append(instant + timedelta(hours=1))
        day += DAY
    return found


TRANSITIONS = {name: find_transitions(ZoneInfo(name)) for name in ZONES}


def random_zone(rng):
    return rng.choice(["America/New_York", "Europe/Berlin"]) if rng.random() < 0.35 else rng.choice(ZONES)


def random_instant(rng, zone_name):
    transitions = TRANSITIONS[zone_name]
    if transitions and rng.random() < 0.5:
        return rng.choice(transitions) + timedelta(seconds=rng.randrange(-3 * 86400, 86400) // 60 * 60)
    start = datetime.datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(17 * 365 * 86400))
    form = rng.random()
    if form < 0.3:
        return start.replace(minute=0, second=0)
    if form < 0.4:
        return start + timedelta(microseconds=rng.randrange(1_000_000))
    return start


def changes_offset_between(zone_name, earlier, later):
    return any(earlier < transition <= later for transition in TRANSITIONS[zone_name])


class TooSlow(BaseException):
    pass


def give_up(signum, frame):
    raise TooSlow


signal.signal(signal.SIGALRM, give_up)


def ask(schedule, count, start, end):
    return sorted(set(date.astimezone(UTC) for date in schedule._get_dates_generator(count, start, end)))


# Interval


def random_interval_case(rng):
    zone_name = random_zone(rng)
    start = random_instant(rng, zone_name)
    form = rng.random()
    if form < 0.35:
        interval = timedelta(days=rng.choice([1, 1, 2, 7, 14, 30]))
    elif form < 0.5:
        interval = timedelta(days=rng.randrange(1, 4), minutes=rng.choice([30, 60, 90, 600]))
    elif form < 0.6:
        interval = timedelta(seconds=rng.randrange(1, 90000))
    else:
        interval = timedelta(minutes=rng.choice([1, 5, 10, 15, 30, 60, 60, 120, 360, 720]))
    anchor = random_instant(rng, zone_name) if rng.random() < 0.5 else start - timedelta(minutes=rng.randrange(900000))
    if interval >= DAY and rng.random() < 0.7:
        anchor = start - timedelta(minutes=rng.randrange(100000))
    zone = ZoneInfo(zone_name)
    schedule = {"interval": interval.total_seconds(), "timezone": zone_name}
    schedule["anchor_date"] = anchor.astimezone(zone if rng.random() < 0.5 else UTC).isoformat()
    count = rng.randrange(1, 8)
    end = start + interval * rng.randrange(1, 8) + timedelta(minutes=1) if rng.random() < 0.2 else None
    dates = ask(IntervalSchedule(**schedule), count, start, end)
    last = dates[-1] if dates else start
    if is_day_counted_as_elapsed_time(zone_name, interval, anchor, start, last):
        return None
    return case(schedule, start, end, count, dates)


def is_day_counted_as_elapsed_time(zone_name, interval, anchor, start, last):
    """The reference jumps from the anchor to the start in elapsed time, which moves the local hour of intervals of
    days when there is a change of offset in between; stepping on from a time that does not exist, or with hours
    over a change, moves it as well. Ours keep the local hour."""
    if interval < DAY:
        return False
    zone = ZoneInfo(zone_name)
    if interval % DAY:
        earliest, latest = min(anchor, start), max(anchor, last)
        return changes_offset_between(zone_name, earliest - 2 * DAY, latest + 2 * DAY)
    changes_at_night = anchor.astimezone(zone).hour < 5 or anchor.astimezone(zone).hour == 23
    jumped_to = start if anchor <= start else start + interval
    return (
        offset_at(zone, anchor) != offset_at(zone, start)
        or changes_offset_between(zone_name, jumped_to - interval, jumped_to)
        or changes_at_night
        or zone_name == "Pacific/Apia"
    )


# Cron

NAMES = {3: "jan feb mar apr may jun jul aug sep oct nov dec".split(), 4: "sun mon tue wed thu fri sat".split()}
BOUNDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7), (0, 59), (2015, 2030)]


def random_cron_item(rng, field):
    low, high = BOUNDS[field]

    def value():
        number = rng.randint(low, high)
        if field in NAMES and rng.random() < 0.3:
            return NAMES[field][number % len(NAMES[field])]
        return str(number)

    form = rng.random()
    if form < 0.35:
        return value()
    if form < 0.55:
        return f"{value()}-{value()}"
    if form < 0.65:
        return f"{value()}-{value()}/{rng.randrange(1, 8)}"
    if form < 0.85:
        return f"*/{rng.choice([1, 2, 3, 5, 7, 10, 15, 20, 30])}"
    if form < 0.9:
        return f"{value()}/{rng.randrange(1, 20)}"
    if field == 2:
        return rng.choice(["l", "L", "15-l"])
    if field == 4:
        return rng.choice([f"{value()}#{rng.randrange(1, 6)}", f"l{rng.randrange(0, 7)}", f"L{rng.randrange(0, 7)}"])
    return value()


def random_cron_field(rng, field, star):
    if rng.random() < star:
        return rng.choice(["*"] * 9 + ["?"]) if field in (2, 4) else "*"
    return ",".join(random_cron_item(rng, field) for _ in range(rng.choice([1, 1, 1, 2, 3])))


def random_cron(rng):
    if rng.random() < 0.03:
        return rng.choice("@midnight @hourly @daily @weekly @monthly @yearly @annually @Daily".split())
    stars = [0.25, 0.35, 0.6, 0.75, 0.6, 0.4, 0.5]
    length = rng.choice([5] * 8 + [6, 7])
    return " ".join(random_cron_field(rng, field, stars[field]) for field in range(length))


def random_cron_case(rng):
    zone_name = random_zone(rng)
    start = random_instant(rng, zone_name)
    schedule = {"cron": random_cron(rng)}
    if zone_name != "UTC" or rng.random() < 0.5:
        schedule["timezone"] = zone_name
    if rng.random() < 0.2:
        schedule["day_or"] = False
    if not croniter.is_valid(schedule["cron"]):
        return {"s": schedule, "v": False} if rng.random() < 0.3 else None
    count = rng.randrange(1, 8)
    end = start + timedelta(minutes=rng.randrange(60 * 24 * 10)) if rng.random() < 0.2 else None
    if is_past_the_first_of_march(schedule["cron"]) or is_around_a_change(zone_name, start, end):
        return None
    try:
        dates = ask(CronSchedule(**schedule), count + 60, start, end)[:count]
    except CroniterBadDateError:
        try:
            dates = ask(CronSchedule(**schedule), count, start, end)
        except CroniterBadDateError:
            if count > 1 or is_union_of_days(schedule):
                return None
            dates = []
    return case(schedule, start, end, count, dates)


def is_past_the_first_of_march(cron):
    """croniter leaves February by as many days as are missing to the next one listed, past the first days of March."""
    days = [day for day in croniter.expand(cron)[0][2] if isinstance(day, int)]
    for february in (28, 29):
        beyond = [day for day in days if day > february]
        if beyond and any(day < min(beyond) - february for day in days):
            return True
    return False


def is_union_of_days(schedule):
    """croniter gives up when one of two day fields has no date, where ours goes on with the other one."""
    fields = croniter.expand(schedule["cron"])[0]
    return fields[2][0] != "*" and fields[4][0] != "*"


def is_around_a_change(zone_name, start, end):
    """In the second of two repeated hours, the reference returns dates of the first, before the start; right after a
    jump, it leaves out those that were moved over it. An end in a repeated hour it compares by the wall clock."""
    if changes_offset_between(zone_name, start - DAY, start):
        return True
    return end is not None and changes_offset_between(zone_name, end - DAY, end + DAY)


def random_invalid_cron(rng):
    cron = list(random_cron(rng))
    for _ in range(rng.randrange(1, 4)):
        position = rng.randrange(len(cron) + 1)
        if rng.random() < 0.5 and position < len(cron):
            del cron[position]
        else:
            cron.insert(position, rng.choice("0123456789*/-,#?l LhMON@."))
    cron = "".join(cron)
    if any(is_random(word) for word in cron.split()):
        return None
    try:
        is_valid = croniter.is_valid(cron)
    except Exception:
        is_valid = False
    return {"s": {"cron": cron}, "v": is_valid}


def is_random(word):
    """`r` stands for a random number, which the reference accepts in all but its simplest form; ours never."""
    return word[:1] in "rR"


# Recurrence rules

FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(rng, low, high, most=3, negative=False):
    values = {rng.randint(low, high) * (-1 if negative and rng.random() < 0.3 else 1) for _ in range(rng.randint(1, most))}
    return ",".join(str(value) for value in sorted(values))


def random_rule(rng, start, frequency=None, with_count=True):
    frequency = frequency or rng.choice(FREQUENCIES)
    rank = FREQUENCIES.index(frequency)
    parts = [f"FREQ={frequency}"]
    if rng.random() < 0.45:
        parts.append(f"INTERVAL={rng.choice([1, 2, 2, 3, 4, 5, 6, 7, 10, 12, 15, 24, 30, 45, 90, 100])}")
    if rng.random() < 0.2:
        parts.append(f"WKST={rng.choice(WEEKDAYS)}")
    if with_count and rng.random() < 0.15:
        parts.append(f"COUNT={rng.choice([0, 1, 3, 10, 50, 400, 2000])}")
    if rng.random() < 0.12:
        until = start + timedelta(hours=rng.randrange(-48, 9000))
        parts.append(until.strftime(rng.choice(["UNTIL=%Y%m%dT%H%M%S", "UNTIL=%Y%m%d"])))
    if rng.random() < 0.2:
        parts.append("BYMONTH=" + some(rng, 1, 12, 4))
    if rng.random() < 0.15:
        parts.append("BYMONTHDAY=" + some(rng, 1, 31, 4, negative=True))
    if rng.random() < 0.06:
        parts.append("BYYEARDAY=" + some(rng, 1, 366, 5, negative=True))
    if rng.random() < (0.12 if rank in (0, 2) else 0.03):
        parts.append("BYWEEKNO=" + some(rng, 1, 53, 4, negative=True))
    if rng.random() < 0.03:
        parts.append("BYEASTER=" + some(rng, 0, 50, 2))
    if rng.random() < 0.3:
        days = rng.sample(WEEKDAYS, rng.randint(1, 4))
        if rank < 2 and rng.random() < 0.5:
            days = [rng.choice([f"{rng.choice([1, 2, 3, 4, 5, -1, -2]):+d}{day}", day + "(+1)"]) for day in days]
        parts.append("BYDAY=" + ",".join(days))
    if rng.random() < 0.3:
        parts.append("BYHOUR=" + some(rng, 0, 23, 4) if rng.random() < 0.7 else "BYHOUR=1,2,3")
    if rng.random() < 0.25:
        parts.append("BYMINUTE=" + some(rng, 0, 59, 4))
    if rng.random() < 0.12:
        parts.append("BYSECOND=" + some(rng, 0, 59, 3))
    if rng.random() < 0.15:
        parts.append("BYSETPOS=" + some(rng, 1, 5, 2, negative=True))
    rng.shuffle(parts)
    return ";".join(parts)


def random_rrule(rng, start, zone_name):
    frequency = rng.choice(FREQUENCIES)
    rank = FREQUENCIES.index(frequency)
    reach = [4000, 2000, 1500, 1200, 60, 3, 0.1][rank]
    begin = start.astimezone(ZoneInfo(zone_name)).replace(tzinfo=None) - timedelta(days=rng.random() * reach - reach / 20)
    begin = begin.replace(microsecond=0, second=rng.choice([0, 0, 0, begin.second]))
    lines = []
    if rank >= 4 or rng.random() < 0.7:
        lines.append(begin.strftime("DTSTART:%Y%m%dT%H%M%S"))
    prefix = "RRULE:" if lines or rng.random() < 0.5 else ""
    lines.append(prefix + random_rule(rng, start, frequency))
    if rng.random() < 0.2:
        slow = [name for name in FREQUENCIES if FREQUENCIES.index(name) <= max(rank, 3)]
        naive = start.astimezone(ZoneInfo(zone_name)).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        near = [naive + timedelta(hours=rng.randrange(-50, 200)) for _ in range(3)]
        near += [begin + timedelta(days=rng.randrange(0, 40)) for _ in range(3)]
        listed = lambda: ",".join(date.strftime("%Y%m%dT%H%M%S") for date in rng.sample(near, 3))
        for extra in rng.sample(["RRULE:", "EXRULE:", "RDATE:", "EXDATE:"], rng.randint(1, 3)):
            is_rule = extra in ("RRULE:", "EXRULE:")
            lines.append(extra + (random_rule(rng, start, rng.choice(slow)) if is_rule else listed()))
    return "\n".join(lines)


def random_rrule_case(rng):
    zone_name = random_zone(rng)
    start = random_instant(rng, zone_name)
    schedule = {"rrule": random_rrule(rng, start, zone_name), "timezone": zone_name}
    count = rng.randrange(1, 8)
    end = start + timedelta(minutes=rng.randrange(60 * 24 * 40)) if rng.random() < 0.15 else None
    try:
        parsed = RRuleSchedule(**schedule)
    except ValueError:
        return {"s": schedule, "v": False} if rng.random() < 0.2 else None
    if end is not None and changes_offset_between(zone_name, end - DAY, end + DAY):
        return None
    try:
        dates = ask(parsed, count + 60, start, end)[:count]
    except (ValueError, TypeError, IndexError):
        # A rule that dateutil accepts and then cannot follow.
        return None
    if is_far_away(start, dates, count, end):
        return None
    return case(schedule, start, end, count, dates)


def is_far_away(start, dates, count, end):
    """A rule is followed for four hundred years without a date, and dateutil knows of no daylight saving after 2037."""
    return any(date.year > 2036 for date in dates)


def random_invalid_rrule(rng):
    start = datetime.datetime(2024, 1, 1, tzinfo=UTC)
    rrule = list(random_rrule(rng, start, "UTC"))
    for _ in range(rng.randrange(1, 3)):
        position = rng.randrange(len(rrule) + 1)
        if rng.random() < 0.6 and position < len(rrule):
            del rrule[position]
        else:
            rrule.insert(position, rng.choice("0123456789=;:,-+MOTUXZ"))
    rrule = "".join(rrule)
    if is_date_mangled(rrule):
        return None
    try:
        RRuleSchedule(rrule=rrule)
        is_valid = True
    except Exception:
        is_valid = False
    return {"s": {"rrule": rrule}, "v": is_valid}


def is_date_mangled(rrule):
    """dateutil guesses at dates and leaves other numbers unchecked that no rule can follow; ours refuses them."""
    text = rrule.upper()
    return "DTSTART:" in text or "UNTIL=" in text or "DATE" in text or "BYHOUR" in text or "BYMINUTE" in text or (
        "BYSECOND" in text or "INTERVAL" in text
    )


# All of them


def microseconds(instant):
    return (instant - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def case(schedule, start, end, count, dates):
    numbers = [microseconds(date) for date in dates]
    steps = numbers[:1] + [later - earlier for earlier, later in zip(numbers, numbers[1:])]
    found = {"s": schedule, "a": microseconds(start), "n": count, "d": steps}
    if end is not None:
        found["e"] = microseconds(end)
    return found


KINDS = [
    (random_interval_case, 0.22),
    (random_cron_case, 0.35),
    (random_invalid_cron, 0.06),
    (random_rrule_case, 0.33),
    (random_invalid_rrule, 0.04),
]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    arguments.add_argument("--count", type=int, default=3600)
    arguments = arguments.parse_args()
    print(f"seed {arguments.seed}", file=sys.stderr)
    rng = random.Random(arguments.seed)
    written = 0
    while written < arguments.count:
        (kind,) = rng.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])
        signal.alarm(4)
        try:
            found = kind(rng)
        except (TooSlow, OverflowError):
            found = None
        finally:
            signal.alarm(0)
        if found is not None:
            print(json.dumps(found, separators=(",", ":")))
            written += 1


if __name__ == "__main__":
    main()
