"""`sluice deploy` beside `prefect deploy --all`: the same projects, the same deployments.

Each folder of `projects/` is a layout as people have them. The reference's command deploys it, what the server then
holds is read and deleted, `sluice deploy` deploys it again. Only ids and times may differ, and the labels with which
`sluice deploy` marks what it made.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from prefect.blocks.system import Secret
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from prefect.variables import Variable

from support.api import Api
from support.commands import Terminal

PROJECTS = Path(__file__).with_name("projects")
LAYOUTS = sorted(path.parent for path in PROJECTS.rglob("prefect.yaml"))
CASES = Path(__file__).parent / "flows" / "parameter_cases.py"
STAGE = {"COMPAT_STAGE": "test"}

pytestmark = pytest.mark.sqlite_only


def sluice(*arguments: str, directory: Path, exit_code: int = 0) -> subprocess.CompletedProcess:
    # The interpreter that has the SDK is found by PATH, as in an active environment.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [os.environ["SLUICE_BINARY"], "deploy", *arguments],
        cwd=directory,
        env={**os.environ, **STAGE, "PATH": path, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module", autouse=True)
def surroundings(api: Api):
    """What the projects name: pools, a secret, a variable."""
    for kind in ["process", "docker"]:
        api.post("/work_pools/", json={"name": f"projects-{kind}", "type": kind}).raise_for_status()
    Secret(value="s3cret-token").save("compat-git-token")
    Variable.set("compat_size", 7)
    yield
    for kind in ["process", "docker"]:
        api.delete(f"/work_pools/projects-{kind}").raise_for_status()


@pytest.fixture
def clean(api: Api):
    """Deployments and automations of other tests are none of ours: everything that is new is deleted."""
    before = {item["id"] for item in everything(api)}

    def new() -> list[dict]:
        return [item for item in everything(api) if item["id"] not in before]

    yield new
    delete(api, new())


def everything(api: Api) -> list[dict]:
    found: list[dict] = []
    while page := api.read("/deployments/filter", limit=200, offset=len(found)):
        found += page
    return found


def delete(api: Api, deployments: list[dict]) -> None:
    for deployment in deployments:
        api.delete(f"/automations/owned-by/prefect.deployment.{deployment['id']}").raise_for_status()
        api.delete(f"/deployments/{deployment['id']}").raise_for_status()


def comparable(api: Api, deployment: dict) -> dict:
    """A deployment with its flow and automations, without what differs between any two."""
    identifier = deployment["id"]
    flow = api.get(f"/flows/{deployment['flow_id']}").json()
    automations = api.get(f"/automations/related-to/prefect.deployment.{identifier}").json()
    said = {**deployment, "flow_id": flow["name"], "labels": {
        key: value for key, value in deployment["labels"].items()
        if not key.startswith("sluice.") and key != "prefect.flow.id"
    }, "automations": sorted(automations, key=lambda automation: automation["name"])}
    if said["global_concurrency_limit"]:
        said["global_concurrency_limit"] = said["global_concurrency_limit"]["limit"]
    # The SDK makes the text "None" of a description that is missing, when it creates a deployment.
    said["description"] = None if said["description"] == "None" else said["description"]
    said["tags"] = sorted(said["tags"])
    said["schedules"] = sorted(said["schedules"], key=lambda schedule: json.dumps(schedule["schedule"], sort_keys=True))
    for schedule in said["schedules"]:
        is_made_up = "anchor_date" in schedule["schedule"] and not schedule["schedule"]["anchor_date"].startswith("2024")
        if is_made_up:
            schedule["schedule"]["anchor_date"] = "when it was deployed"
    return without_ids(said, identifier)


def differences(ours: dict, reference: dict) -> dict:
    fields = ours.keys() | reference.keys()
    return {field: (ours.get(field), reference.get(field)) for field in fields if ours.get(field) != reference.get(field)}


def without_ids(value, identifier: str):
    if isinstance(value, dict):
        return {
            key: without_ids(item, identifier)
            for key, item in value.items()
            if key not in ("id", "created", "updated", "deployment_id", "work_queue_id", "created_by", "updated_by")
        }
    if isinstance(value, list):
        return [without_ids(item, identifier) for item in value]
    return value


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.relative_to(PROJECTS)))
def test_both_commands_make_the_same_deployments(api: Api, terminal: Terminal, clean, layout: Path, tmp_path: Path):
    project = tmp_path / layout.name
    shutil.copytree(layout, project)
    terminal.prefect("--no-prompt", "deploy", "--all", directory=project, environment=STAGE)
    reference = {item["name"]: comparable(api, item) for item in clean()}
    assert reference
    delete(api, clean())

    sluice("--all", "--yes", directory=project)
    ours = {item["name"]: comparable(api, item) for item in clean()}
    assert ours.keys() == reference.keys()
    assert {name: differences(ours[name], reference[name]) for name in ours} == {name: {} for name in ours}

    again = json.loads(sluice("apply", "--output", "json", directory=project).stdout)["applied"]
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, len(reference))


FLOW = "from prefect import flow\n\n@flow\ndef optional(day: int = 1, region: str = 'eu'): ...\n"
FILE = """
deployments:
- name: written
  entrypoint: flow.py:optional
  version: '1'
  tags: [file]
  parameters: {day: 2, region: us}
  schedules: [{cron: 0 1 * * *, timezone: Europe/Berlin}]
  triggers: [{expect: [of.the.file]}]
  work_pool: {name: projects-process, job_variables: {env: {A: file}}}
"""
TRIGGERS = """
triggers:
- {expect: [prefect.flow-run.Failed], match_related: {prefect.resource.name: other}, parameters: {day: 2}}
- {name: quiet, enabled: no, posture: Proactive, expect: [landed], within: 60}
"""
TRIGGER = json.dumps({"name": "both", "require": "all", "within": 30, "triggers": [{"expect": ["a"]}, {"expect": ["b"]}]})


@pytest.mark.parametrize(
    "options",
    [
        # A flow without a file, with everything said in options.
        ["flow.py:optional", "--prefect-file", "none.yaml", "--name", "said", "--pool", "projects-process", "--work-queue", "urgent",
         "--job-variable", '{"env": {"A": "1", "B": 2}}', "--job-variable", "stream_output=no", "--cron", "0 5 * * *", "--cron", "0 6 * * *",
         "--interval", "3600", "--anchor-date", "2024-01-01T00:00:00+00:00", "--rrule", "FREQ=DAILY", "--timezone", "Asia/Tokyo",
         "--concurrency-limit", "2", "--collision-strategy", "CANCEL_NEW", "--version", "2", "--tag", "a", "--tag", "b", "--params", '{"day": 3}',
         "--trigger", "triggers.yaml", "--trigger", "triggers.json", "--trigger", TRIGGER, "--description", "by hand"],
        # Options over what a file says.
        ["--name", "written", "--prefect-file", "prefect.yaml", "--param", "day=4", "--tag", "option", "--job-variable", "env=text",
         "--concurrency-limit", "3", "--interval", "60", "--anchor-date", "2024-01-01T00:00:00+00:00", "--version-type", "prefect:simple",
         "--version", "9", "--trigger", TRIGGER, "--no-enforce-parameter-schema"],
    ],
    ids=["without a file", "over a file"],
)  # fmt: skip
def test_options_make_the_same_deployments(api: Api, terminal: Terminal, clean, tmp_path: Path, options: list[str]):
    named_again = TRIGGERS.replace("{expect", "{name: of_json, expect").replace("quiet", "quiet_too")
    files = {"flow.py": FLOW, "prefect.yaml": FILE, "triggers.yaml": TRIGGERS}
    files["triggers.json"] = json.dumps(yaml.safe_load(named_again))
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    terminal.prefect("--no-prompt", "deploy", *options, directory=tmp_path)
    [reference] = [comparable(api, item) for item in clean()]
    delete(api, clean())

    sluice("apply", *options, directory=tmp_path)
    [ours] = [comparable(api, item) for item in clean()]
    assert differences(ours, reference) == {}


def test_options_leave_the_rest_of_the_file(clean, tmp_path: Path):
    """The reference drops the job variables of the file, and does not hear `--enforce-parameter-schema`."""
    (tmp_path / "flow.py").write_text(FLOW)
    (tmp_path / "prefect.yaml").write_text(FILE.replace("tags:", "enforce_parameter_schema: false\n  tags:"))
    sluice("apply", "--job-variable", "working_dir=/tmp", "--enforce-parameter-schema", directory=tmp_path)
    [deployment] = clean()
    assert deployment["job_variables"] == {"env": {"A": "file"}, "working_dir": "/tmp"}
    assert deployment["enforce_parameter_schema"] is True


def test_agreements_on_service_levels_are_noted_and_not_lost(clean, tmp_path: Path):
    (tmp_path / "flow.py").write_text(FLOW)
    agreement = json.dumps({"name": "late", "severity": "high", "duration": 60})
    arguments = ["flow.py:optional", "-n", "one", "-p", "projects-process", "--sla", agreement]
    assert "note: --sla is not deployed" in sluice("plan", *arguments, directory=tmp_path).stdout


def test_a_plan_changes_nothing_and_shows_no_secret(api: Api, clean):
    plan = sluice("plan", directory=PROJECTS / "steps")
    assert "+ build/steps-test  (create)" in plan.stdout
    assert "s3cret" not in plan.stdout and "********" in plan.stdout
    assert "2 to create, 0 to change, 0 unchanged; build and push steps run once" in plan.stdout
    assert clean() == []
    unasked = sluice(directory=PROJECTS / "steps", exit_code=1)
    assert "pass --yes to deploy" in unasked.stderr
    assert clean() == []


def test_blocks_that_workers_will_miss_are_noted(clean, tmp_path: Path):
    (tmp_path / "flow.py").write_text("from prefect import flow\n\n@flow\ndef missing(): ...\n")
    (tmp_path / "prefect.yaml").write_text(
        "pull:\n- prefect.deployments.steps.git_clone: {repository: r, access_token: '{{ prefect.blocks.secret.nobody }}'}\n"
        "deployments:\n- {name: one, entrypoint: 'flow.py:missing', work_pool: {name: projects-process}}\n"
    )
    plan = sluice("plan", directory=tmp_path).stdout
    assert "note: pull steps name the block secret/nobody, which does not exist: runs fail until it does" in plan


def test_changes_are_planned_field_by_field_and_pruned(api: Api, clean, tmp_path: Path):
    (tmp_path / "flow.py").write_text("from prefect import flow\n\n@flow\ndef changing(a: int = 1): ...\n")
    file = tmp_path / "prefect.yaml"
    one = "- {name: one, entrypoint: 'flow.py:changing', version: v, work_pool: {name: projects-process}, %s}\n"
    two = "- {name: two, entrypoint: 'flow.py:changing', version: v, work_pool: {name: projects-process}}\n"
    slugs = "schedules: [{cron: 0 5 * * *, slug: x}, {cron: 0 6 * * *, slug: y}]"
    file.write_text("name: changing\ndeployments:\n" + one % f"tags: [a], {slugs}" + two)
    sluice("--yes", directory=tmp_path)
    assert sorted(len(item["schedules"]) for item in clean()) == [0, 2]

    file.write_text("name: changing\ndeployments:\n" + one % "tags: [b], parameters: {a: 2}, schedules: []")
    plan = json.loads(sluice("plan", "--prune", "-o", "json", directory=tmp_path).stdout)
    changed = {change["field"]: (change["old"], change["new"]) for change in plan["deployments"][0]["changes"]}
    assert changed.keys() == {"tags", "parameters.a", "schedules"}
    assert changed["tags"] == (["a"], ["b"]) and changed["parameters.a"] == (None, 2)
    assert changed["schedules"][1] == []
    assert [pruned["name"] for pruned in plan["prunes"]] == ["changing/two"]

    sluice("--yes", "--prune", directory=tmp_path)
    [left] = clean()
    assert (left["name"], left["tags"], left["schedules"]) == ("one", ["b"], [])


def test_what_cannot_be_deployed_is_told_before_anything_is_written(api: Api, clean, tmp_path: Path):
    (tmp_path / "flow.py").write_text("from prefect import flow\n\n@flow\ndef wrong(a: int = 1): ...\n")
    (tmp_path / "prefect.yaml").write_text(
        "deployments:\n"
        "- {name: fine, entrypoint: 'flow.py:wrong', work_pool: {name: projects-process}}\n"
        "- {name: pool, entrypoint: 'flow.py:wrong', work_pool: {name: no-such-pool}}\n"
        "- {name: value, entrypoint: 'flow.py:wrong', parameters: {a: x}, work_pool: {name: projects-process}}\n"
        "- {name: extra, entrypoint: 'flow.py:wrong', parameters: {b: 1}, work_pool: {name: projects-process}}\n"
    )
    errors = sluice("--yes", directory=tmp_path, exit_code=1).stderr
    assert "wrong/pool: there is no work pool \"no-such-pool\"" in errors
    assert "wrong/value: parameters: " in errors and "wrong/extra: the flow has no parameter \"b\"" in errors
    assert clean() == []


def test_what_was_written_before_a_failure_is_undone(api: Api, clean, tmp_path: Path):
    (tmp_path / "flow.py").write_text("from prefect import flow\n\n@flow\ndef undone(): ...\n")
    file = tmp_path / "prefect.yaml"
    one = "- {name: one, entrypoint: 'flow.py:undone', tags: [%s], work_pool: {name: projects-process}}\n"
    file.write_text("deployments:\n" + one % "before")
    sluice("--yes", directory=tmp_path)
    # Only the server knows that this is no schedule.
    broken = "- {name: two, entrypoint: 'flow.py:undone', schedules: [{cron: not a cron}], work_pool: {name: projects-process}}\n"
    file.write_text("deployments:\n" + one % "after" + broken)
    errors = sluice("--yes", directory=tmp_path, exit_code=1).stderr
    assert "undone/two: " in errors and "undone" in errors
    [left] = clean()
    assert (left["name"], left["tags"]) == ("one", ["before"])


def test_a_hundred_deployments_of_one_repository(api: Api, clean, tmp_path: Path):
    (tmp_path / "flow.py").write_text("from prefect import flow\n\n@flow\ndef many(number: int = 0): ...\n")
    entry = "- {name: d%d, entrypoint: 'flow.py:many', parameters: {number: %d}, work_pool: {name: projects-process}}\n"
    file = tmp_path / "prefect.yaml"
    file.write_text("deployments:\n" + "".join(entry % (number, number) for number in range(100)))
    applied = json.loads(sluice("apply", "-o", "json", directory=tmp_path).stdout)["applied"]
    assert applied["created"] == 100
    assert {item["name"]: item["parameters"] for item in clean()} == {
        f"d{number}": {"number": number} for number in range(100)
    }
    applied = json.loads(sluice("apply", "-o", "json", directory=tmp_path).stdout)["applied"]
    assert applied["unchanged"] == 100


def test_sources_say_of_flows_what_the_sdk_says():
    """Static analysis against the SDK, function by function, and without its help."""
    names = [name for name in dir_of_cases() if not name.startswith("_")]
    assert len(names) >= 30
    entrypoints = [f"{CASES.name}:{name}" for name in names]
    found = json.loads(sluice("inspect", *entrypoints, "-o", "json", directory=CASES.parent).stdout)
    for entry in found:
        flow = load_flow_from_entrypoint(f"{CASES.parent}/{entry['entrypoint']}")
        assert entry["note"] is None, entry
        expected = {
            "name": flow.name,
            "description": flow.description,
            "version": flow.version,
            "parameter_openapi_schema": json.loads(json.dumps(parameter_schema(flow).model_dump(exclude_unset=True))),
        }
        assert entry["flow"] == expected, entry["entrypoint"]


def dir_of_cases() -> list[str]:
    return [node.name for node in ast.parse(CASES.read_text()).body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
