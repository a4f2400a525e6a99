"""The two UIs of the installed package in a real browser, pointed at the session's server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from support.api import Api
from support.browser import ARGUMENTS, MISSING, Known, Problems, executable
from support.reference_ui import ReferenceUi

if TYPE_CHECKING:
    from ui.seed import World

# Generous, because continuous integration is slow: nothing waits that long when it works.
TIMEOUT_MILLISECONDS = 30_000

# What the UIs ask for in vain, and why: any server that keeps the contract answers so.
KNOWN = [
    Known(r"Amplitude Logger", "the UI counts its users at its vendor's, whom no test reaches"),
    Known(
        r"^422: POST .*/task_runs/filter .*\"any_\":\[\"\"\]|status of 422 .* at .*/task_runs/filter",
        "for an artifact without a task run the UI asks for the task run with the empty id, which is no id",
    ),
    Known(
        r"404.*/variables/name/compat_",
        "before the UI makes a variable it asks whether there is one of this name: there is none",
    ),
]


@pytest.fixture(scope="session")
def world(api: Api) -> World:
    # Imports the SDK, which must not happen before its settings are in the environment.
    from ui.seed import seed

    return seed(api)


@pytest.fixture(scope="session")
def ui(server_url: str):
    ui = ReferenceUi(f"{server_url}/api")
    yield ui
    ui.close()


@pytest.fixture(scope="session")
def browser(world: World):
    # After the world: the SDK takes the loop that Playwright leaves running for its caller's.
    path = executable()
    if path is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser):
    """One profile for all tests: what is fetched once is not fetched again."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    expect.set_options(timeout=TIMEOUT_MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def problems() -> Problems:
    return Problems(known=KNOWN)


@pytest.fixture
def page(context: BrowserContext, problems: Problems, request: pytest.FixtureRequest):
    """A tab that is watched. SLUICE_UI_SCREENSHOTS names a directory that gets its last picture."""
    page = context.new_page()
    problems.watch(page)
    yield page
    if directory := os.environ.get("SLUICE_UI_SCREENSHOTS"):
        name = "".join(character if character.isalnum() else "_" for character in request.node.name)
        page.screenshot(path=Path(directory) / f"{name}.png")
    page.close()
