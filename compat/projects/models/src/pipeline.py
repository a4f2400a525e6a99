from enum import Enum
from typing import Dict, List

from prefect import flow
from pydantic import BaseModel, Field


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Settings(BaseModel):
    """What a run needs."""

    source: str
    batch: int = Field(default=10, ge=1, description="Rows at a time.")
    tags: List[str] = []
    limits: Dict[str, float] = Field(default_factory=dict)


@flow
def run_pipeline(settings: Settings, color: Color = Color.RED, others: list[Settings] | None = None):
    pass
