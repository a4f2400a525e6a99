//! Waits until a server has worked off what it accepted.

use std::time::{Duration, Instant};

use crate::cpu::{Meter, Spent};
use crate::failure::Failure;

/// Longest wait for accepted work to show up.
const DRAIN_WITHIN: Duration = Duration::from_secs(300);

/// No change for so long means that nothing more will come.
const STILL_FOR: Duration = Duration::from_secs(30);

/// How far the server got.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drained {
    /// What the last count said.
    pub(crate) count: u64,
    /// What was spent up to the last change of the count.
    pub(crate) spent: Spent,
}

/// Asks `count` until it reaches `expected`, or has stood still for half a minute, or five minutes are over.
///
/// What was spent is read when the count last changed, so that waiting in vain for lost items costs nothing. A
/// count that fails (the reference answers 503 when its database is busy) is asked again.
pub(crate) async fn drain<Counting>(
    meter: &Meter,
    expected: u64,
    mut count: impl FnMut() -> Counting,
) -> Result<Drained, Failure>
where
    Counting: Future<Output = Result<u64, Failure>>,
{
    let started = Instant::now();
    let mut last_change = Instant::now();
    let mut latest: Option<Drained> = None;
    let mut pause = Duration::from_millis(5);
    loop {
        let answer = count().await;
        match answer {
            Ok(count) if latest.is_none_or(|latest| latest.count != count) => {
                latest = Some(Drained { count, spent: meter.read() });
                last_change = Instant::now();
            }
            Ok(_) => {}
            // Busy, or too busy to answer; anything else will not get better by asking again.
            Err(Failure::UnexpectedStatus { status: 429 | 502 | 503, .. } | Failure::Http(_))
                if started.elapsed() < DRAIN_WITHIN => {}
            Err(failure) => return Err(failure),
        }
        if let Some(latest) = latest {
            let over = last_change.elapsed() > STILL_FOR || started.elapsed() > DRAIN_WITHIN;
            if latest.count >= expected || over {
                return Ok(latest);
            }
        }
        tokio::time::sleep(pause).await;
        // Counting costs the server something too: ask less often the longer it takes.
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}
