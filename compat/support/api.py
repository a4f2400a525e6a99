"""What the tests ask the server about, over plain HTTP and independent of the SDK."""

from __future__ import annotations

import httpx

from support.waiting import DEADLINE_SECONDS, eventually

TERMINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Api(httpx.Client):
    def read(self, path: str, **body) -> list | dict:
        """POST of a filter; the page size is asked for in full."""
        response = self.post(path, json=body)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text}"
        return response.json()

    def flow_run(self, flow_run_id) -> dict:
        response = self.get(f"/flow_runs/{flow_run_id}")
        assert response.status_code == 200, response.text
        return response.json()

    def flow_runs_named(self, flow_name: str) -> list[dict]:
        return self.read("/flow_runs/filter", flows={"name": {"any_": [flow_name]}}, sort="EXPECTED_START_TIME_ASC")

    def flow_runs_of_deployment(self, deployment_id, **filters) -> list[dict]:
        return self.read(
            "/flow_runs/filter",
            flow_runs={"deployment_id": {"any_": [str(deployment_id)]}, **filters},
            sort="EXPECTED_START_TIME_ASC",
        )

    def task_runs_of(self, flow_run_id) -> list[dict]:
        """Every task run of a flow run, page by page."""
        found: list[dict] = []
        while True:
            page = self.read(
                "/task_runs/filter",
                flow_runs={"id": {"any_": [str(flow_run_id)]}},
                sort="ID_DESC",
                limit=200,
                offset=len(found),
            )
            found += page
            if len(page) < 200:
                return found

    def logs_of(self, flow_run_id) -> list[dict]:
        return self.read(
            "/logs/filter", logs={"flow_run_id": {"any_": [str(flow_run_id)]}}, sort="TIMESTAMP_ASC", limit=200
        )

    def states_of(self, flow_run_id) -> list[dict]:
        response = self.get("/flow_run_states/", params={"flow_run_id": str(flow_run_id)})
        assert response.status_code == 200, response.text
        return response.json()

    def deployment(self, flow_name: str, deployment_name: str) -> dict | None:
        response = self.get(f"/deployments/name/{flow_name}/{deployment_name}")
        return response.json() if response.status_code == 200 else None

    def run_deployment(self, deployment_id, **body) -> dict:
        body.setdefault("state", {"type": "SCHEDULED"})
        response = self.post(f"/deployments/{deployment_id}/create_flow_run", json=body)
        assert response.status_code in (200, 201), response.text
        return response.json()

    def set_state(self, flow_run_id, state_type: str, *, force: bool = False, **state) -> dict:
        response = self.post(
            f"/flow_runs/{flow_run_id}/set_state", json={"state": {"type": state_type, **state}, "force": force}
        )
        assert response.status_code in (200, 201), response.text
        return response.json()

    def await_state(self, flow_run_id, *names: str, within: float = DEADLINE_SECONDS) -> dict:
        """Waits until the flow run is in a state of one of these names."""
        return eventually(lambda: self.flow_run(flow_run_id), lambda run: run["state_name"] in names, within)

    def await_end(self, flow_run_id, within: float = DEADLINE_SECONDS) -> dict:
        return eventually(lambda: self.flow_run(flow_run_id), lambda run: run["state_type"] in TERMINAL, within)

    def await_task_runs(self, flow_run_id, count: int, within: float = DEADLINE_SECONDS) -> list[dict]:
        """Waits until so many task runs of the flow run are there and final (they arrive as events)."""
        return eventually(
            lambda: self.task_runs_of(flow_run_id),
            lambda runs: len(runs) >= count and all(run["state_type"] in TERMINAL for run in runs),
            within,
        )

    def await_log(self, flow_run_id, text: str, within: float = DEADLINE_SECONDS) -> list[dict]:
        return eventually(
            lambda: self.logs_of(flow_run_id),
            lambda logs: any(text in log["message"] for log in logs),
            within,
        )
