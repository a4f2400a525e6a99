"""Starts, kills and measures `sluice server start`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

START_SECONDS = 60
STOP_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Database:
    """A fresh database, on SQLite a directory of its own, on PostgreSQL a database of its own."""

    def __init__(self, kind: str):
        self.kind = kind
        if kind == "sqlite":
            self._directory = tempfile.TemporaryDirectory(prefix="sluice-compat-")
            self.url = f"sqlite://{self._directory.name}/sluice.db"
        else:
            self._admin_url = os.environ.get("SLUICE_TEST_POSTGRES_URL")
            if not self._admin_url:
                raise RuntimeError("SLUICE_TEST_POSTGRES_URL is not set: run this through scripts/with-postgres")
            self._name = f"compat_{uuid.uuid4().hex}"
            self._administrate(f'CREATE DATABASE "{self._name}"')
            self.url = urlunsplit(urlsplit(self._admin_url)._replace(path=f"/{self._name}"))

    def drop(self) -> None:
        if self.kind == "sqlite":
            self._directory.cleanup()
        else:
            self._administrate(f'DROP DATABASE "{self._name}" WITH (FORCE)')

    async def connect(self) -> asyncpg.Connection:
        """A connection beside the server's (PostgreSQL)."""
        return await asyncpg.connect(self.url)

    def _administrate(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self._admin_url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(execute())


class Server:
    """One server process. `start` returns when it is healthy; `kill` is kill -9; `stop` is SIGTERM."""

    def __init__(self, database_url: str, environment: dict[str, str] | None = None, port: int | None = None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.url}/api"
        self.websocket_url = f"ws://127.0.0.1:{self.port}/api"
        self._database_url = database_url
        self._environment = environment or {}
        self._home = tempfile.TemporaryDirectory(prefix="sluice-home-")
        self.log = Path(self._home.name) / "server.log"
        self._process: subprocess.Popen | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was not started"
        return self._process.pid

    def start(self) -> "Server":
        binary = os.environ.get("SLUICE_BINARY")
        if not binary:
            raise RuntimeError("SLUICE_BINARY is not set: run the tests through scripts/test-compat")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [binary, "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
                + ["--database-url", self._database_url],
                env={**os.environ, "SLUICE_HOME": self._home.name, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}:\n{self.tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server was not healthy after {START_SECONDS} s:\n{self.tail()}")
            time.sleep(0.02)
        return self

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.api_url}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"the server did not stop within {STOP_SECONDS} s:\n{self.tail()}") from None

    def resident_megabytes(self) -> float:
        return resident_megabytes(self.pid)

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status says nothing of VmRSS")
