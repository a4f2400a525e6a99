from prefect import flow


@flow
def old(on=None, octal=None, time=None, day=None):
    pass
