"""Artifacts that a flow leaves behind."""

from __future__ import annotations

import json

from prefect import flow, runtime, task
from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from support.api import Api


def test_create_artifacts_of_every_kind_in_a_flow(api: Api, name: str):
    @task
    def in_a_task() -> None:
        create_markdown_artifact("# Report", key=f"{name}-markdown", description="a report")

    @flow(name=name)
    def reporting() -> str:
        create_link_artifact("https://example.org/report", key=f"{name}-link", link_text="the report")
        create_table_artifact([{"city": "Hamburg", "rain": 3}], key=f"{name}-table")
        create_image_artifact("https://example.org/plot.png", key=f"{name}-image")
        in_a_task()
        return runtime.flow_run.id

    run_id = reporting()

    artifacts = api.read("/artifacts/filter", artifacts={"flow_run_id": {"any_": [run_id]}}, sort="KEY_ASC")
    by_type = {artifact["type"]: artifact for artifact in artifacts if artifact["key"]}
    assert set(by_type) == {"markdown", "table", "image"}
    assert len([artifact for artifact in artifacts if artifact["key"]]) == 4
    assert json.loads(by_type["table"]["data"]) == [{"city": "Hamburg", "rain": 3}]
    task_run_id = api.await_task_runs(run_id, 1)[0]["id"]
    with_task = [artifact for artifact in artifacts if artifact["task_run_id"] == task_run_id]
    assert [artifact["description"] for artifact in with_task] == ["a report"]


def test_show_progress_and_finish_it(api: Api, name: str):
    @flow(name=name)
    def progressing() -> str:
        artifact_id = create_progress_artifact(0.0, key=f"{name}-progress")
        update_progress_artifact(artifact_id, progress=100.0)
        return str(artifact_id)

    artifact = api.get(f"/artifacts/{progressing()}").json()
    assert (artifact["type"], float(artifact["data"])) == ("progress", 100.0)


def test_the_latest_of_a_key_is_the_last_one_written(api: Api, name: str):
    @flow(name=name)
    def versioned(text: str) -> str:
        return str(create_markdown_artifact(text, key=name))

    first, second = versioned("one"), versioned("two")

    assert api.get(f"/artifacts/{name}/latest").json()["data"] == "two"
    by_key = {"artifacts": {"key": {"any_": [name]}}}
    [collection] = api.read("/artifacts/latest/filter", **by_key)
    assert collection["latest_id"] == second
    assert api.post("/artifacts/count", json=by_key).json() == 2
    assert api.post("/artifacts/latest/count", json=by_key).json() == 1

    assert api.delete(f"/artifacts/{second}").status_code == 204
    assert api.get(f"/artifacts/{name}/latest").json()["data"] == "one"
    [collection] = api.read("/artifacts/latest/filter", **by_key)
    assert collection["latest_id"] == first
