"""The flows that the tests deploy. Workers and `serve` run them in processes of their own."""

from __future__ import annotations

import os
import time

from prefect import flow, get_run_logger, runtime, task
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput


@task
def add(number: int, other: int) -> int:
    return number + other


@flow(log_prints=True)
def adding(number: int = 1) -> int:
    total = add(number, 41)
    print(f"the total is {total}")
    return total


@flow(log_prints=True)
def sleeping(seconds: float = 300) -> None:
    """Says when it has begun, so that a test knows when to kill it."""
    print(f"asleep in process {os.getpid()}")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.05)


@flow(log_prints=True)
def killing_itself() -> None:
    os.kill(os.getpid(), 9)


@flow(log_prints=True)
def suspending() -> str:
    """Leaves its process at the suspension and starts anew when it is resumed."""
    get_run_logger().info("before the suspension")
    suspend_flow_run(timeout=600)
    get_run_logger().info("after the suspension")
    return runtime.flow_run.id


class Approval(RunInput):
    approved: bool
    reason: str = "none given"


@flow(log_prints=True)
def suspending_for_input() -> str:
    approval = suspend_flow_run(wait_for_input=Approval, timeout=600)
    print(f"approved: {approval.approved}, because: {approval.reason}")
    return approval.reason
