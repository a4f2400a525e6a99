//! Taking slots, for both forms of increment.

use axum::http::StatusCode;
use sluice_orchestration::slots::{self, ConcurrencyLimit, SlotSettings};
use sluice_store::Tx;
use sluice_store::concurrency_limits::{self, LimitRow};
use sluice_wire::concurrency_limits::{Increment, Mode};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use crate::ApiError;

/// What became of a request for slots.
pub(super) enum Acquired {
    /// The slots were taken from these limits.
    Yes(Vec<LimitRow>),
    /// A limit is full: ask again after so many seconds.
    No { retry_after_seconds: f64 },
}

impl Acquired {
    /// The limits, or 423. Called after the commit, which keeps the note of the denial.
    pub(super) fn into_limits(self) -> Result<Vec<LimitRow>, ApiError> {
        match self {
            Self::Yes(limits) => Ok(limits),
            Self::No { retry_after_seconds } => {
                Err(ApiError::retry_later(StatusCode::LOCKED, "Locked", retry_after_seconds))
            }
        }
    }
}

/// Takes the slots from all active limits of these names, or from none. Names without a limit are passed over.
/// 422 when the limits can never serve the request. `uniform`: a random number in `[0, 1)`.
pub(super) async fn acquire(
    tx: &mut Tx,
    workspace: WorkspaceId,
    request: &Increment,
    settings: &SlotSettings,
    uniform: f64,
    now: Timestamp,
) -> Result<Acquired, ApiError> {
    let rows = concurrency_limits::by_names_for_update(tx, workspace, &request.names.0).await?;
    let requested = request.slots.get();
    let limits: Vec<&ConcurrencyLimit> = rows.iter().map(|row| &row.limit).collect();
    slots::check_request(&limits, requested, request.mode == Mode::RateLimit)
        .map_err(|problem| ApiError::unprocessable(problem.to_string()))?;
    let active: Vec<&ConcurrencyLimit> = limits.iter().copied().filter(|limit| limit.active).collect();
    let Some(counters) = slots::acquire(&active, requested, now, settings) else {
        let retry_after_seconds = slots::retry_after(&active, requested, settings, uniform);
        for limit in &active {
            if let Some(counters) = slots::deny(limit, requested, now, settings) {
                concurrency_limits::write_counters(tx, workspace, limit.id, &counters).await?;
            }
        }
        return Ok(Acquired::No { retry_after_seconds });
    };
    for (limit, counters) in active.iter().zip(&counters) {
        concurrency_limits::write_counters(tx, workspace, limit.id, counters).await?;
    }
    Ok(Acquired::Yes(rows))
}
