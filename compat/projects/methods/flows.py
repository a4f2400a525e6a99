from uuid import UUID

from prefect import flow


class Group:
    @flow
    def collect(self, key: UUID, json: bool = True):
        """Collects."""

    @staticmethod
    @flow(name="clean up")
    def clean(days: int = 7):
        pass
