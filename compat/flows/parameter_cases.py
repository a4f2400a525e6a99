"""Flows whose parameters `sluice deploy` has to understand from the source alone, as the SDK does by running it."""

import datetime as dt
import enum
import typing as t
from collections.abc import Sequence as AbstractSequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Dict, List, Literal, Mapping, Optional, Set, Tuple, Union
from uuid import UUID

import prefect
from prefect import flow
from prefect import flow as workflow
from pydantic import BaseModel, Field

LIMIT = 60 * 60
NAME = "named by a constant"
Number = Union[int, float]


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    """How loud."""

    LOW = 1
    HIGH = 2


class Mixed(Enum):
    ONE = 1
    TWO = "two"
    ALIAS = 1


class Text(str, Enum):
    A = "a"


class Inner(BaseModel):
    """The inner one."""

    name: str
    count: int = 0


class Outer(BaseModel):
    inner: Inner
    many: List[Inner] = []
    maybe: Optional[Inner] = None
    share: float = Field(default=0.5, ge=0, le=1, description="Of the whole.")
    needed: int = Field(..., gt=3, title="A title")
    color: Color = Color.RED
    by_name_2x: Dict[str, int] = Field(default_factory=dict)
    parent: "Optional[Outer]" = None


@flow
def nothing(): ...


@flow
def untyped(a, b=1, c="x", d=None, e=True, f=1.5): ...


@flow
def scalars(a: int, b: float, c: str, d: bool, e: bytes, f: None, g: Any, h: object): ...


@flow
def bare_collections(a: list, b: dict, c: set, d: frozenset, e: tuple, f: List, g: Dict, h: Set, i: Tuple): ...


@flow
def collections(a: list[int], b: List[str], c: set[int], d: frozenset[str], e: AbstractSequence[int], f: t.Iterable[str]): ...


@flow
def dicts(a: dict[str, int], b: Dict[str, Any], c: Mapping[str, list[int]], d: dict[int, str]): ...


@flow
def tuples(a: tuple[int, str], b: Tuple[int, ...], c: tuple[int, int] = (1, 2)): ...


@flow
def optionals(a: Optional[int], b: Optional[str] = None, c: int | None = 3, d: "str | None" = None): ...


@flow
def unions(a: Union[int, str], b: int | str | None, c: Union[None, int], d: Optional[Union[int, str]], e: Union[int, int]): ...


@flow
def nested_unions(a: list[int | None], b: dict[str, Optional[list[str]]], c: Union[int, Optional[str]], d: Number): ...


@flow
def literals(a: Literal["x"], b: Literal["x", "y"] = "x", c: Literal[1, 2] = 1, d: Literal["x", 1] = 1, e: Optional[Literal["a", "b"]] = None): ...


@flow
def special_literals(a: Literal[True, False], b: Literal["x", None], c: Literal[None]): ...


@flow
def times(a: datetime, b: date, c: time, d: timedelta, e: dt.datetime, f: Optional[dt.date] = None): ...


@flow
def others(a: UUID, b: Path, c: t.Any = None): ...


@flow
def enumerations(a: Color, b: Level = Level.LOW, c: Mixed = Mixed.TWO, d: Text = Text.A): ...


@flow
def nested_enumerations(a: Optional[Color] = None, b: list[Color] = [Color.RED], c: Dict[str, Level] = {}): ...


@flow
def models(outer: Outer, inner: Optional[Inner] = None, many: list[Inner] = []): ...


@flow
def model_from_dict(inner: Inner = {"name": "x", "count": 2}): ...


@flow
def fields(a: int = Field(3, description="Three."), b: str = Field(...), c: float = Field(default=1.0)): ...


@flow
def positional(a, b: int, /, c: str = "c"): ...


@flow
def keyword_only(*, a: int, b: str = "b"): ...


@flow
def variadic(a: int, *names: str, flag: bool = False, **options): ...


@flow
def names_of_pydantic(json: int, copy: str = "x", schema: bool = False, dict: Optional[int] = None): ...


@flow
def computed_defaults(a: int = LIMIT, b: int = -1, c: str = "a" "b", d: float = -1.5, e: int = 2 + 3 * 4, f: str = "x" + "y"): ...


@flow
def collection_defaults(a: list = [1, [2]], b: dict = {"k": {"n": None}}, c: tuple = (1, "x"), d: set = {1}): ...


@flow
def odd_defaults(a: int = None, b: float = 1, c: str = 5): ...


@flow
async def asynchronous(a: int = 1):
    """Awaits."""


@prefect.flow(name="Given name", description="Given description.", version="9", retries=2, log_prints=True)
def decorated(a: int = 1):
    """Not used."""


@workflow(name=NAME)
def named_by_constant(): ...


@flow()
def called_without_arguments(a_b: int = 0): ...


@flow
def documented(first: int, second: str = "s", third=None, *rest):
    """Does it.

    And goes on.

    Args:
        first: The first
            goes on here
        second (str, optional): The second: with colon
          oddly indented

            and a paragraph
        third: Third.
        rest: The rest.
    Returns:
        first: nothing
    """


@flow
def documented_twice(a: int, b: int):
    """
    Starts on the next line.

    Arguments:
        a: From the first section.

    Params:
        b: From the second section.
    """


@flow
def badly_documented(a: int, b: int):
    """Text above.
    Args:
        a: no empty line above

    Args:

        b: an empty line below
    """
