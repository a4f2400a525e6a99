use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use super::Fence;
use crate::{Result, Tx, params};

/// A request for the lease of a service.
#[derive(Debug, Clone)]
pub struct Acquire {
    /// The service.
    pub service: &'static str,
    /// The replica that asks.
    pub holder: Uuid,
    /// How long the lease lasts unless it is renewed.
    pub ttl: TimeDelta,
    /// Takes the lease even when another holds it: for a database that only one process can have open.
    pub take_over: bool,
}

/// Takes or renews the lease; `None` when another replica holds it.
pub async fn acquire(tx: &mut Tx, request: &Acquire, now: Timestamp) -> Result<Option<Fence>> {
    let epoch = tx
        .scalar(
            "INSERT INTO service_lease (service, holder, epoch, expires) VALUES (?1, ?2, 1, ?3)
             ON CONFLICT (service) DO UPDATE SET
                 epoch = service_lease.epoch + CASE WHEN service_lease.holder = excluded.holder THEN 0 ELSE 1 END,
                 holder = excluded.holder,
                 expires = excluded.expires
             WHERE service_lease.holder = excluded.holder OR service_lease.expires < ?4 OR ?5
             RETURNING epoch",
            params![request.service, request.holder, now + request.ttl, now, request.take_over],
        )
        .await?;
    Ok(epoch.map(|epoch| Fence { service: request.service, holder: request.holder, epoch }))
}
