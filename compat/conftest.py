"""The unmodified Prefect SDK, CLI and workers against a server of ours, or against any running one.

`--database` chooses where our server stores; `--server-url` names a running server instead, for example the
reference, to see what a test expects of it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid

import pytest

from support.api import Api
from support.commands import Terminal
from support.servers import Database, Server, free_port

PREFECT_HOME = tempfile.mkdtemp(prefix="sluice-compat-home-")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgres"], default="sqlite", help="where our server stores")
    parser.addoption("--server-url", help="a running server to test instead of ours, like http://127.0.0.1:4200")
    parser.addoption("--server-pid", type=int, help="the process id of that server, to measure its memory")


def pytest_configure(config: pytest.Config) -> None:
    # The SDK reads its settings when it is first imported, which is when tests are collected.
    url = config.getoption("--server-url")
    config.sluice_port = None if url else free_port()
    url = (url or f"http://127.0.0.1:{config.sluice_port}").rstrip("/").removesuffix("/api")
    config.sluice_url = url
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ.update(
        PREFECT_HOME=PREFECT_HOME,
        PREFECT_API_URL=f"{url}/api",
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE="false",
        PREFECT_CLI_PROMPT="false",
        PREFECT_CLI_COLORS="false",
        PREFECT_CLI_WRAP_LINES="false",
        # Polled, not waited for: the defaults are meant for production.
        PREFECT_WORKER_QUERY_SECONDS="1",
        PREFECT_RUNNER_POLL_FREQUENCY="1",
        PREFECT_LOGGING_TO_API_BATCH_INTERVAL="0.5",
        COLUMNS="250",
        DO_NOT_TRACK="1",
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(PREFECT_HOME, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--server-url"):
        reason = "starts servers of its own"
        skip("own_server", reason, items)
    elif config.getoption("--database") == "postgres":
        skip("sqlite_only", "the same store paths run in other tests", items)


def skip(marker: str, reason: str, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker(marker):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.config.getoption("--database")


@pytest.fixture
def database(database_kind: str):
    """A database of its own, for a test that starts its own servers."""
    database = Database(database_kind)
    yield database
    database.drop()


@pytest.fixture(scope="session", autouse=True)
def server_url(request: pytest.FixtureRequest, database_kind: str):
    """The server that the session's tests share."""
    if request.config.sluice_port is None:
        yield request.config.sluice_url
        return
    database = Database(database_kind)
    server = Server(database.url, port=request.config.sluice_port)
    server.start()
    request.config.sluice_server = server
    yield server.url
    was_alive = server.is_alive()
    exit_code = server.stop()
    database.drop()
    assert was_alive, f"the server did not survive the tests:\n{server.tail()}"
    assert exit_code == 0, f"SIGTERM ended the server with {exit_code}:\n{server.tail()}"


@pytest.fixture(scope="session")
def server_pid(request: pytest.FixtureRequest, server_url: str) -> int:
    if request.config.sluice_port is not None:
        return request.config.sluice_server.pid
    pid = request.config.getoption("--server-pid")
    if pid is None:
        pytest.skip("--server-pid does not say which process to measure")
    return pid


@pytest.fixture(scope="session")
def api(server_url: str):
    with Api(base_url=f"{server_url}/api", timeout=60, follow_redirects=True) as api:
        yield api


@pytest.fixture(scope="session")
def terminal(server_url: str):
    terminal = Terminal({})
    yield terminal
    terminal.close()


@pytest.fixture
def name() -> str:
    """A name that nothing else on the server has."""
    return f"compat-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def work_pool(terminal: Terminal) -> str:
    """A process work pool, made with the CLI."""
    pool = f"pool-{uuid.uuid4().hex[:8]}"
    terminal.prefect("work-pool", "create", pool, "--type", "process")
    return pool


@pytest.fixture(scope="session")
def worker(terminal: Terminal, work_pool: str):
    """`prefect worker start --type process` on the pool."""
    worker = terminal.start("prefect", "worker", "start", "--pool", work_pool, "--type", "process", "--name", "compat")
    worker.await_output("started!")
    yield worker
    worker.stop()
