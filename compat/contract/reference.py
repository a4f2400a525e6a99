"""Our server and the reference, both so that nothing happens by itself."""

from __future__ import annotations

from support.reference import Reference
from support.servers import Server

__all__ = ["Reference", "our_server"]

# Background work would change what is compared, at a time of its own.
OUR_ENVIRONMENT = {
    "SLUICE_SERVICES_DISABLED": "actions,cancellation_cleanup,cleanup_delivery,event_retention,foreman,late_runs,"
    "pause_expirations,repossessor,run_retention,scheduler,triggers"
}


def our_server(database_url: str) -> Server:
    return Server(database_url, OUR_ENVIRONMENT)
