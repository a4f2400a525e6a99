"""`dying_worker.py STEP ARGUMENT...`: the stock `prefect ARGUMENT...`, which dies by SIGKILL at a step of a worker."""

import os
import signal
import sys

from prefect.cli import app
from prefect.workers.base import BaseWorker
from prefect.workers.process import ProcessWorker

# What the worker is about to do when it dies.
STEPS = {
    "claimed": (BaseWorker, "_submit_run_and_capture_errors"),
    "named": (BaseWorker, "_propose_submitting_state"),
    "submitting": (ProcessWorker, "run"),
}


async def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _, step, *arguments = sys.argv
    setattr(*STEPS[step], die)
    sys.argv = ["prefect", *arguments]
    app()
