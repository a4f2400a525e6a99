from prefect import flow


@flow
def build(stage: str = "", none: str = "", size: int = 0, token: str = ""):
    pass
