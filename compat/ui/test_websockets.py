"""A page of another origin may open the WebSockets that stream events and logs, as the reference lets it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from support.browser import Problems
from support.reference_ui import ReferenceUi

FIRST_ANSWER = """url => new Promise((answered, failed) => {
    const socket = new WebSocket(url, "prefect")
    socket.onopen = () => socket.send(JSON.stringify({type: "auth", token: null}))
    socket.onmessage = message => { answered(JSON.parse(message.data)); socket.close() }
    socket.onclose = end => failed(new Error(`closed with ${end.code} ${end.reason}`))
})"""


@pytest.mark.parametrize("path", ["events/out", "logs/out"])
def test_a_page_opens_a_stream(path: str, page: Page, problems: Problems, ui: ReferenceUi, server_url: str):
    page.goto(ui.url + "/ui-settings")

    answer = page.evaluate(FIRST_ANSWER, f"{server_url.replace('http', 'ws', 1)}/api/{path}")

    assert answer == {"type": "auth_success"}
    problems.assert_none()
