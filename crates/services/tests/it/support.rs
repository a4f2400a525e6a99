use std::sync::Arc;

use sluice_clock::{SharedClock, SimulatedClock};
use sluice_services::{Context, Next, Service, ServiceSettings, tasks};
use sluice_store::Store;
use sluice_store::service_leases::{self, Acquire};
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

/// A Sunday in November.
pub(crate) const START: Timestamp = Timestamp::from_micros(1_795_336_300_000_000);

/// A store with a clock; services run when the test says so.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) settings: Arc<ServiceSettings>,
}

impl World {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, clock: Arc::new(SimulatedClock::new(START)), settings: Arc::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        use sluice_clock::Clock;
        self.clock.now()
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(TimeDelta::from_secs(seconds));
    }

    /// Runs the service of this name once, as a process that has just started would.
    pub(crate) async fn run(&self, name: &str) -> Next {
        self.run_again(service(name).as_ref()).await
    }

    /// Runs a service that remembers its last round.
    pub(crate) async fn run_again(&self, service: &dyn Service) -> Next {
        let request = Acquire {
            service: service.name(),
            holder: Uuid::nil(),
            ttl: TimeDelta::from_secs(3_600),
            take_over: true,
        };
        let fence = self
            .store
            .write((request, self.now()), |tx, (request, now)| {
                Box::pin(service_leases::acquire(tx, request, *now))
            })
            .await
            .expect("the lease is asked for")
            .expect("the lease is free");
        let clock: SharedClock = Arc::clone(&self.clock) as SharedClock;
        let context = Context::new(self.store.clone(), clock, Arc::clone(&self.settings), fence);
        let next = service.run(&context).await.expect("the service runs");
        service.finish().await;
        next
    }
}

/// The service of this name.
pub(crate) fn service(name: &str) -> Box<dyn Service> {
    tasks::all().into_iter().find(|service| service.name() == name).expect("the service exists")
}
