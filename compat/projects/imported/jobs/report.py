from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from prefect import flow
from pydantic import Field

NAME = "report".upper()


@flow(name=NAME)
def report(amount: Decimal, share: Annotated[float, Field(ge=0, le=1)] = 0.5):
    pass
