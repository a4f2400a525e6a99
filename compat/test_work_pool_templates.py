"""The job templates that pools begin with."""

from __future__ import annotations

from prefect.workers.process import ProcessWorker

from support.api import Api


def without_descriptions(value):
    if isinstance(value, dict):
        return {
            key: without_descriptions(item)
            for key, item in value.items()
            if not (key == "description" and isinstance(item, str))
        }
    if isinstance(value, list):
        return [without_descriptions(item) for item in value]
    return value


def test_a_process_pool_begins_with_the_template_of_the_process_worker(api: Api):
    view = api.get("/collections/views/aggregate-worker-metadata").json()
    ours = view["prefect"]["process"]["default_base_job_configuration"]
    theirs = ProcessWorker.get_default_base_job_template()
    assert without_descriptions(ours) == without_descriptions(theirs)


def test_every_description_is_a_sentence_of_its_own(api: Api):
    view = api.get("/collections/views/aggregate-worker-metadata").json()
    for package in view.values():
        for kind in package.values():
            assert kind["description"]
            for variable in kind["default_base_job_configuration"]["variables"]["properties"].values():
                assert variable["description"], variable
