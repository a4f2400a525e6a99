"""Flows of which a test wants to know how often they begin, and whether they are heard of."""

from __future__ import annotations

import os
import time
from pathlib import Path

import prefect.flow_engine as engine
from prefect import flow

# The SDK takes no interval below 30 seconds, and a test has not that much time. What sends is the SDK's own.
engine.MINIMUM_HEARTBEAT_INTERVAL = 1
engine.BaseFlowRunEngine.heartbeat_seconds = property(lambda _: 1)


@flow
def counting(journal: str) -> None:
    """Adds a line to the journal each time that it begins."""
    with Path(journal).open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(1)


@flow
def lasting(journal: str, seconds: float) -> None:
    with Path(journal).open("a") as file:
        file.write(f"{os.getpid()}\n")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.05)
