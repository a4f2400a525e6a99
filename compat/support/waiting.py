"""Waiting for something to become true, with a deadline instead of a fixed sleep."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any, Awaitable, Callable, TypeVar

Value = TypeVar("Value")

DEADLINE_SECONDS = 45


def eventually(
    observe: Callable[[], Value],
    is_right: Callable[[Value], Any] = bool,
    within: float = DEADLINE_SECONDS,
    every: float = 0.1,
) -> Value:
    """Calls `observe` until `is_right` holds for its result, and returns that result."""
    deadline = time.monotonic() + within
    while True:
        value = observe()
        if is_right(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {within} s, last seen: {value!r}")
        time.sleep(every)


async def eventually_async(
    observe: Callable[[], Value | Awaitable[Value]],
    is_right: Callable[[Value], Any] = bool,
    within: float = DEADLINE_SECONDS,
    every: float = 0.1,
) -> Value:
    deadline = time.monotonic() + within
    while True:
        value = observe()
        if inspect.isawaitable(value):
            value = await value
        if is_right(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {within} s, last seen: {value!r}")
        await asyncio.sleep(every)
