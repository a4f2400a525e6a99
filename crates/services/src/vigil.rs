//! Since when this process has been listening without a break.

use std::sync::atomic::{AtomicI64, Ordering};

use sluice_store::StoreError;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::{Context, Next, ServiceError};

/// Two looks further apart than this: nobody listened in between, because the process was down, stopped or had no
/// database.
const BREAK: TimeDelta = TimeDelta::from_secs(60);

/// Silence only counts while somebody listens: who was not heard of while the server was away may be well.
#[derive(Debug, Default)]
pub(crate) struct Vigil {
    /// In microseconds; zero before the first look.
    since: AtomicI64,
    last: AtomicI64,
}

impl Vigil {
    /// Notes that somebody looks now; returns since when nothing can have been missed.
    pub(crate) fn look(&self, now: Timestamp) -> Timestamp {
        let last = Timestamp::from_micros(self.last.swap(now.as_micros(), Ordering::Relaxed));
        if now.since(last) > BREAK || now < last {
            self.begin_anew(now);
        }
        Timestamp::from_micros(self.since.load(Ordering::Relaxed))
    }

    /// Without a database nobody is heard of.
    pub(crate) async fn keep(
        &self,
        context: &Context,
        round: impl Future<Output = Result<Next, ServiceError>>,
    ) -> Result<Next, ServiceError> {
        let outcome = round.await;
        if let Err(ServiceError::Store(StoreError::Unavailable(_))) = outcome {
            self.begin_anew(context.now());
        }
        outcome
    }

    /// Something may have been missed until now.
    pub(crate) fn begin_anew(&self, now: Timestamp) {
        self.since.store(now.as_micros(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::time::{TimeDelta, Timestamp};

    use super::Vigil;

    #[test]
    fn it_begins_anew_after_a_break() {
        let at = |seconds| Timestamp::from_micros(1_795_336_300_000_000) + TimeDelta::from_secs(seconds);
        let vigil = Vigil::default();
        for (now, since) in [(0, 0), (10, 0), (70, 0), (131, 131), (140, 131), (90, 90), (100, 90)] {
            assert_eq!(vigil.look(at(now)), at(since), "at {now}");
        }
        vigil.begin_anew(at(105));
        assert_eq!(vigil.look(at(110)), at(105));
    }
}
