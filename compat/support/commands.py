"""What a user types in a terminal: `prefect ...` and `python script.py`, each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

HOST = Path(__file__).with_name("command_host.py")


@dataclass
class Result:
    command: str
    exit_code: int
    output: str

    def json(self):
        """The output of a command that was asked for `--output json`."""
        return json.loads(self.output)


@dataclass
class Running:
    """A command that has not ended, or of which nobody asked yet."""

    command: str
    pid: int
    _terminal: "Terminal" = field(repr=False)
    _output: Path = field(repr=False)

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace") if self._output.exists() else ""

    def exit_code(self) -> int | None:
        return self._terminal._ask({"poll": self.pid})["exit_code"]

    def wait(self, within: float = 90) -> Result:
        deadline = time.monotonic() + within
        while (exit_code := self.exit_code()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{self.command} still runs after {within} s:\n{self.output}")
            time.sleep(0.05)
        return Result(self.command, exit_code, self.output)

    def await_output(self, text: str, within: float = 60) -> None:
        deadline = time.monotonic() + within
        while text not in self.output:
            if self.exit_code() is not None:
                raise AssertionError(f"{self.command} ended without saying {text!r}:\n{self.output}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.command} did not say {text!r} in {within} s:\n{self.output}")
            time.sleep(0.05)

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """Kills the command and what it started (it leads a session of its own)."""
        if self.exit_code() is None:
            os.killpg(self.pid, signal.SIGKILL)
            while self.exit_code() is None:
                time.sleep(0.02)

    def stop(self, within: float = 20) -> None:
        """Ctrl-C, and kill when that does not help."""
        self.interrupt()
        deadline = time.monotonic() + within
        while self.exit_code() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        self.kill()

    def _signal(self, number: int) -> None:
        if self.exit_code() is None:
            os.kill(self.pid, number)


class Terminal:
    """A shell with PREFECT_API_URL set. Close it when done."""

    def __init__(self, environment: dict[str, str]):
        self._directory = tempfile.TemporaryDirectory(prefix="sluice-terminal-")
        self.directory = Path(self._directory.name)
        self._lock = threading.Lock()
        self._count = 0
        self._running: list[Running] = []
        self._host = subprocess.Popen(
            [sys.executable, str(HOST)],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def prefect(self, *arguments: str, exit_code: int | None = 0, within: float = 90, **options) -> Result:
        """Runs a Prefect command to its end and checks its exit code."""
        return self.run("prefect", *arguments, exit_code=exit_code, within=within, **options)

    def run(self, *command: str, exit_code: int | None = 0, within: float = 90, **options) -> Result:
        result = self.start(*command, **options).wait(within)
        assert exit_code is None or result.exit_code == exit_code, (
            f"{result.command} ended with {result.exit_code}:\n{result.output}"
        )
        return result

    def start(self, *command: str, directory: Path | None = None, environment: dict[str, str] | None = None) -> Running:
        """Starts a command and returns at once."""
        self._count += 1
        output = self.directory / f"output-{self._count}"
        request = {
            "spawn": [str(part) for part in command],
            "environment": environment or {},
            "directory": str(directory or self.directory),
            "output": str(output),
        }
        name = " ".join(str(part) for part in command)
        running = Running(name, self._ask(request)["pid"], self, output)
        self._running.append(running)
        return running

    def close(self) -> None:
        for running in self._running:
            running.kill()
        self._host.stdin.close()
        self._host.wait()
        self._directory.cleanup()

    def _ask(self, request: dict) -> dict:
        with self._lock:
            self._host.stdin.write(json.dumps(request) + "\n")
            self._host.stdin.flush()
            line = self._host.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs commands has ended")
        return json.loads(line)
