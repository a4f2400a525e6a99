"""The same requests, right and wrong, for every operation, to the reference and to Sluice: the answers must be equal.

What differs on purpose stands in `differences.json`. `SLUICE_CONTRACT_OPERATIONS=flows` sends what concerns flows only,
`SLUICE_CONTRACT_REPORT=FILE` writes all that differs.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import httpx
import pytest

from contract.answers import difference
from contract.cases import FRESH, cases
from contract.document import Document
from contract.known import differences, is_documented
from contract.reference import Reference, our_server
from contract.world import World
from support.servers import Database

OPERATIONS_OF_THE_REFERENCE = 187
MOST_TOLD = 20
# Differences of answers that the reference gave at a second try only.
MOST_ASKED_AGAIN = 20

pytestmark = [pytest.mark.own_server, pytest.mark.sqlite_only, pytest.mark.timeout(900)]


@pytest.fixture
def reference():
    reference = Reference().start()
    yield reference
    reference.stop()


@pytest.fixture
def world(reference: Reference, database: Database):
    ours = our_server(database.url).start()
    world = World(reference.api_url, ours.api_url)
    world.seed()
    yield world
    world.close()
    assert ours.stop() == 0, ours.tail()


def test_known_differences_are_documented():
    assert [entry.documented for entry in differences() if not is_documented(entry)] == []


def test_answers_equal_those_of_the_reference(reference: Reference, world: World):
    document = Document(httpx.get(f"{reference.url}/openapi.json", timeout=60).json())
    assert len(document.operations()) == OPERATIONS_OF_THE_REFERENCE
    wanted = re.compile(os.environ.get("SLUICE_CONTRACT_OPERATIONS", ""))
    known = differences()
    sent: Counter[str] = Counter()
    compared: set[str] = set()
    unknown: list[str] = []
    asked_again = 0
    for case in cases(document):
        if not wanted.search(case.operation):
            continue
        if case.operation in FRESH and "$fresh" in case.path:
            world.make_on_both(*FRESH[case.operation])
        theirs, ours = world.ask(case.method, case.path, case.body, case.keys_only, **case.options)
        sent[case.operation] += 1
        if theirs.status < 500:
            compared.add(case.operation)
        if lines := difference(theirs, ours):
            covering = [entry for entry in known if entry.covers(case, theirs, ours)]
            for entry in covering:
                entry.uses += 1
            if not covering and world.reference.was_asked_again and theirs.status != 503:
                asked_again += 1
            elif not covering:
                body = "" if case.body is ... else json.dumps(case.body)[:400]
                unknown.append(f"{case.operation} | {case.name}\n{case.path} {body}\n{lines}")
    if report := os.environ.get("SLUICE_CONTRACT_REPORT"):
        Path(report).write_text("\n\n".join(unknown))
    told = "\n\n".join(unknown[:MOST_TOLD])
    assert not unknown, f"{len(unknown)} of {sum(sent.values())} answers differ:\n\n{told}"
    assert asked_again <= MOST_ASKED_AGAIN, "the reference refuses too much for its answers to be compared"
    if not wanted.pattern:
        without_requests = {f"{method} {path}" for method, path, _ in document.operations()} - set(sent)
        assert without_requests == set()
        assert set(sent) - compared == set(), "the reference fails at every request of these"
        assert [entry.documented for entry in known if entry.uses == 0] == [], "not needed any more: remove them"
