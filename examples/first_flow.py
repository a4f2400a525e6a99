"""A flow of three tasks: fetch some readings, clean them, summarise them.

Run it with `python first_flow.py` while PREFECT_API_URL points at a server.
"""

from statistics import mean

from prefect import flow, get_run_logger, task


@task
def fetch_readings(station: str) -> list[float | None]:
    get_run_logger().info("fetching the readings of %s", station)
    return [11.5, 12.0, None, 14.5, 13.0]


@task
def drop_gaps(readings: list[float | None]) -> list[float]:
    complete = [reading for reading in readings if reading is not None]
    get_run_logger().warning("dropped %d of %d readings", len(readings) - len(complete), len(readings))
    return complete


@task
def summarise(readings: list[float]) -> dict[str, float]:
    return {"lowest": min(readings), "mean": mean(readings), "highest": max(readings)}


@flow(name="first-flow", log_prints=True)
def first_flow(station: str = "harbour") -> dict[str, float]:
    readings = fetch_readings(station)
    summary = summarise(drop_gaps(readings))
    print(f"{station}: {summary}")
    return summary


if __name__ == "__main__":
    first_flow()
