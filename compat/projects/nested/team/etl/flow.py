from datetime import datetime, timedelta

from prefect import flow


@flow
def etl(since: datetime | None = None, window: "timedelta | None" = None, sources: "list[str]" = ["a", "b"]):
    """Extracts.

    Parameters:
        since (datetime): From when.
    """
