"""WebSockets as the reference's clients open them, without the SDK around them."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import websockets

AUTHENTICATE = json.dumps({"type": "auth", "token": None})


@asynccontextmanager
async def open_socket(websocket_url: str, path: str, **options):
    """A socket that has been authenticated."""
    async with websockets.connect(
        f"{websocket_url}{path}", subprotocols=["prefect"], max_size=None, ping_interval=None, **options
    ) as socket:
        await socket.send(AUTHENTICATE)
        answer = json.loads(await socket.recv())
        assert answer == {"type": "auth_success"}, answer
        yield socket


def event(name: str, **fields) -> dict:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": f"{name}.resource"},
        "related": [],
        "payload": {},
        **fields,
    }


def event_filter(*prefixes: str) -> str:
    now = datetime.now(UTC)
    return json.dumps(
        {
            "type": "filter",
            "filter": {
                "event": {"prefix": list(prefixes)},
                "occurred": {
                    "since": (now - timedelta(minutes=1)).isoformat(),
                    "until": (now + timedelta(days=1)).isoformat(),
                },
                "order": "ASC",
            },
        }
    )
