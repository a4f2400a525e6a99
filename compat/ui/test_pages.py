"""Every page of both UIs, with every tab on it: no error in the console, no answer of 400 or above."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.browser import Problems
from support.reference_ui import ReferenceUi
from ui.seed import World

BOTH = {
    "dashboard": ("/dashboard", "Flow Runs"),
    "runs": ("/runs", "nightly-sales"),
    "flow run, completed": ("/runs/flow-run/{flow_runs[completed]}", "Completed"),
    "flow run, failed": ("/runs/flow-run/{flow_runs[failed]}", "Failed"),
    "flow run, scheduled": ("/runs/flow-run/{flow_runs[scheduled]}", "Scheduled"),
    "flow run, running": ("/runs/flow-run/{flow_runs[running]}", "Running"),
    "flow run, paused": ("/runs/flow-run/{flow_runs[paused]}", "Paused"),
    "flow run, crashed": ("/runs/flow-run/{flow_runs[crashed]}", "Crashed"),
    "flow run of a deployment": ("/runs/flow-run/{flow_runs[deployed]}", "every-night"),
    "flow run, old address": ("/flow-runs/flow-run/{flow_runs[completed]}", "Completed"),
    "task run": ("/runs/task-run/{task_run}", "Completed"),
    "flows": ("/flows", "nightly-sales"),
    "flow": ("/flows/flow/{flow}", "nightly-sales"),
    "deployments": ("/deployments", "every-night"),
    "deployment": ("/deployments/deployment/{deployments[every-night]}", "Monday through Friday"),
    "deployment without a pool": ("/deployments/deployment/{deployments[without-pool]}", "without-pool"),
    "deployment, edit": ("/deployments/deployment/{deployments[every-night]}/edit", "Description"),
    "deployment, duplicate": ("/deployments/deployment/{deployments[every-night]}/duplicate", "Duplicate"),
    "deployment, custom run": ("/deployments/deployment/{deployments[every-night]}/run", "region"),
    "work pools": ("/work-pools", "docker-pool"),
    "work pool, process": ("/work-pools/work-pool/process-pool", "process-pool"),
    "work pool, docker": ("/work-pools/work-pool/docker-pool", "docker-pool"),
    "work pool, paused": ("/work-pools/work-pool/paused-pool", "paused-pool"),
    "work pool, create": ("/work-pools/create", "Docker"),
    "work pool, edit": ("/work-pools/work-pool/docker-pool/edit", "Description"),
    "work queue": ("/work-pools/work-pool/process-pool/queue/urgent", "urgent"),
    "work queue, create": ("/work-pools/work-pool/process-pool/queue/create", "Name"),
    "work queue, edit": ("/work-pools/work-pool/process-pool/queue/urgent/edit", "Priority"),
    "blocks": ("/blocks", "warehouse-password"),
    "blocks, catalog": ("/blocks/catalog", "AWS"),
    "block type": ("/blocks/catalog/secret", "Secret"),
    "block, create a secret": ("/blocks/catalog/secret/create", "Value"),
    "block, create a webhook": ("/blocks/catalog/webhook/create", "Method"),
    "block, create a file system": ("/blocks/catalog/local-file-system/create", "Basepath"),
    "block": ("/blocks/block/{block}", "warehouse-password"),
    "block, edit": ("/blocks/block/{block}/edit", "Value"),
    "variables": ("/variables", "region"),
    "automations": ("/automations", "run-again"),
    "automation, event": ("/automations/automation/{automations[run-again]}", "run-again"),
    "automation, silence": ("/automations/automation/{automations[too-silent]}", "too-silent"),
    "automation, compound": ("/automations/automation/{automations[both]}", "both"),
    "automation, sequence": ("/automations/automation/{automations[one-after-the-other]}", "one-after-the-other"),
    "automation, create": ("/automations/create", "Trigger"),
    "automation, edit": ("/automations/automation/{automations[run-again]}/edit", "Trigger"),
    # Whatever else happened on the server: the newest events are shown, each with its resource.
    "events": ("/events", "Resource"),
    "event": ("/events/event/{event[0]}/{event[1]}", "Related Resources"),
    "concurrency limits": ("/concurrency-limits", "warehouse"),
    "concurrency limit": ("/concurrency-limits/concurrency-limit/{tag_limit}", "database"),
    "artifacts": ("/artifacts", "sales-report"),
    "artifact key": ("/artifacts/key/sales-report", "sales-report"),
    "artifact, markdown": ("/artifacts/artifact/{artifacts[sales-report]}", "Sales"),
    "artifact, table": ("/artifacts/artifact/{artifacts[sales-table]}", "rows"),
    "artifact, link": ("/artifacts/artifact/{artifacts[sales-link]}", "the source"),
    "artifact, progress": ("/artifacts/artifact/{artifacts[sales-progress]}", "sales-progress"),
    "artifact, image": ("/artifacts/artifact/{artifacts[sales-image]}", "sales-image"),
    "settings": ("/settings", "3.8.8"),
}
ONLY = {
    "v1": {
        "work queue by its id": ("/work-queues/work-queue/{queue}", "urgent"),
        "login": ("/login", "Login"),
    },
    "v2": {},
}
PAGES = [
    pytest.param(version, path, text, id=f"{version}: {name}")
    for version in ("v1", "v2")
    for name, (path, text) in {**BOTH, **ONLY[version]}.items()
]

# The tabs of the UIs' own making say that they are tabs in different ways.
TABS = "[role=tab], .p-tab-navigation > *"


@pytest.mark.parametrize("version, path, text", PAGES)
def test_page(version: str, path: str, text: str, page: Page, problems: Problems, ui: ReferenceUi, world: World):
    page.goto(ui.base(version) + path.format_map(vars(world)))

    expect(page.get_by_text(text).locator("visible=true").first).to_be_visible()
    problems.await_quiet(page)
    # One flow run shows what is behind its tabs; the others differ in their state.
    tabs = 0 if "/flow-run/" in path and not path.startswith("/runs/flow-run/{flow_runs[completed]") else page.locator(TABS).count()
    for index in range(tabs):
        tab = page.locator(TABS).nth(index)
        if tab.is_visible() and tab.is_enabled():
            tab.click()
            problems.await_quiet(page)
    problems.assert_none()
