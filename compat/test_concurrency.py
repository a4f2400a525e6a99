"""Limits on what may run at once. Limits of deployments are in test_workers.py."""

from __future__ import annotations

import asyncio
import threading
import time

import httpx
import pytest
from prefect import flow, runtime, tags, task
from prefect.concurrency.asyncio import concurrency as async_concurrency
from prefect.concurrency.sync import concurrency, rate_limit

from support.api import Api
from support.waiting import eventually


class Gauge:
    """How many are inside at once, and the most that ever were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self.most = 0

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)

    def __exit__(self, *_) -> None:
        with self._lock:
            self._inside -= 1


def create_limit(api: Api, name: str, limit: int, **options) -> dict:
    response = api.post("/v2/concurrency_limits/", json={"name": name, "limit": limit, **options})
    assert response.status_code == 201, response.text
    return response.json()


def active_slots(api: Api, name: str) -> int:
    return api.get(f"/v2/concurrency_limits/{name}").json()["active_slots"]


def test_limit_tasks_by_tag(api: Api, name: str):
    assert api.post("/concurrency_limits/", json={"tag": name, "concurrency_limit": 1}).status_code == 201
    gauge = Gauge()

    @task
    def limited() -> None:
        with gauge:
            time.sleep(0.2)

    @flow(name=name)
    def limiting() -> str:
        with tags(name):
            futures = [limited.submit() for _ in range(3)]
        for future in futures:
            future.result()
        return runtime.flow_run.id

    run_id = limiting()

    assert gauge.most == 1
    assert {run["state_name"] for run in api.await_task_runs(run_id, 3)} == {"Completed"}
    limit = api.get(f"/concurrency_limits/tag/{name}").json()
    assert (limit["concurrency_limit"], limit["active_slots"]) == (1, [])


def test_limit_a_section_of_code_with_a_global_limit(api: Api, name: str):
    create_limit(api, name, 2)
    gauge = Gauge()

    @task
    def limited() -> None:
        with concurrency(name, occupy=1):
            with gauge:
                time.sleep(0.2)

    @flow(name=name)
    def limiting() -> None:
        for future in [limited.submit() for _ in range(4)]:
            future.result()

    limiting()

    assert gauge.most <= 2
    assert active_slots(api, name) == 0


def test_hold_a_slot_while_inside_and_give_it_back_on_an_exception(api: Api, name: str):
    create_limit(api, name, 1)

    with pytest.raises(ValueError):
        with concurrency(name, occupy=1):
            assert active_slots(api, name) == 1
            raise ValueError("inside")

    assert active_slots(api, name) == 0


async def test_wait_for_a_slot_no_longer_than_the_timeout(api: Api, name: str):
    create_limit(api, name, 1)

    async with async_concurrency(name, occupy=1):
        with pytest.raises(TimeoutError):
            async with async_concurrency(name, occupy=1, timeout_seconds=0.5):
                raise AssertionError("there was no slot to have")

    assert active_slots(api, name) == 0


def test_slow_a_loop_down_with_a_rate_limit(api: Api, name: str):
    create_limit(api, name, 1, slot_decay_per_second=2.0)

    started = time.monotonic()
    for _ in range(3):
        rate_limit(name)

    # Two slots a second: the second and the third have to wait. Waiting longer is allowed.
    assert time.monotonic() - started > 0.5


def test_a_limit_that_does_not_exist_limits_nothing_unless_strict(name: str):
    with concurrency(name, occupy=1):
        pass
    with pytest.raises(Exception, match="(?i)concurrency limit"):
        with concurrency(name, occupy=1, strict=True):
            pass


def test_hold_a_lease_renew_it_and_lose_it(api: Api, name: str):
    limit = create_limit(api, name, 1)
    body = {"names": [name], "slots": 1, "lease_duration": 60}

    held = api.post("/v2/concurrency_limits/increment-with-lease", json=body)
    assert held.status_code == 200
    lease = held.json()["lease_id"]
    refused = api.post("/v2/concurrency_limits/increment-with-lease", json=body)
    assert refused.status_code == 423
    assert float(refused.headers["Retry-After"]) >= 0

    renew = f"/v2/concurrency_limits/leases/{lease}/renew"
    assert api.post(renew, json={"lease_duration": 60}).status_code == 204
    release = {"lease_id": lease}
    assert api.post("/v2/concurrency_limits/decrement-with-lease", json=release).status_code == 204
    assert active_slots(api, name) == 0
    assert api.post("/v2/concurrency_limits/decrement-with-lease", json=release).status_code == 204
    assert active_slots(api, name) == 0
    assert api.post(renew, json={"lease_duration": 60}).status_code == 410
    assert api.delete(f"/v2/concurrency_limits/{limit['id']}").status_code == 204


async def test_many_clients_share_one_limit_and_none_gets_too_much(api: Api, server_url: str, name: str):
    # Cannot pass on the reference with SQLite: it answers some of twenty simultaneous writers with 503.
    create_limit(api, name, 5)
    body = {"names": [name], "slots": 1}
    async with httpx.AsyncClient(base_url=f"{server_url}/api", timeout=60) as client:
        answers = await asyncio.gather(
            *(client.post("/v2/concurrency_limits/increment", json=body) for _ in range(20))
        )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [423] * 15
    assert eventually(lambda: active_slots(api, name)) == 5
