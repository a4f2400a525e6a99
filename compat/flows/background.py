"""Background tasks: `background.py serve` runs them, the test delays them."""

import sys

from prefect import task
from prefect.task_worker import serve

ATTEMPTS = {"count": 0}


@task(name="compat-background-add", log_prints=True)
def add(number: int, other: int) -> int:
    print(f"adding {number} and {other}")
    return number + other


@task(name="compat-background-fail")
def fail() -> None:
    raise ValueError("cannot")


if __name__ == "__main__" and sys.argv[1:] == ["serve"]:
    serve(add, fail)
