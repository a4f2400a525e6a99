"""What a warm interpreter has ready is exactly what the SDK would make, or it is not used."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl
import subprocess
import sys
import threading
import types
import uuid
from pathlib import Path

import certifi
import pytest

READY = Path(__file__).parent.parent / "crates" / "worker" / "src" / "warm_python" / "ready.py"

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def ready() -> types.ModuleType:
    module = types.ModuleType("ready")
    exec(compile(READY.read_text(), READY, "exec"), module.__dict__)
    return module


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One in which a run could be."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return {"PREFECT_HOME": str(tmp_path / "home"), "PREFECT_API_URL": "http://server/api", "HOME": os.environ["HOME"]}


def test_settings_are_made_ready_for_an_environment_that_comes_again(ready, environment, tmp_path: Path, monkeypatch):
    settings = ready.ReadySettings()

    def is_ready() -> bool:
        key = ready.settings_key(environment, str(tmp_path))
        return key in settings._ready

    settings.note({**environment, "PREFECT__FLOW_RUN_ID": "1"}, str(tmp_path))
    assert not is_ready()
    before = dict(os.environ), os.getcwd()
    settings.note({**environment, "PREFECT__FLOW_RUN_ID": "2"}, str(tmp_path))
    assert is_ready()
    assert (dict(os.environ), os.getcwd()) == before

    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    found = settings.take()
    assert found._context.settings.api.url == "http://server/api"
    assert found._look() == found._stamps
    assert not settings._ready and not settings._seen


@pytest.mark.parametrize(
    "change",
    [
        lambda environment, home: environment.update(PREFECT_LOGGING_LEVEL="DEBUG"),
        lambda environment, home: environment.update(ANYTHING="else"),
        lambda environment, home: (home / "profiles.toml").write_text('active = "a"\n[profiles.a]\n'),
    ],
)
def test_what_settings_depend_on_is_in_their_key(ready, environment, tmp_path: Path, change):
    before = ready.settings_key(environment, "/")
    change(environment, tmp_path / "home")
    assert ready.settings_key(environment, "/") not in (before, None)


@pytest.mark.parametrize("name", [".env", "prefect.toml", "pyproject.toml"])
def test_settings_of_a_directory_are_left_to_the_run(ready, environment, tmp_path: Path, name: str):
    (tmp_path / name).touch()
    assert ready.settings_key(environment, str(tmp_path)) is None
    assert ready.settings_key({**environment, "PREFECT_PROFILES_PATH": "profiles.toml"}, "/") is None


def test_what_reading_settings_says_is_left_to_the_run(ready, environment, tmp_path: Path):
    """An unknown profile is told on standard error, and a run has to say so itself."""
    settings = ready.ReadySettings()
    settings.make(environment, str(tmp_path))
    assert len(settings._ready) == 1
    settings.make({**environment, "PREFECT_PROFILE": "there-is-none"}, str(tmp_path))
    assert len(settings._ready) == 1


def test_a_configuration_of_logging_that_has_changed_is_read_again(ready, environment, tmp_path: Path):
    found = ready.read_settings(environment, str(tmp_path))
    (tmp_path / "home" / "logging.yml").write_text("version: 1\n")
    assert not found.apply()


def test_each_tls_context_is_given_away_once_and_only_while_it_is_what_was_asked_for(ready, tmp_path, monkeypatch):
    monkeypatch.setattr(ready, "TLS_CONTEXTS", 2)
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)
    path = tmp_path / "authorities.pem"
    path.write_bytes(Path(certifi.where()).read_bytes())
    contexts = ready.ReadyTlsContexts(ssl, str(path))
    made_ahead = list(contexts._ready)

    assert contexts.create_default_context() not in made_ahead
    assert contexts.create_default_context(cafile=certifi.where()) not in made_ahead
    first, second, third = (contexts.create_default_context(cafile=str(path)) for _ in range(3))
    assert {first, second} == set(made_ahead) and third not in made_ahead
    fresh = ssl.create_default_context(cafile=str(path))
    assert (first.verify_mode, first.check_hostname, first.options) == (
        fresh.verify_mode,
        fresh.check_hostname,
        fresh.options,
    )
    assert len(first.get_ca_certs()) == len(fresh.get_ca_certs()) > 0

    contexts = ready.ReadyTlsContexts(ssl, str(path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert contexts.create_default_context(cafile=str(path)).keylog_filename == str(tmp_path / "keys")
    monkeypatch.delenv("SSLKEYLOGFILE")
    path.write_bytes(path.read_bytes() + b"\n")
    assert contexts.create_default_context(cafile=str(path)) not in contexts._ready
    assert len(contexts._ready) == 2


def test_prefect_uses_the_contexts_that_are_ready(tmp_path: Path):
    """In a process of its own, because it stays so."""
    program = f"""
{READY.read_text()}
import prefect.client.orchestration
make_tls_contexts_ready()
with prefect.client.orchestration.get_client(sync_client=True):
    ready = prefect.client.orchestration.ssl
    assert len(ready._ready) < TLS_CONTEXTS, ready
"""
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": "http://127.0.0.1:9/api"}
    environment.pop("SSLKEYLOGFILE", None)
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, cwd=tmp_path)


@pytest.fixture
def began_to_sleep(ready, monkeypatch) -> threading.Event:
    """Set when somebody that can be told to stop has begun to sleep."""
    began, find = threading.Event(), ready.stop_event

    def stop_event(frame):
        if (found := find(frame)) is not None:
            began.set()
        return found

    monkeypatch.setattr(ready, "stop_event", stop_event)
    return began


def test_heartbeats_end_with_the_run_and_other_sleep_is_left_alone(ready, began_to_sleep, monkeypatch):
    import prefect.flow_engine as flow_engine

    slept, beats = [], []
    engine = types.SimpleNamespace(
        heartbeat_seconds=30,
        flow_run=None,
        logger=logging.getLogger("engine"),
        _build_heartbeat_event_template=lambda: ({}, []),
        _emit_flow_run_heartbeat=lambda *_: beats.append(1),
    )
    monkeypatch.setattr(flow_engine, "time", ready.PromptTime(types.SimpleNamespace(sleep=slept.append, clock=7)))
    threads = set(threading.enumerate())
    with flow_engine._send_heartbeats(engine):
        (heartbeats,) = set(threading.enumerate()) - threads
        assert began_to_sleep.wait(30)
    heartbeats.join(30)
    assert beats and not heartbeats.is_alive()
    assert not slept, "the thread slept for a second, whatever was told to it"
    flow_engine.time.sleep(0.2)
    assert slept == [0.2] and flow_engine.time.clock == 7


def test_the_observer_of_suspensions_ends_with_the_run(ready, began_to_sleep, monkeypatch):
    import prefect._flow_run_suspension as suspension
    import prefect._internal.observers as observers

    slept = []

    class NoObserver(contextlib.AsyncExitStack):
        def __init__(self, **_):
            super().__init__()

        async def watch_flow_run_id(self, _):
            pass

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr(observers, "FlowRunSuspendingObserver", NoObserver)
    monkeypatch.setattr(suspension, "asyncio", ready.PromptAsyncio(asyncio))
    monkeypatch.setattr(asyncio, "sleep", sleep)
    threads = set(threading.enumerate())
    with suspension.observe_flow_run_suspension(uuid.uuid4(), suspension.FlowRunSuspensionRequest()):
        (observer,) = set(threading.enumerate()) - threads
        assert began_to_sleep.wait(30)
    observer.join(30)
    assert not observer.is_alive()
    assert not slept, "it slept for a while, whatever was told to it"
    asyncio.run(suspension.asyncio.sleep(0.2))
    assert slept == [0.2]


def test_prefect_has_what_ends_runs(tmp_path: Path):
    """In a process of its own, because it stays so."""
    program = f"""
{READY.read_text()}
import asyncio, time
import prefect.flow_engine, prefect._flow_run_suspension
make_runs_end_at_once()
for theirs, ours in ((time, prefect.flow_engine.time), (asyncio, prefect._flow_run_suspension.asyncio)):
    assert ours is not theirs and ours.sleep is not theirs.sleep
assert prefect.flow_engine.time.monotonic is time.monotonic
"""
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, cwd=tmp_path)
