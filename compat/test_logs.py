"""Logs that flows write, read back through the API."""

from __future__ import annotations

import csv
import io
import logging

from prefect import flow, get_run_logger, runtime

from support.api import Api

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


def test_log_at_every_level_and_filter_by_level(api: Api, name: str):
    @flow(name=name, log_prints=True)
    def talking() -> str:
        logger = get_run_logger()
        logger.setLevel(logging.DEBUG) if hasattr(logger, "setLevel") else None
        for level in LEVELS:
            getattr(logger, level)("at %s", level)
        print("printed")
        return runtime.flow_run.id

    run_id = talking()

    logs = api.await_log(run_id, "Finished in state Completed()")
    levels = {log["message"]: log["level"] for log in logs}
    for level, number in LEVELS.items():
        assert levels[f"at {level}"] == number
    assert levels["printed"] == 20
    assert [log["timestamp"] for log in logs] == sorted(log["timestamp"] for log in logs)
    loud = api.read("/logs/filter", logs={"flow_run_id": {"any_": [run_id]}, "level": {"ge_": 40}})
    assert {log["message"] for log in loud} == {"at error", "at critical"}


def test_log_text_of_every_alphabet_and_long_lines(api: Api, name: str):
    lines = ["Größe: 5 µm ✓ 日本語 🚀", "line one\nline two\ttabbed", "x" * 10_000, "nul \x00 inside"]

    @flow(name=name)
    def talking() -> str:
        for line in lines:
            get_run_logger().info("%s", line)
        return runtime.flow_run.id

    run_id = talking()

    messages = [log["message"] for log in api.await_log(run_id, "Finished in state Completed()")]
    for line in lines:
        assert line.replace("\x00", "") in messages


def test_download_the_logs_of_a_flow_run_as_csv(api: Api, name: str):
    @flow(name=name)
    def talking() -> str:
        get_run_logger().info('with "quotes", commas')
        return runtime.flow_run.id

    run_id = talking()
    api.await_log(run_id, "Finished in state Completed()")

    response = api.get(f"/flow_runs/{run_id}/logs/download")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert 'with "quotes", commas' in [row["message"] for row in rows]
    assert set(rows[0]) == {"timestamp", "level", "flow_run_id", "task_run_id", "message"}


def test_delete_a_flow_run_and_its_logs_are_gone(api: Api, name: str):
    @flow(name=name)
    def talking() -> str:
        get_run_logger().info("soon gone")
        return runtime.flow_run.id

    run_id = talking()
    api.await_log(run_id, "Finished in state Completed()")

    assert api.delete(f"/flow_runs/{run_id}").status_code == 204
    from support.waiting import eventually

    eventually(lambda: api.logs_of(run_id), lambda logs: logs == [])
