"""Serves one flow: serving.py DEPLOYMENT_NAME KIND, where KIND is interval, cron, rrule, triggered or none."""

import os
import sys
import time
from datetime import timedelta

from prefect import flow
from prefect.events import DeploymentEventTrigger


@flow(log_prints=True)
def served(word: str = "hello") -> None:
    print(f"said {word}")


@flow(log_prints=True)
def served_sleeping() -> None:
    print(f"asleep in process {os.getpid()}")
    for _ in range(6000):
        time.sleep(0.05)


if __name__ == "__main__":
    name, kind = sys.argv[1:3]
    options = {
        "interval": {"interval": timedelta(seconds=8)},
        "cron": {"cron": "*/5 * * * *"},
        "rrule": {"rrule": "FREQ=HOURLY;INTERVAL=2"},
        "triggered": {
            "triggers": [
                DeploymentEventTrigger(
                    name=name,
                    expect={f"{name}.happened"},
                    match_related={"prefect.resource.role": "cause"},
                    parameters={"word": "{{ event.payload.word }}"},
                )
            ]
        },
        "none": {},
        "sleeping": {},
    }[kind]
    (served_sleeping if kind == "sleeping" else served).serve(name=name, tags=[kind], pause_on_shutdown=True, **options)
