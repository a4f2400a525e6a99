"""Multiplies the flow runs of a stopped reference server.

    python seed_reference.py DATABASE COPIES

Takes the flow runs and states that were created over HTTP and inserts COPIES copies of them in turn, with new
ids. Runs that are scheduled in the future are spread over a week, as the runs are that the benchmark creates
over HTTP elsewhere. HTTP would do the same in about half an hour.
"""

import datetime
import random
import sqlite3
import sys
import uuid

WEEK = datetime.timedelta(days=7)


def main(database: str, copies: int) -> None:
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    runs = [dict(row) for row in connection.execute("SELECT * FROM flow_run")]
    states = {
        row["id"]: dict(row) for row in connection.execute("SELECT * FROM flow_run_state")
    }
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    shuffled = random.Random(8)

    new_runs, new_states = [], []
    for number in range(copies):
        run = dict(runs[number % len(runs)])
        state = dict(states[run["state_id"]])
        state_id, run_id = str(uuid.uuid4()), str(uuid.uuid4())
        state["state_details"] = state["state_details"].replace(run["id"], run_id)
        state["id"], state["flow_run_id"] = state_id, run_id
        run["id"], run["state_id"] = run_id, state_id
        run["name"] = f"copy-{number}"
        if run["state_type"] == "SCHEDULED":
            due = now + shuffled.random() * WEEK
            due_text = due.strftime("%Y-%m-%d %H:%M:%S.%f")
            run["expected_start_time"] = run["next_scheduled_start_time"] = due_text
        new_runs.append(tuple(run.values()))
        new_states.append(tuple(state.values()))

    insert(connection, "flow_run_state", list(next(iter(states.values()))), new_states)
    insert(connection, "flow_run", list(runs[0]), new_runs)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def insert(connection: sqlite3.Connection, table: str, columns: list[str], rows: list) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join("?" for _ in columns)
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
