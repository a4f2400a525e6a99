"""Starts the pinned reference beside our server, so that nothing happens by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from support.api import Api
from support.servers import START_SECONDS, STOP_SECONDS, free_port
from support.waiting import DEADLINE_SECONDS

REFERENCE_ENVIRONMENT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.1",
    "DO_NOT_TRACK": "1",
} | {
    f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false"
    for name in ("CANCELLATION_CLEANUP", "FOREMAN", "LATE_RUNS", "SCHEDULER", "PAUSE_EXPIRATIONS", "REPOSSESSOR",
                 "CLEANUP_RECONCILER", "TRIGGERS")
}  # fmt: skip


class Reference:
    """The reference on a database of its own."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="reference-home-")
        self.url = f"http://127.0.0.1:{free_port()}"
        self.api_url = f"{self.url}/api"
        self._log = Path(self._home.name) / "server.log"
        self._process: subprocess.Popen | None = None

    def start(self) -> "Reference":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment |= REFERENCE_ENVIRONMENT | {"PREFECT_HOME": self._home.name}
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", self.url.rpartition(":")[2]],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 2 * START_SECONDS
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the reference did not start:\n{self.tail()}")
            time.sleep(0.1)
        return self

    def api(self) -> ReferenceApi:
        return ReferenceApi(base_url=self.api_url, timeout=60, follow_redirects=True)

    def _is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.api_url}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])


class ReferenceApi(Api):
    """Asks again what the reference refused because another writer held its SQLite: it then has written nothing."""

    def send(self, request: httpx.Request, **options) -> httpx.Response:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            response = super().send(request, **options)
            if response.status_code != 503 or time.monotonic() > deadline:
                return response
            response.read()
            time.sleep(0.2)
