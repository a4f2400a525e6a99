from prefect import flow


@flow(version="2.1")
def export(path, compress=False, level: float = 1.5):
    ...
