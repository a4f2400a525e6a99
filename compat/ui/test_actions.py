"""What people do in both UIs: each test acts in the browser and checks what the API holds afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from support.api import Api
from support.browser import Problems
from support.commands import Terminal
from support.reference_ui import ReferenceUi
from support.waiting import eventually
from ui.seed import World

SERVING = Path(__file__).parent.parent / "flows" / "serving.py"
VERSIONS = pytest.mark.parametrize("version", ["v1", "v2"])


def button(scope: Page | Locator, name: str) -> Locator:
    return scope.get_by_role("button", name=name, exact=True)


def choose(page: Page, label: str, option: str) -> None:
    # With the keyboard: a list that opens when it is focused would be closed again by the click.
    page.get_by_label(label, exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.get_by_text(option, exact=True).last.click()


def only(found: list[dict]) -> dict:
    [one] = found
    return one


@pytest.fixture
def open_page(page: Page, problems: Problems, ui: ReferenceUi):
    """Opens a path of one UI, and at the test's end looks at what went wrong on the way."""

    def open_page(version: str, path: str) -> Page:
        page.goto(ui.base(version) + path)
        problems.await_quiet(page)
        return page

    yield open_page
    problems.await_quiet(page)
    problems.assert_none()


@VERSIONS
def test_start_watch_and_cancel_a_run(version: str, open_page, api: Api, world: World, terminal: Terminal, name: str):
    process = terminal.start(SERVING, name, "sleeping")
    try:
        deployment = eventually(lambda: api.deployment("served-sleeping", name))
        page = open_page(version, f"/deployments/deployment/{deployment['id']}")
        button(page, "Run").click()
        page.get_by_text("Quick run").click()
        run = only(eventually(lambda: api.flow_runs_of_deployment(deployment["id"])))
        page = open_page(version, f"/runs/flow-run/{run['id']}")
        # Watched: the page follows the run by itself.
        expect(page.get_by_text("Running", exact=True).first).to_be_visible()
        expect(page.get_by_text("asleep in process").first).to_be_visible()
        if version == "v1":
            button(page, "Cancel").click()
            button(page, "Confirm").click()
        else:
            page.locator("button[aria-haspopup=menu]").last.click()
            page.get_by_role("menuitem", name="Cancel").click()
            page.get_by_role("alertdialog").get_by_role("button", name="Cancel").last.click()
        api.await_state(run["id"], "Cancelled")
        expect(page.get_by_text("Cancelled", exact=True).first).to_be_visible()
    finally:
        process.stop()


@VERSIONS
def test_create_and_edit_a_variable(version: str, open_page, api: Api, world: World, name: str):
    name = name.replace("-", "_")
    page = open_page(version, "/variables")

    (page.locator("header button").first if version == "v1" else button(page, "Add variable")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill(name)
    editor = dialog.locator("textarea, .cm-content").first
    editor.fill('{"attempts": 3}')
    button(dialog, "Create").click()

    eventually(lambda: api.get(f"/variables/name/{name}"), lambda answer: answer.status_code == 200)
    assert api.get(f"/variables/name/{name}").json()["value"] == {"attempts": 3}
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_role("button").last.click()
    page.get_by_text("Edit", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea, .cm-content").first.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text("5")
    button(dialog, "Save").click()

    eventually(lambda: api.get(f"/variables/name/{name}").json()["value"], lambda value: value == 5)


@VERSIONS
def test_create_and_edit_a_block(version: str, open_page, api: Api, world: World, name: str):
    def document() -> dict:
        path = f"/block_types/slug/secret/block_documents/name/{name}"
        answer = api.get(path, params={"include_secrets": "true"})
        return answer.json() if answer.status_code == 200 else {}

    page = open_page(version, "/blocks/catalog/secret/create")
    page.get_by_role("textbox").first.fill(name)
    page.get_by_role("textbox").last.fill("first")
    button(page, "Create" if version == "v1" else "Save").click()

    block = eventually(document)
    assert block["data"] == {"value": "first"}
    expect(page).to_have_url(lambda url: block["id"] in url) if False else page.wait_for_url(f"**/{block['id']}")
    page = open_page(version, f"/blocks/block/{block['id']}/edit")
    page.get_by_role("textbox").last.fill("second")
    button(page, "Save").click()

    eventually(document, lambda block: block["data"] == {"value": "second"})


@VERSIONS
def test_create_and_edit_a_work_pool(version: str, open_page, problems: Problems, api: Api, world: World, name: str):
    page = open_page(version, "/work-pools/create")
    page.get_by_text("Process", exact=True).first.click()
    button(page, "Next").click()
    page.get_by_role("textbox").first.fill(name)
    button(page, "Next").click()
    page.get_by_role("button", name="Create").last.click()

    pool = eventually(lambda: api.get(f"/work_pools/{name}").json(), lambda pool: pool.get("name") == name)
    assert pool["type"] == "process"
    assert "command" in pool["base_job_template"]["variables"]["properties"]
    problems.await_quiet(page)
    page = open_page(version, f"/work-pools/work-pool/{name}/edit")
    page.get_by_role("textbox", name="Description").fill("for the night")
    button(page, "Save").click()

    eventually(lambda: api.get(f"/work_pools/{name}").json()["description"], lambda text: text == "for the night")


@VERSIONS
def test_create_and_edit_a_schedule(version: str, open_page, api: Api, world: World, name: str):
    deployment = api.post("/deployments/", json={"name": name, "flow_id": world.flow, "paused": True}).json()

    def schedules() -> list[dict]:
        return api.get(f"/deployments/{deployment['id']}").json()["schedules"]

    page = open_page(version, f"/deployments/deployment/{deployment['id']}")
    button(page, "Schedule").click()
    dialog = page.get_by_role("dialog")
    (dialog.get_by_role("spinbutton") if version == "v1" else dialog.get_by_label("Value")).fill("7")
    button(dialog, "Save").click()

    assert only(eventually(schedules))["schedule"]["interval"] == 7 * 60
    expect(page.get_by_text("Every 7 minutes")).to_be_visible()
    eventually(schedules)
    page = open_page(version, f"/deployments/deployment/{deployment['id']}")
    page.get_by_text("Every 7 minutes").locator("xpath=following::button[not(@role='switch')][1]").click()
    page.get_by_text("Edit", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Cron", exact=True).click()
    button(dialog, "Save").click()

    changed = only(eventually(schedules, lambda found: "cron" in found[0]["schedule"]))
    assert changed["schedule"]["cron"]


@VERSIONS
def test_create_and_edit_an_automation(version: str, open_page, api: Api, world: World, name: str):
    def automations(wanted: str) -> list[dict]:
        return [one for one in api.read("/automations/filter") if one["name"] == wanted]

    page = open_page(version, "/automations/create")
    choose(page, "Trigger Template", "Flow run state")
    button(page, "Next").click()
    choose(page, "Action Type" if version == "v1" else "select action", "Cancel a flow run")
    button(page, "Next").click()
    page.get_by_role("textbox").first.fill(name)
    button(page, "Save").click()

    automation = only(eventually(lambda: automations(name)))
    assert automation["actions"] == [{"type": "cancel-flow-run"}]
    assert automation["trigger"]["type"] == "event"
    page = open_page(version, f"/automations/automation/{automation['id']}/edit")
    page.get_by_role("button", name="Details").click()
    page.get_by_role("textbox").first.fill(f"{name}-2")
    button(page, "Save").click()

    assert only(eventually(lambda: automations(f"{name}-2")))["id"] == automation["id"]
