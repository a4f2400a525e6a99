from datetime import date
from typing import Literal, Optional

from prefect import flow


@flow(name="load table", description="Loads one table.")
def load(table: str = "daily", day: Optional[date] = None, mode: Literal["full", "delta"] = "delta", *, retries: int = 2 * 3):
    pass
