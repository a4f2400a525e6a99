"""Multiplies what stands in the database of a stopped Sluice server.

    python seed_sluice.py DATABASE FLOW_RUNS TASK_RUNS

DATABASE is the path of a SQLite file or the URL of a PostgreSQL database (then psql has to be on the PATH). In it
are a flow, a deployment with a work queue, a flow run in every state and a completed task run, made over HTTP.
They become 300 flows, 400 deployments, FLOW_RUNS flow runs over the last 90 days and the coming three, and
TASK_RUNS task runs. HTTP would do the same in hours.

Copies have every column of their template, so that the script does not have to know the tables: only ids, names,
times and the state are written anew.
"""

import sqlite3
import subprocess
import sys
import time

FLOWS = 300
DEPLOYMENTS = 400
DAY = 24 * 3600 * 1_000_000
PAST_DAYS, FUTURE_DAYS = 90, 3

# Out of ten thousand flow runs of the past, so many are in each state; the rest is Completed.
STATES = {"Failed": 600, "Crashed": 200, "Cancelled": 150, "Late": 10, "Running": 20, "Pending": 5, "Paused": 5}
# These did not begin long ago: they are spread over the last hours only.
UNFINISHED = ("Late", "Running", "Pending", "Paused")


class Sqlite:
    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("synchronous = OFF", "cache_size = -2000000", "journal_mode = WAL"):
            self.connection.execute(f"PRAGMA {pragma}")

    def columns(self, table: str) -> list[str]:
        return [row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")]

    def run(self, statements: list[str]) -> None:
        self.connection.execute("BEGIN")
        for statement in statements:
            self.connection.execute(statement)
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()

    def hex(self, number: str, width: int) -> str:
        return f"printf('%0{width}x', {number})"

    def uuid(self, digits: str) -> str:
        return f"unhex({digits})" if sqlite3.sqlite_version_info >= (3, 41) else f"unhexed({digits})"

    def time(self, micros: str) -> str:
        return micros

    def replaced(self, column: str, old: str, new: str) -> str:
        return f"replace({column}, {self.words(old)}, {self.words(new)})"

    def words(self, uuid: str) -> str:
        digits = f"lower(hex({uuid}))"
        parts = [f"substr({digits}, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))]
        return " || '-' || ".join(parts)


class Postgres:
    def __init__(self, url: str) -> None:
        self.url = url

    def psql(self, script: str) -> str:
        command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", self.url]
        return subprocess.run(command, input=script, text=True, check=True, stdout=subprocess.PIPE).stdout

    def columns(self, table: str) -> list[str]:
        query = "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        return self.psql(f"{query} AND table_name = '{table}' ORDER BY ordinal_position;").split()

    def run(self, statements: list[str]) -> None:
        self.psql("BEGIN;\n" + ";\n".join(statements) + ";\nCOMMIT;")

    def close(self) -> None:
        self.psql("VACUUM ANALYZE;")

    def hex(self, number: str, width: int) -> str:
        return f"lpad(to_hex({number}), {width}, '0')"

    def uuid(self, digits: str) -> str:
        return f"CAST({digits} AS uuid)"

    def time(self, micros: str) -> str:
        return f"CAST('epoch' AS timestamptz) + ({micros}) * interval '1 microsecond'"

    def replaced(self, column: str, old: str, new: str) -> str:
        return f"CAST(replace(CAST({column} AS text), CAST({old} AS text), CAST({new} AS text)) AS jsonb)"


def main(target: str, flow_runs: int, task_runs: int) -> None:
    database = Postgres(target) if "://" in target else Sqlite(target)
    if isinstance(database, Sqlite):
        database.connection.create_function("unhexed", 1, bytes.fromhex, deterministic=True)
    now = int(time.time()) * 1_000_000
    database.run(
        [
            copies(database, "flow", FLOWS, {"name": "'flow-' || n"}, "template", "flow"),
            deployments(database),
            *flow_run_copies(database, flow_runs, now),
            task_run_copies(database, task_runs),
        ]
    )
    database.close()


def numbers(count: int, until: str = "") -> str:
    return f"WITH RECURSIVE numbers (n) AS (SELECT CAST(0 AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {count}){until}"


def hashed(number: str, factor: int, below: int) -> str:
    """Scattered over 0..below without a pattern that an index could profit from."""
    return f"((({number}) * {factor}) % 4294967291 % {below})"


def new_id(database, kind: int, micros: str = "1750000000000000") -> str:
    """A UUIDv7 whose last digits are the number of the copy."""
    digits = [
        database.hex(f"({micros}) / 1000", 12),
        f"'7{kind:03x}8'",
        database.hex(hashed("n", 2654435761, 16**7), 7),
        database.hex("n", 8),
    ]
    return database.uuid(" || ".join(digits))


def copies(database, table: str, count: int, values: dict[str, str], template: str, source: str) -> str:
    """`count` copies of the only row of `source`, with other values in some columns."""
    values = {"id": new_id(database, len(table)), **values}
    names = database.columns(table)
    chosen = ", ".join(values.get(name, f"{template}.{name}") for name in names)
    rows = f"(SELECT * FROM {source} ORDER BY created LIMIT 1) AS {template}"
    return f"INSERT INTO {table} ({', '.join(names)}) {numbers(count)} SELECT {chosen} FROM numbers, {rows}"


def deployments(database) -> str:
    names = database.columns("deployment")
    values = {"id": new_id(database, 10), "name": "'deployment-' || n", "flow_id": "place.id", "concurrency_limit_id": "NULL"}
    chosen = ", ".join(values.get(name, f"template.{name}") for name in names)
    return (
        f"INSERT INTO deployment ({', '.join(names)}) {numbers(DEPLOYMENTS)} SELECT {chosen} FROM numbers"
        f" JOIN (SELECT id, row_number() OVER (ORDER BY name) - 1 AS place FROM flow) AS place"
        f" ON place.place = n % {FLOWS}, (SELECT * FROM deployment ORDER BY created LIMIT 1) AS template"
    )


def flow_run_copies(database, count: int, now: int) -> list[str]:
    future = count * FUTURE_DAYS // 100
    past = count - future
    step = PAST_DAYS * DAY // max(past, 1)
    lot = hashed("n", 2246822519, 10_000)
    bounds, chosen_state, below = [], "", 0
    for name, share in STATES.items():
        below += share
        bounds.append(f"WHEN {lot} < {below} THEN '{name}'")
    chosen_state = f"CASE WHEN n >= {past} THEN 'Scheduled' {' '.join(bounds)} ELSE 'Completed' END"
    recent = ", ".join(f"'{name}'" for name in UNFINISHED)
    due = (
        f"CASE WHEN n >= {past} THEN {now} + (n - {past} + 1) * {FUTURE_DAYS * DAY // max(future, 1)}"
        f" WHEN state IN ({recent}) THEN {now} - {hashed('n', 3266489917, 6 * 3600)} * 1000000"
        f" ELSE {now} - {PAST_DAYS * DAY} + n * {step} END"
    )
    late = hashed("n", 668265263, 30_000_000)
    took = hashed("n", 374761393, 1_200_000_000)
    has_deployment = f"{hashed('n', 2654435761, 5)} > 0"
    planned = (
        f", chosen (n, state) AS (SELECT n, {chosen_state} FROM numbers)"
        f", planned (n, state, due) AS (SELECT n, state, {due} FROM chosen)"
        f", owners (id, flow_id, work_queue_id, place) AS (SELECT id, flow_id, work_queue_id,"
        f" row_number() OVER (ORDER BY name) - 1 FROM deployment)"
    )
    is_over = "template.end_time IS NOT NULL"
    has_started = "template.start_time IS NOT NULL"
    run_id, state_id = new_id(database, 1, "due"), new_id(database, 2, "due")
    changed = database.time(f"CASE WHEN {is_over} THEN due + {late} + {took} ELSE due + {late} END")
    state = database.replaced(database.replaced("template.state", "template.id", run_id), "template.state_id", state_id)
    values = {
        "id": run_id,
        "name": "'run-' || n",
        "created": database.time("due - 1000000"),
        "updated": changed,
        "flow_id": "owners.flow_id",
        "deployment_id": f"CASE WHEN {has_deployment} THEN owners.id END",
        "work_queue_id": f"CASE WHEN {has_deployment} THEN owners.work_queue_id END",
        "idempotency_key": "NULL",
        "expected_start_time": database.time("due"),
        "next_scheduled_start_time": f"CASE WHEN template.next_scheduled_start_time IS NOT NULL THEN {database.time('due')} END",
        "start_time": f"CASE WHEN {has_started} THEN {database.time(f'due + {late}')} END",
        "end_time": f"CASE WHEN {is_over} THEN {changed} END",
        "total_run_time": f"CASE WHEN {is_over} THEN {took} ELSE 0 END",
        "state_id": state_id,
        "state_timestamp": changed,
        "state": state,
    }
    names = database.columns("flow_run")
    chosen = ", ".join(values.get(name, f"template.{name}") for name in names)
    runs = (
        f"INSERT INTO flow_run ({', '.join(names)}) {numbers(count, planned)} SELECT {chosen} FROM planned"
        f" JOIN owners ON owners.place = n % {DEPLOYMENTS} JOIN flow_run AS template"
        f" ON template.state_name = planned.state AND template.name = 'template'"
    )
    states = (
        "INSERT INTO flow_run_state (id, workspace_id, flow_run_id, timestamp, type, state)"
        " SELECT state_id, workspace_id, id, state_timestamp, state_type, state FROM flow_run WHERE name LIKE 'run-%'"
    )
    return [runs, states]


def task_run_copies(database, count: int) -> str:
    """As many for each flow run that began, up to `count` in all."""
    names = database.columns("task_run")
    task_id = new_id(database, 3)
    values = {
        "id": task_id,
        "name": "'task-' || n",
        "flow_run_id": "run.id",
        "dynamic_key": "CAST(n AS text)",
        "created": "run.start_time",
        "updated": "run.updated",
        "expected_start_time": "run.start_time",
        "start_time": "run.start_time",
        "end_time": "run.end_time",
        "total_run_time": "run.total_run_time",
        "state_type": "run.state_type",
        "state_name": "run.state_name",
        "state_timestamp": "run.state_timestamp",
    }
    chosen = ", ".join(values.get(name, f"template.{name}") for name in names)
    return (
        f"INSERT INTO task_run ({', '.join(names)}) {numbers(count)}"
        f", runs AS (SELECT *, row_number() OVER (ORDER BY expected_start_time) - 1 AS place FROM flow_run"
        f" WHERE start_time IS NOT NULL AND name LIKE 'run-%')"
        f", counted AS (SELECT count(*) AS runs FROM runs)"
        f" SELECT {chosen} FROM numbers CROSS JOIN counted JOIN runs AS run ON run.place = n * counted.runs / {max(count, 1)}"
        f", (SELECT * FROM task_run WHERE name = 'template' LIMIT 1) AS template"
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
