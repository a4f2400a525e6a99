"""`sluice worker start` as tests use it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


class Worker:
    """`sluice worker start`."""

    def __init__(self, output: Path, pool: str, *options: str, **environment: str):
        self._output = output
        command = [os.environ["SLUICE_BINARY"], "worker", "start", "--pool", pool, "--python", sys.executable]
        with output.open("wb") as file:
            self._process = subprocess.Popen(
                [*command, *options],
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self.await_output("takes runs of the")

    def await_output(self, text: str, within: float = 60) -> None:
        deadline = time.monotonic() + within
        while text not in (output := self._output.read_text(errors="replace")):
            assert time.monotonic() < deadline, f"the worker did not say {text!r}:\n{output}"
            time.sleep(0.05)

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL, of which it hears nothing."""
        self._process.kill()
        self._process.wait()

    def wait(self, within: float = 60) -> int:
        return self._process.wait(within)

    def stop(self) -> None:
        """SIGTERM, which it obeys."""
        if self._process.poll() is None:
            self._process.terminate()
            assert self.wait(within=60) == 0, self._output.read_text(errors="replace")
