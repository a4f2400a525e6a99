//! Hands what was committed to everyone who listens.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::broadcast;

/// How many batches a listener may be behind.
const BATCHES: usize = 256;

/// Where committed things are handed on, in batches that all listeners share.
#[derive(Debug)]
pub struct Bus<T> {
    batches: broadcast::Sender<Arc<[Arc<T>]>>,
}

impl<T> Default for Bus<T> {
    fn default() -> Self {
        Self { batches: broadcast::Sender::new(BATCHES) }
    }
}

impl<T: Send + Sync + 'static> Bus<T> {
    /// Whether anybody listens.
    pub fn has_listeners(&self) -> bool {
        self.batches.receiver_count() > 0
    }

    /// Hands a batch to everyone who listens now.
    pub fn hand_on(&self, batch: Vec<Arc<T>>) {
        if !batch.is_empty() {
            // An error means that nobody listens.
            let _ = self.batches.send(batch.into());
        }
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> Subscription<T> {
        Subscription { batches: self.batches.subscribe(), rest: VecDeque::new() }
    }
}

/// The listener was too slow, and some things were not kept for it. What follows is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed;

/// One who listens.
#[derive(Debug)]
pub struct Subscription<T> {
    batches: broadcast::Receiver<Arc<[Arc<T>]>>,
    rest: VecDeque<Arc<T>>,
}

impl<T: Send + Sync + 'static> Subscription<T> {
    /// The next thing; waits for one. None when the server stops. Safe to cancel.
    pub async fn next(&mut self) -> Option<Result<Arc<T>, Missed>> {
        loop {
            if let Some(next) = self.rest.pop_front() {
                return Some(Ok(next));
            }
            match self.batches.recv().await {
                Ok(batch) => self.rest.extend(batch.iter().cloned()),
                Err(broadcast::error::RecvError::Lagged(_)) => return Some(Err(Missed)),
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{BATCHES, Bus, Missed};

    #[tokio::test]
    async fn everyone_who_listens_gets_everything_in_order() {
        let bus = Bus::<i32>::default();
        let (mut first, mut second) = (bus.subscribe(), bus.subscribe());
        bus.hand_on(vec![Arc::new(1), Arc::new(2)]);
        bus.hand_on(vec![Arc::new(3)]);
        for subscription in [&mut first, &mut second] {
            for expected in 1..=3 {
                assert_eq!(subscription.next().await, Some(Ok(Arc::new(expected))));
            }
        }
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told() {
        let bus = Bus::<usize>::default();
        let mut slow = bus.subscribe();
        for number in 0..=BATCHES {
            bus.hand_on(vec![Arc::new(number)]);
        }
        assert_eq!(slow.next().await, Some(Err(Missed)));
        assert_eq!(slow.next().await, Some(Ok(Arc::new(1))));
    }
}
