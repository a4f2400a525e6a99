"""Prints the newest run of a flow with its task runs and logs, as the server's API tells them.

Usage: show_flow_run.py API_URL FLOW_NAME
"""

import sys
import time

import httpx

DEADLINE_SECONDS = 30
LEVEL_NAMES = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}
TERMINAL_STATE_TYPES = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def main(api_url: str, flow_name: str) -> int:
    with httpx.Client(base_url=api_url, timeout=30) as client:

        def read(path: str, body: dict) -> list[dict]:
            response = client.post(path, json=body)
            response.raise_for_status()
            return response.json()

        runs = read(
            "/flow_runs/filter",
            {"flows": {"name": {"any_": [flow_name]}}, "sort": "START_TIME_DESC", "limit": 1},
        )
        if not runs:
            print(f"the server knows no run of the flow {flow_name!r}", file=sys.stderr)
            return 1
        run_id = runs[0]["id"]

        # Task runs travel as events and logs in batches: both may arrive after the flow's last state.
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            run = client.get(f"/flow_runs/{run_id}").raise_for_status().json()
            of_this_run = {"flow_runs": {"id": {"any_": [run_id]}}}
            task_runs = read("/task_runs/filter", {**of_this_run, "sort": "EXPECTED_START_TIME_ASC"})
            logs = read(
                "/logs/filter",
                {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_ASC"},
            )
            has_ended = run["state_type"] in TERMINAL_STATE_TYPES
            tasks_have_ended = task_runs and all(
                task_run["state_type"] in TERMINAL_STATE_TYPES for task_run in task_runs
            )
            if (has_ended and tasks_have_ended and logs) or time.monotonic() > deadline:
                break
            time.sleep(0.2)

    print()
    print(f"Flow run   {run['name']} of {flow_name}: {run['state_name']}")
    print(f"           {run['total_run_time']:.2f} s, {api_url}/flow_runs/{run_id}")
    print()
    print("Task runs")
    for task_run in task_runs:
        print(f"  {task_run['state_name']:<10} {task_run['total_run_time']:>6.2f} s  {task_run['name']}")
    print()
    print("Logs")
    for log in logs:
        level = LEVEL_NAMES.get(log["level"], str(log["level"]))
        print(f"  {log['timestamp'][11:19]}  {level:<8} {log['message']}")
    print()
    return 0 if run["state_type"] == "COMPLETED" and task_runs and logs else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/"), sys.argv[2]))
