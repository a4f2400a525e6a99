"""Blocks through the SDK and the CLI."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from prefect import flow
from prefect.blocks.core import Block
from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.system import Secret
from prefect.blocks.webhook import Webhook
from prefect.exceptions import PrefectHTTPStatusError
from prefect.filesystems import LocalFileSystem
from prefect.results import get_result_store
from prefect.types import SecretDict
from prefect.utilities.dispatch import get_registry_for_type
from pydantic import SecretStr

from support.api import Api
from support.commands import Terminal

HIDDEN = "********"


class Account(Block):
    _block_type_slug = "compat-account"
    _block_type_name = "Compat Account"

    user: str
    password: SecretStr
    headers: SecretDict = SecretDict({})


class Warehouse(Block):
    _block_type_slug = "compat-warehouse"
    _block_type_name = "Compat Warehouse"

    account: Account
    table: str = "events"


def read_document(api: Api, slug: str, name: str, **query) -> dict:
    answer = api.get(f"/block_types/slug/{slug}/block_documents/name/{name}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("value", ["hunter2", 42, {"user": "marvin", "keys": ["a", 1]}, ["a", None], True])
def test_save_a_secret_and_load_it(api: Api, name: str, value):
    Secret(value=value).save(name)
    assert Secret.load(name).get() == value
    assert "hunter2" not in str(read_document(api, "secret", name)["data"])
    assert read_document(api, "secret", name, include_secrets=True)["data"] == {"value": value}


def test_the_values_of_a_secret_object_are_hidden(api: Api, name: str):
    Secret(value={"user": "marvin", "password": "paranoid"}).save(name)
    assert read_document(api, "secret", name)["data"] == {"value": {"user": HIDDEN, "password": HIDDEN}}


def test_overwrite_a_block_only_when_asked_to(name: str):
    Secret(value="old").save(name)
    with pytest.raises(ValueError, match="already in use"):
        Secret(value="new").save(name)
    Secret(value="new").save(name, overwrite=True)
    assert Secret.load(name).get() == "new"


async def test_save_and_delete_from_async_code(name: str):
    await Secret(value="x").save(name)
    assert (await Secret.load(name)).get() == "x"
    await Secret.delete(name)
    with pytest.raises(ValueError, match="Unable to find block document"):
        await Secret.load(name)


def test_files_are_written_through_a_block(name: str, tmp_path: Path):
    LocalFileSystem(basepath=str(tmp_path)).save(name)
    loaded = LocalFileSystem.load(name)
    loaded.write_path("greeting.txt", b"hello")
    assert (tmp_path / "greeting.txt").read_bytes() == b"hello"


def test_the_blocks_of_the_sdk_are_known_already(api: Api):
    def counts() -> tuple[int, int]:
        types = api.read("/block_types/filter")
        schemas = api.read("/block_schemas/filter")
        return len(types), len(schemas)

    before = counts()
    own = {Account, Warehouse, Fragile}
    for block in set(get_registry_for_type(Block).values()) - own:
        block.register_type_and_schema()
    assert counts() == before
    for block in (Secret, LocalFileSystem, Webhook, SlackWebhook):
        schema = api.get(f"/block_schemas/checksum/{block._calculate_schema_checksum()}")
        assert schema.status_code == 200, block
        assert schema.json()["block_type"]["slug"] == block.get_block_type_slug()


def test_blocks_that_others_hold(api: Api, name: str):
    account = Account(user="marvin", password="paranoid", headers={"token": "t"})
    Warehouse(account=account).save(f"{name}-inline")
    inline = Warehouse.load(f"{name}-inline")
    assert inline.account.password.get_secret_value() == "paranoid"
    assert inline.account.headers.get_secret_value() == {"token": "t"}

    account.save(f"{name}-account")
    Warehouse(account=account, table="runs").save(name)
    document = read_document(api, "compat-warehouse", name)
    assert document["data"]["account"] == {"user": "marvin", "password": HIDDEN, "headers": {"token": HIDDEN}}
    reference = document["block_document_references"]["account"]["block_document"]
    assert reference["name"] == f"{name}-account"

    Account(user="marvin", password="changed").save(f"{name}-account", overwrite=True)
    assert Warehouse.load(name).account.password.get_secret_value() == "changed"


def test_what_was_read_can_be_sent_back(api: Api, name: str):
    Account(user="marvin", password="paranoid", headers={"token": "t"}).save(name)
    document = read_document(api, "compat-account", name)
    assert document["data"]["password"] == HIDDEN
    data = {**document["data"], "user": "trillian"}
    assert api.patch(f"/block_documents/{document['id']}", json={"data": data}).status_code == 204
    loaded = Account.load(name)
    assert (loaded.user, loaded.password.get_secret_value()) == ("trillian", "paranoid")
    assert loaded.headers.get_secret_value() == {"token": "t"}


class Fragile(Block):
    _block_type_slug = "compat-fragile"
    _block_type_name = "Compat Fragile"

    size: int


def test_a_new_version_of_a_block_keeps_the_data(name: str):
    Fragile(size=3).save(name)

    class Grown(Block):
        _block_type_slug = "compat-fragile"
        _block_type_name = "Compat Fragile"

        size: int
        colour: str = "blue"

    Grown(size=4).save(name, overwrite=True)
    loaded = Grown.load(name)
    assert (loaded.size, loaded.colour) == (4, "blue")


def test_results_are_stored_with_a_block(name: str, tmp_path: Path):
    storage = LocalFileSystem(basepath=str(tmp_path))
    storage.save(name)

    @flow(result_storage=f"local-file-system/{name}", persist_result=True, name=name)
    def stored() -> dict:
        return {"answer": 42}

    state = stored(return_state=True)
    assert state.result() == {"answer": 42}
    assert list(tmp_path.iterdir())


def test_the_default_result_storage(api: Api, name: str, tmp_path: Path):
    document = LocalFileSystem(basepath=str(tmp_path)).save(name)
    secret = Secret(value="x").save(f"{name}-secret")
    try:
        assert api.put("/admin/storage", json={"default_result_storage_block_id": str(secret)}).status_code == 422
        missing = {"default_result_storage_block_id": str(uuid.uuid4())}
        assert api.put("/admin/storage", json=missing).status_code == 404
        chosen = {"default_result_storage_block_id": str(document)}
        assert api.put("/admin/storage", json=chosen).json() == chosen
        assert api.get("/admin/storage").json() == chosen

        @flow(persist_result=True, name=name)
        def stored() -> str:
            return type(get_result_store().result_storage).__name__

        assert stored() == "LocalFileSystem"
        assert list(tmp_path.iterdir())
        # The default goes with its block.
        assert api.delete(f"/block_documents/{document}").status_code == 204
        assert api.get("/admin/storage").json() == {"default_result_storage_block_id": None}
    finally:
        api.delete("/admin/storage")


def test_the_commands(api: Api, terminal: Terminal, name: str, tmp_path: Path):
    module = tmp_path / "own_block.py"
    module.write_text(
        "from prefect.blocks.core import Block\n\n\nclass OwnBlock(Block):\n"
        f'    _block_type_slug = "{name}"\n    _block_type_name = "{name}"\n    x: int = 1\n'
    )
    registered = terminal.prefect("block", "register", "--file", str(module))
    assert "Successfully registered 1 block" in registered.output
    assert name in terminal.prefect("block", "type", "ls").output
    assert "secret" in terminal.prefect("block", "type", "inspect", "secret").output.lower()

    Secret(value="hunter2").save(name)
    assert f"secret/{name}" in terminal.prefect("block", "ls").output
    inspected = terminal.prefect("block", "inspect", f"secret/{name}").output
    assert HIDDEN in inspected and "hunter2" not in inspected
    terminal.prefect("block", "delete", f"secret/{name}")
    assert name not in terminal.prefect("block", "ls").output
    terminal.prefect("block", "type", "delete", name)
    protected = terminal.prefect("block", "type", "delete", "secret", exit_code=1).output
    assert "is a protected block" in protected


def test_a_block_name_is_checked(api: Api):
    with pytest.raises((ValueError, PrefectHTTPStatusError)):
        Secret(value="x").save("Not A Name")
