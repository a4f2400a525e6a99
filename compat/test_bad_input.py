"""Clients that send nonsense: the right refusal, and a server that goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
import websockets

from support.api import Api
from support.servers import resident_megabytes
from support.sockets import AUTHENTICATE, event, open_socket
from support.waiting import eventually, eventually_async

TEN_MEGABYTES = 10_000_000
LARGEST_EVENT = 1_500_000
# Room for a few bodies of ten megabytes at once, parsed, and far from "grows with what is sent".
MOST_MEGABYTES_MORE = 250

# What a server may close a socket with when the client breaks the protocol. 1006: it just hangs up.
REFUSALS = {1002, 1003, 1006, 1007, 1008, 1009, 1011, 4001}


@pytest.fixture(autouse=True)
def server_goes_on(api: Api, server_url: str):
    """After every test the server still serves."""
    yield
    assert httpx.get(f"{server_url}/api/health", timeout=30).json() is True
    assert httpx.post(f"{server_url}/api/flows/", json={"name": "still-here"}, timeout=30).status_code in (200, 201)


@pytest.fixture
def flow_id(api: Api, name: str) -> str:
    return api.post("/flows/", json={"name": name}).json()["id"]


@pytest.fixture
def send(server_url: str):
    """One request on a connection of its own: a refusal may close it."""

    def send(method: str, path: str, **options) -> httpx.Response:
        return httpx.request(method, f"{server_url}/api{path}", timeout=60, follow_redirects=True, **options)

    return send


def as_json(body: bytes) -> dict:
    return {"content": body, "headers": {"content-type": "application/json"}}


def error_types(response: httpx.Response) -> list[str]:
    body = response.json()
    assert body["exception_message"] == "Invalid request received."
    return [detail["type"] for detail in body["exception_detail"]]


def test_send_malformed_json(send):
    response = send("POST", "/flows/", **as_json(b'{"name": '))
    assert (response.status_code, error_types(response)) == (422, ["json_invalid"])


def test_send_an_empty_body(send):
    response = send("POST", "/flows/", **as_json(b""))
    assert (response.status_code, error_types(response)) == (422, ["missing"])


def test_send_bytes_that_are_not_utf8(send):
    response = send("POST", "/flows/", **as_json(b'{"name": "\xff\xfe"}'))
    assert (response.status_code, response.json()) == (400, {"detail": "There was an error parsing the body"})


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("/flows/", [1], "model_attributes_type"),
        ("/flows/", {"name": 5}, "string_type"),
        ("/flows/", {}, "missing"),
        ("/flows/", {"name": "a", "colour": "red"}, "extra_forbidden"),
        ("/flow_runs/", {"flow_id": "x"}, "uuid_parsing"),
        ("/flow_runs/", {"flow_id": str(uuid.uuid4()), "parameters": 3}, "dict_type"),
        ("/flow_runs/", {"flow_id": str(uuid.uuid4()), "state": {"type": "DANCING"}}, "enum"),
        ("/flow_runs/filter", {"flow_runs": {"id": {"any_": ["nope"]}}}, "uuid_parsing"),
        ("/flows/filter", {"flows": {"colour": "red"}}, "extra_forbidden"),
        ("/events", [{"event": "x"}], "missing"),
    ],
)
def test_send_what_does_not_fit_the_schema(send, path: str, body, error: str):
    response = send("POST", path, json=body)
    assert response.status_code == 422
    assert error in error_types(response)


def test_ask_for_a_page_of_an_impossible_size(send):
    for limit, comparison in ((-1, "greater than or equal to 0"), (201, "less than or equal to 200")):
        response = send("POST", "/flows/filter", json={"limit": limit})
        assert (response.status_code, response.json()) == (422, {"detail": f"Invalid limit: must be {comparison}."})


def test_ask_for_things_by_what_is_no_id(send):
    for path in ("/flows/nope", "/flow_runs/nope", "/deployments/nope", "/nothing/here"):
        response = send("GET", path)
        assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


def test_use_the_wrong_method(send):
    assert send("PUT", "/flows/", json={}).status_code == 405


def test_speak_an_api_version_that_is_not_served(send):
    for version in ("lots", "0.1.0"):
        assert send("GET", "/health", headers={"X-PREFECT-API-VERSION": version}).status_code in (200, 400)
        assert send("POST", "/flows/filter", json={}, headers={"X-PREFECT-API-VERSION": version}).status_code == 400


def test_create_a_run_of_a_flow_that_does_not_exist(send):
    response = send("POST", "/flow_runs/", json={"flow_id": str(uuid.uuid4())})
    # The reference answers 503 here on SQLite and 409 for other dangling references.
    assert response.status_code in (409, 503)


def test_send_a_number_that_no_column_can_hold(send, name: str):
    body = b'{"tag": "%s", "concurrency_limit": 99999999999999999999999999}' % name.encode()
    response = send("POST", "/concurrency_limits/", **as_json(body))
    # The reference answers 500.
    assert response.status_code in (422, 500)


def test_send_nul_bytes_wherever_text_goes(api: Api, send, flow_id: str, name: str):
    # SQLite stores them; PostgreSQL cannot. Refused or kept, never an error of the server.
    requests = [
        ("/flows/", {"name": f"{name}\x00"}),
        ("/flow_runs/", {"flow_id": flow_id, "parameters": {"a": "x\x00y"}}),
        ("/flow_runs/", {"flow_id": flow_id, "tags": ["a\x00b"]}),
        ("/variables/", {"name": name.replace("-", "_"), "value": "x\x00y"}),
        ("/artifacts/", {"key": name, "data": "x\x00y"}),
        ("/flow_runs/filter", {"flow_runs": {"name": {"any_": ["x\x00y"]}}}),
        ("/events", [event(f"{name}\x00", payload={"a": "x\x00y"})]),
    ]
    for path, body in requests:
        response = send("POST", path, json=body)
        assert response.status_code in (200, 201, 204, 400, 422), f"{path}: {response.status_code} {response.text}"
    log = {"name": "a", "level": 20, "message": "x\x00y", "timestamp": "2026-11-22T00:00:00Z", "flow_run_id": flow_id}
    assert send("POST", "/logs/", json=[log]).status_code == 201
    assert [log["message"] for log in eventually(lambda: api.logs_of(flow_id))] == ["xy"]


def test_fail_with_a_message_that_holds_a_nul(api: Api, send, flow_id: str):
    run = api.post("/flow_runs/", json={"flow_id": flow_id, "state": {"type": "RUNNING"}}).json()
    failed = {"state": {"type": "FAILED", "message": "bad \x00text"}}
    assert send("POST", f"/flow_runs/{run['id']}/set_state", json=failed).status_code in (200, 201)
    state = api.get(f"/flow_runs/{run['id']}").json()["state"]
    # The reference keeps it (SQLite) or answers 500 (PostgreSQL).
    assert (state["type"], state["message"].replace("\x00", "")) == ("FAILED", "bad text")


def test_send_half_of_a_surrogate_pair_and_a_very_long_pattern(send, flow_id: str):
    half = b'{"flow_id": "%s", "job_variables": {"a": "\\ud800"}}' % flow_id.encode()
    # The reference answers 500 to both.
    assert send("POST", "/flow_runs/", **as_json(half)).status_code in (201, 422)
    pattern = {"flow_runs": {"name": {"like_": "x" * 60_000}}}
    assert send("POST", "/flow_runs/filter", json=pattern).status_code in (200, 422)


def test_give_a_run_more_tags_than_an_event_holds(api: Api, send, flow_id: str):
    """Its event leaves some of them out, and those of other runs come after it."""
    states = [{"type": "PENDING", "name": "n" * 2_000}, {"type": "PENDING"}]
    tags = [f"tag-{number}" for number in range(150)]
    for state in states:
        # The reference answers 500.
        response = send("POST", "/flow_runs/", json={"flow_id": flow_id, "tags": tags, "state": state})
        assert response.status_code == 201, response.text
    resource = {"id": [f"prefect.flow-run.{response.json()['id']}"]}
    eventually(lambda: api.post("/events/filter", json={"filter": {"resource": resource}}).json()["events"])


def test_nest_json_a_hundred_thousand_levels_deep(send, flow_id: str):
    deep = b"[" * 100_000 + b"]" * 100_000
    for body in (b'{"name": "deep", "labels": %s}' % deep, b'{"flow_id": "%s", "parameters": {"a": %s}}' % (flow_id.encode(), deep)):
        assert send("POST", "/flow_runs/", **as_json(body)).status_code in (400, 422)


def test_send_ten_megabytes_many_times_and_find_memory_bounded(send, flow_id: str, server_pid: int):
    before = resident_megabytes(server_pid)
    large = "x" * TEN_MEGABYTES
    log = {"name": "a", "level": 20, "message": large, "timestamp": "2026-11-22T00:00:00Z", "flow_run_id": flow_id}
    requests = [
        # The reference stores a log of any size; a limit on the body is as good an answer.
        (("POST", "/logs/"), {"json": [log]}, {201, 413, 422}),
        (("POST", "/flow_runs/"), {"json": {"flow_id": flow_id, "parameters": {"a": large}}}, {413, 422}),
        (("POST", "/flows/"), as_json(large.encode()), {413, 422}),
        (("POST", "/flow_runs/filter"), as_json(b'{"flow_runs": {"name": {"any_": ["%s"]}}}' % large.encode()), {200, 413}),
    ]  # fmt: skip
    for request, options, expected in requests:
        response = send(*request, **options)
        assert response.status_code in expected, f"{request}: {response.status_code} {response.text[:200]}"
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send("POST", "/flows/", **as_json(large.encode())).status_code, range(24)))
    assert set(answers) <= {413, 422}
    eventually(lambda: resident_megabytes(server_pid) - before, lambda more: more < MOST_MEGABYTES_MORE)


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_send_a_huge_header(send, size: int):
    try:
        response = send("GET", "/health", headers={"x-large": "x" * size})
    except httpx.TransportError:
        return  # hung up on: the reference does so at a megabyte
    assert response.status_code in (200, 400, 413, 431)


def test_open_connections_and_send_half_a_request(server_url: str, send):
    address = (urlsplit(server_url).hostname, urlsplit(server_url).port)
    with contextlib.ExitStack() as stack:
        for half in (b"", b"POST /api/fl", b"POST /api/flows/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"na"):
            for _ in range(20):
                connection = stack.enter_context(socket.create_connection(address))
                connection.sendall(half)
        assert send("GET", "/health").status_code == 200


async def closed_with(socket) -> int:
    """The code with which the server closes, whatever it still sends before."""
    async with asyncio.timeout(30):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code


PATHS = ["/events/in", "/events/out", "/logs/out", "/task_runs/subscriptions/scheduled", "/work_pools/any/workers/connect"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("frame", ["nonsense", '["auth"]', b"\x00\x01\xff", "x" * TEN_MEGABYTES],
                         ids=["text", "array", "binary", "ten-megabytes"])  # fmt: skip
async def test_begin_a_websocket_with_nonsense(server_url: str, path: str, frame):
    url = server_url.replace("http", "ws", 1) + "/api"
    async with websockets.connect(f"{url}{path}", subprotocols=["prefect"]) as socket:
        await socket.send(frame)
        assert await closed_with(socket) in REFUSALS
    async with open_socket(url, path) as socket:
        await socket.send(frame)
        if path == "/events/in" and len(frame) > LARGEST_EVENT:
            # What is too large for an event may be passed over unread.
            with contextlib.suppress(websockets.ConnectionClosed):
                await (await socket.ping())
        else:
            assert await closed_with(socket) in REFUSALS


@pytest.mark.parametrize("path", PATHS)
async def test_begin_a_websocket_without_authenticating(server_url: str, path: str):
    url = server_url.replace("http", "ws", 1) + "/api"
    async with websockets.connect(f"{url}{path}", subprotocols=["prefect"]) as socket:
        await socket.send(json.dumps({"type": "hello"}))
        assert await closed_with(socket) == 1008
        expected = "authentication_failed" if path.endswith("connect") else "Expected 'auth' message"
        assert socket.close_reason == expected


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        ("/events/out", 1002, "Expected 'filter' message"),
        ("/logs/out", 1002, "Expected 'filter' message"),
        ("/task_runs/subscriptions/scheduled", 4001, "Protocol violation: expected 'subscribe' message"),
        ("/work_pools/any/workers/connect", 1002, "protocol_error"),
    ],
)
async def test_ask_a_websocket_for_the_wrong_thing(server_url: str, path: str, code: int, reason: str):
    async with open_socket(server_url.replace("http", "ws", 1) + "/api", path) as socket:
        await socket.send(json.dumps({"type": "nope"}))
        assert (await closed_with(socket), socket.close_reason) == (code, reason)


@pytest.mark.parametrize("missing", ["event", "resource", "occurred"])
async def test_send_an_event_that_lacks_something(server_url: str, name: str, missing: str):
    broken = {key: value for key, value in event(name).items() if key != missing}
    async with open_socket(server_url.replace("http", "ws", 1) + "/api", "/events/in") as socket:
        await socket.send(json.dumps(broken))
        assert await closed_with(socket) in REFUSALS


async def test_cut_websocket_connections_in_the_middle_of_a_frame(server_url: str):
    address = (urlsplit(server_url).hostname, urlsplit(server_url).port)

    def cut() -> None:
        with socket.create_connection(address) as connection:
            connection.sendall(
                b"GET /api/events/in HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Protocol: prefect\r\n\r\n"
            )
            assert b"101" in connection.recv(4096)
            # A masked text frame that announces 65,535 bytes and brings four.
            connection.sendall(b"\x81\xfe\xff\xff\x00\x00\x00\x00abcd")

    for _ in range(20):
        await asyncio.to_thread(cut)


async def test_send_events_without_ever_pinging(api: Api, server_url: str, server_pid: int, name: str):
    total = 3_000
    before = resident_megabytes(server_pid)
    body = {"filter": {"event": {"name": [name]}}, "limit": 1}
    async with open_socket(server_url.replace("http", "ws", 1) + "/api", "/events/in") as socket:
        for number in range(total):
            await socket.send(json.dumps(event(name, payload={"number": number, "filling": "x" * 1_000})))
        await eventually_async(
            lambda: api.post("/events/filter", json=body).json()["total"], lambda stored: stored == total, within=120
        )
    assert resident_megabytes(server_pid) - before < MOST_MEGABYTES_MORE


async def test_listen_to_events_without_ever_reading(api: Api, server_url: str, server_pid: int, name: str):
    """A subscriber whose window is closed must not make the server keep everything for it."""
    from support.sockets import event_filter

    url = server_url.replace("http", "ws", 1) + "/api"
    before = resident_megabytes(server_pid)
    async with open_socket(url, "/events/out", max_queue=1) as deaf:
        await deaf.send(event_filter(name))
        deaf.transport.pause_reading()
        async with open_socket(url, "/events/in") as socket:
            for number in range(2_000):
                await socket.send(json.dumps(event(name, payload={"filling": "x" * 5_000, "number": number})))
            await (await socket.ping())
        assert resident_megabytes(server_pid) - before < MOST_MEGABYTES_MORE
        deaf.transport.abort()
