from prefect import flow, task


@task(retries=3, tags=["read"])
def read(bucket: str) -> list[dict]:
    return []


@flow(log_prints=True)
def copy_transactions(bucket: str = "raw", limit: int = 100):
    """Copies transactions from a bucket to a table.

    Args:
        bucket: Where they are read from.
        limit: How many at most,
            over all files.
    """
    print(len(read(bucket)), limit)
