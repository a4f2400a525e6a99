"""What of an answer is compared, and how a difference is told."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import Any

import httpx

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
HEADERS = ("location", "retry-after", "content-type", "content-disposition", "allow")

# These depend on when a request is made.
MEASURED = {"estimated_run_time", "estimated_start_time_delta", "total_run_time", "total_estimated_run_time",
            "sum_estimated_run_time", "sum_estimated_lateness", "retry_after_seconds", "lateness", "duration", ""}  # fmt: skip
# Drawn by chance: tokens, and names of two words.
DRAWN = {"token"}
DRAWN_NAME = re.compile(r"[a-z]+-[a-z]+")
# Lists that the reference keeps in no order.
UNORDERED = {"", "capabilities", "tags"}
# What a 422 says beside these is for people.
OF_A_PROBLEM = ("loc", "type", "msg")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @classmethod
    def of(cls, response: httpx.Response, keys_only: bool = False) -> "Answer":
        """`keys_only`: which of many objects are told of is not defined, so only their fields are compared."""
        headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
        if "location" in headers:
            headers["location"] = headers["location"].removeprefix(str(response.request.url).split("/api")[0])
        if "." in headers.get("retry-after", ""):
            headers["retry-after"] = "<seconds with a fraction>"
        if "allow" in headers:
            headers["allow"] = ", ".join(sorted(headers["allow"].replace(",", " ").split()))
        try:
            body = response.json()
        except ValueError:
            body = response.text
        if response.status_code >= 500:
            body = "an error of the server"
        elif response.status_code == 422 and isinstance(body, dict) and isinstance(body.get("exception_detail"), list):
            # As a set: the order is not defined either, and some problems are told twice.
            problems = {
                json.dumps({key: problem[key] for key in OF_A_PROBLEM if key in problem})
                for problem in body["exception_detail"]
            }
            problems = [json.loads(problem) for problem in problems]
            body = {"exception_message": body.get("exception_message"), "exception_detail": problems}
        return cls(response.status_code, headers, form(body) if keys_only and response.is_success else normal(body))

    def text(self) -> str:
        return json.dumps([self.status, self.headers, self.body], indent=1, sort_keys=True)


def normal(value: Any, key: str = "") -> Any:
    """The value without what differs between two runs of the same server: ids, times, what is drawn by chance."""
    if isinstance(value, dict):
        return {normal(name): normal(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [normal(item, key) for item in value]
        # The order of a list is that of its ids, unless somebody sorted it.
        is_without_order = key in UNORDERED or any(isinstance(item, dict) for item in items)
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True)) if is_without_order else items
    if isinstance(value, str):
        if key in DRAWN or (key == "name" and DRAWN_NAME.fullmatch(value)):
            return "<drawn>"
        return TIME.sub("<time>", UUID.sub("<id>", value))
    if key in MEASURED and isinstance(value, float):
        return "<measured>"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.1f}"
    return value


def form(value: Any) -> Any:
    """The fields of an object, and those that the items of a list have in common."""
    if isinstance(value, dict):
        return {key: form(item) if isinstance(item, (dict, list)) else "..." for key, item in value.items()}
    if isinstance(value, list):
        of_items = [set(item) for item in value if isinstance(item, dict)]
        return sorted(set.intersection(*of_items)) if of_items else []
    return "..."


def difference(reference: Answer, ours: Answer) -> str:
    """Lines of both answers with - and +; empty when they are equal."""
    lines = difflib.unified_diff(reference.text().splitlines(), ours.text().splitlines(), "reference", "sluice", "", "", 2)
    return "\n".join(line.rstrip() for line in lines)
