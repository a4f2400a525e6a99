"""Every verb and option of `prefect` is taken by our command line, or known to be left out.

What is left out stands here, and in `docs/command-line.md` for those who look for it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cyclopts
import pytest
from prefect.cli._app import _app as prefect

DOCUMENTATION = Path(__file__).parents[1] / "docs" / "command-line.md"

# Groups and verbs: everything that begins with one of these.
LEFT_OUT = [
    "block create", "block register", "cloud", "config validate", "dashboard", "deploy init", "dev", "experimental", "flow serve",
    "flow-run execute", "init", "plugins", "profile populate-defaults", "sdk", "server database", "server services", "server stop",
    "shell", "task serve", "transfer", "work-pool provision-infra", "work-pool storage configure", "work-queue read-runs",
]  # fmt: skip

LEFT_OUT_OPTIONS = {
    "api": {"--account", "--header", "--root", "--verbose"},
    "automation inspect": {"--yaml"},
    "config view": {"--show-defaults"},
    "events stream": {"--account"},
    "flow-run inspect": {"--web"},
    "flow-run retry": {"--entrypoint"},
    "server start": {
        "--analytics-on", "--background", "--keep-alive-timeout", "--late-runs", "--no-services", "--scheduler", "--ui", "--workers",
    },
    "task-run inspect": {"--web"},
    "version": {"--omit-integrations"},
    "work-pool create": {"--provision-infrastructure"},
    "worker start": {"--install-policy"},
}  # fmt: skip

# No server is asked.
pytestmark = [pytest.mark.own_server, pytest.mark.sqlite_only]


# One of these fits wherever an option wants a value.
VALUES = ["1", "json", "ENQUEUE", "00000000-0000-0000-0000-000000000000"]


def verbs(app: cyclopts.App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[list[str]]]]:
    """The commands of the reference that do something, under each of their names, with the names of their options."""
    for name in app:
        if name.startswith("-"):
            continue
        inner = app[name]
        command = (*path, name)
        if inner.default_command is not None:
            arguments = inner.assemble_argument_collection(parse_docstring=False)
            options = [names(argument) for argument in arguments if argument.field_info.kind.name == "KEYWORD_ONLY"]
            yield " ".join(command), options
        yield from verbs(inner, command)


def names(argument: cyclopts.Argument) -> list[str]:
    """What an option is called, the shape that says no left out."""
    long = [name for name in argument.names if name.startswith("--")]
    return [name for name in long if not name.startswith(("--empty-", "--no-"))] or long


def is_left_out(command: str) -> bool:
    # Groups have a plural, which means the same.
    group, _, verb = command.partition(" ")
    names = {command, f"{group.removesuffix('s')} {verb}"}
    return any(name == known or name.startswith((f"{known} ", f"{known}structure")) for name in names for known in LEFT_OUT)


def sluice(*arguments: str) -> int:
    command = [os.environ["SLUICE_BINARY"], *arguments, "--help"]
    return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode


def takes(command: str, options: list[str]) -> bool:
    """With a value or without one, under one of its names."""
    words = command.split()
    return any(sluice(*words, option, *value) == 0 for option in options for value in [[], *([value] for value in VALUES)])


def test_every_verb_of_the_reference_is_taken_or_left_out():
    commands = [command for command, _ in verbs(prefect)]
    assert len(commands) > 150, "the commands look different from what is walked"
    taken = {command: sluice(*command.split()) == 0 for command in commands}
    assert [command for command in commands if not taken[command] and not is_left_out(command)] == []
    # `deploy` takes an entrypoint, so that any word may follow.
    assert [command for command in commands if taken[command] and is_left_out(command) and command != "deploy init"] == []


def test_every_option_of_the_reference_is_taken_or_left_out():
    missing = {
        command: lacking
        for command, options in verbs(prefect)
        if not is_left_out(command) and command.split()[0] in GROUPS
        if (lacking := {option[0] for option in options if not takes(command, option)})
    }
    assert missing == LEFT_OUT_OPTIONS


# Under one of their names: that the plurals mean the same is said above.
GROUPS = (
    "api artifact automation block concurrency-limit config deploy deployment events flow flow-run global-concurrency-limit profile "
    "server task-run variable version work-pool work-queue worker"
).split()


def test_what_is_left_out_is_documented():
    text = re.sub(r"\s+", " ", DOCUMENTATION.read_text())
    named = [f"`{command}" for command in LEFT_OUT] + [option for options in LEFT_OUT_OPTIONS.values() for option in options]
    assert [name for name in named if name not in text] == []
