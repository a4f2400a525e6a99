from prefect import flow


@flow
def react(name: str = ""):
    pass
