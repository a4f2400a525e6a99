import prefect


@prefect.flow
async def sync_all(sources: list[str] | None = None, options: dict[str, int] = {"a": 1}):
    """Synchronises everything."""
