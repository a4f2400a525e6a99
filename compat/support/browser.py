"""Debian's Chromium through Playwright, and what went wrong on a page while it was looked at."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

NAMES = ["chromium", "chromium-browser", "google-chrome"]
MISSING = "no Chromium found: install it (Debian: apt-get install chromium), or name it in SLUICE_CHROMIUM"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # The pages show links to the world outside; a test asks nobody but the two servers on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def executable() -> str | None:
    return os.environ.get("SLUICE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


# Whom the pages ask on the internet, and what for. No test reaches them; anybody else who is asked is a problem.
OUTSIDE = {
    "cdn.sanity.io": "logos of work pools and blocks",
    "raw.githubusercontent.com": "logos of blocks",
    "amplitude.com": "the UI counts its users at its vendor's",
}


def is_outside(url: str) -> bool:
    """Whether the host is one of those, or below one of them."""
    host = urlsplit(url).hostname or ""
    return url.startswith("https://") and any(host == known or host.endswith(f".{known}") for known in OUTSIDE)


@dataclass
class Known:
    """Something that goes wrong on the reference's server in the same way."""

    text: str
    reason: str


@dataclass
class Problems:
    """Errors in the console, answers of 400 and above, requests that failed, WebSockets that broke."""

    known: list[Known] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    _waiting: set[Request] = field(default_factory=set)
    _changed: float = 0.0

    def watch(self, page: Page) -> None:
        page.on("request", self._started)
        page.on("requestfinished", self._ended)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        page.on("response", self._response)
        page.on("requestfailed", self._failed)
        page.on("websocket", self._socket)

    def await_quiet(self, page: Page, within: float = 30) -> None:
        """Waits until the page has asked for nothing for a quarter of a second, and every answer is there."""
        deadline = time.monotonic() + within
        self._changed = time.monotonic()
        while self._waiting or time.monotonic() - self._changed < 0.25:
            if time.monotonic() > deadline:
                raise AssertionError(f"the page still waits for {[request.url for request in self._waiting]}")
            page.wait_for_timeout(50)

    def assert_none(self) -> None:
        assert not self.seen, "went wrong on this page:\n" + "\n".join(self.seen)

    def _note(self, problem: str) -> None:
        if not any(re.search(known.text, problem, re.DOTALL) for known in self.known):
            self.seen.append(problem)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not is_outside(message.location.get("url", "")):
            self._note(f"console: {message.text} at {message.location.get('url')}")

    def _response(self, response: Response) -> None:
        request = response.request
        if response.status >= 400:
            self._note(f"{response.status}: {request.method} {response.url} {request.post_data or ''}")

    def _started(self, request: Request) -> None:
        self._waiting.add(request)
        self._changed = time.monotonic()

    def _ended(self, request: Request) -> None:
        self._waiting.discard(request)
        self._changed = time.monotonic()

    def _failed(self, request: Request) -> None:
        self._ended(request)
        # A page that is left ends the requests that it still waits for.
        if request.failure != "net::ERR_ABORTED" and not is_outside(request.url):
            self._note(f"failed: {request.method} {request.url}: {request.failure}")

    def _socket(self, socket) -> None:
        socket.on("socketerror", lambda error: self._note(f"WebSocket {socket.url}: {error}"))
