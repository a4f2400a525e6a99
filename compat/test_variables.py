"""Variables through the SDK. The CLI is in test_command_line.py."""

from __future__ import annotations

import pytest
from prefect.variables import Variable

from support.api import Api


@pytest.fixture
def variable_name(name: str) -> str:
    return name.replace("-", "_")


@pytest.mark.parametrize("value", ["text", 42, 2.5, True, None, ["a", 1], {"nested": {"list": [1, 2]}}])
def test_set_a_variable_and_get_it_back(variable_name: str, value):
    Variable.set(variable_name, value)
    assert Variable.get(variable_name, default="missing") == value


def test_get_a_variable_that_is_not_there(variable_name: str):
    assert Variable.get(variable_name, default="fallback") == "fallback"


def test_overwrite_a_variable_only_when_asked_to(api: Api, variable_name: str):
    Variable.set(variable_name, "old", tags=["first"])
    with pytest.raises(ValueError, match="already exists"):
        Variable.set(variable_name, "new")
    Variable.set(variable_name, "new", tags=["second"], overwrite=True)

    variable = api.get(f"/variables/name/{variable_name}").json()
    assert (variable["value"], variable["tags"]) == ("new", ["second"])


async def test_unset_a_variable_from_async_code(variable_name: str):
    await Variable.aset(variable_name, 1)
    assert await Variable.aget(variable_name) == 1
    assert await Variable.aunset(variable_name) is True
    assert await Variable.aunset(variable_name) is False


def test_filter_and_count_variables(api: Api, variable_name: str):
    Variable.set(f"{variable_name}_a", 1, tags=[variable_name])
    Variable.set(f"{variable_name}_b", 2, tags=[variable_name, "other"])

    found = api.read("/variables/filter", variables={"tags": {"all_": [variable_name]}}, sort="NAME_ASC")
    assert [variable["value"] for variable in found] == [1, 2]
    assert api.post("/variables/count", json={"variables": {"tags": {"all_": ["other", variable_name]}}}).json() == 1
    assert api.post("/variables/", json={"name": f"{variable_name}_a", "value": 3}).status_code == 409
