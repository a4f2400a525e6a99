//! Slots as `/work_queues` counts them: a run that is being cancelled still holds its slot.

use sluice_store::work_queues::{SlotStates, count_slot_holders};
use sluice_store::{Result, Tx};
use sluice_wire::work_queues::WorkQueue;

/// The queues with `active_slots` of this route.
pub(super) async fn with_slots(tx: &mut Tx, mut queues: Vec<WorkQueue>) -> Result<Vec<WorkQueue>> {
    for queue in queues.iter_mut().filter(|queue| queue.concurrency_limit.is_some()) {
        queue.active_slots = Some(count_slot_holders(tx, queue.id, SlotStates::OfQueues).await?);
    }
    Ok(queues)
}
