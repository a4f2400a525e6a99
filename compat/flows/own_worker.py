"""What runs of our worker tell about the process that they are in."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
import time

from prefect import flow
from prefect.settings import Settings, get_current_settings

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
        "level": get_current_settings().logging.level,
        "effective": logging.getLevelName(logging.getLogger("prefect.flow_runs").getEffectiveLevel()),
        "home": str(get_current_settings().home),
        "levels_in_memory": levels_in_memory(),
        "main": sys.modules["__main__"].__spec__.name,
    }
    print("seen " + json.dumps(seen))
    os.environ[LEFT_BEHIND] = mark
    sys.modules["left_behind"] = sys.modules[__name__]
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    os.open(os.path.join(os.environ["TRACES"], "left-open"), os.O_CREAT | os.O_RDWR)
    os.chdir("/")


def levels_in_memory() -> list[str]:
    """The levels of logging of all settings that this process has, those of other runs among them."""
    # What was there before a fork is hidden from the collector.
    gc.unfreeze()
    return sorted({settings.logging.level for settings in gc.get_objects() if isinstance(settings, Settings)})


def link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


@flow
def exiting(code: int = 3) -> None:
    print("last words", flush=True)
    os._exit(code)


@flow
def hoarding(megabytes: int = 600, seconds: float = 600) -> None:
    kept = bytearray(os.urandom(1 << 20) * megabytes)
    time.sleep(seconds)
    del kept
