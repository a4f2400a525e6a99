"""What runs of our worker tell about the process that they are in."""

from __future__ import annotations

import json
import os
import signal
import sys

from prefect import flow

LEFT_BEHIND = "SLUICE_TEST_LEFT_BEHIND"


@flow(log_prints=True)
def revealing(mark: str = "") -> None:
    """Prints what a run could see of another one, then leaves traces that no other run may see."""
    seen = {
        "left": os.environ.get(LEFT_BEHIND),
        "given": os.environ.get("GIVEN"),
        "module": "left_behind" in sys.modules,
        "cwd": os.getcwd(),
        "argv": sys.argv[1:],
        "group": os.getpgrp() == os.getpid(),
        "term": signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL,
        "descriptors": sorted(
            target
            for name in os.listdir("/proc/self/fd")
            if (target := link(f"/proc/self/fd/{name}")).endswith("left-open")
        ),
        "main": sys.modules["__main__"].__spec__.name,
    }
    print("seen " + json.dumps(seen))
    os.environ[LEFT_BEHIND] = mark
    sys.modules["left_behind"] = sys.modules[__name__]
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    os.open(os.path.join(os.environ["TRACES"], "left-open"), os.O_CREAT | os.O_RDWR)
    os.chdir("/")


def link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


@flow
def exiting(code: int = 3) -> None:
    print("last words", flush=True)
    os._exit(code)
