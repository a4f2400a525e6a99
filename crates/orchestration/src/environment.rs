//! What a decision takes from the world: the time, the client, the settings, and chance.

use sluice_wire::client_version::Client;
use sluice_wire::ids::{ArtifactId, LeaseId, StateId};
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use crate::slots::SlotSettings;

/// Everything a decision depends on besides the run and its facts.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The server's clock, read once per transition.
    pub now: Timestamp,
    /// Who asks.
    pub client: Client,
    /// The server's settings.
    pub settings: Settings,
    /// Chance, drawn beforehand.
    pub dice: Dice,
}

/// The settings that rules read; the defaults are those of Prefect 3.8.8.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Waits at concurrency limits.
    pub slots: SlotSettings,
    /// How long a deployment's slot is held for infrastructure to start, when the deployment does not say
    /// (`server.concurrency.initial_deployment_lease_duration`).
    pub initial_deployment_lease_duration: TimeDelta,
    /// When a run that found its deployment's limit full is due again
    /// (`server.deployments.concurrency_slot_wait_seconds`).
    pub deployment_slot_wait: TimeDelta,
    /// Characters in a cache key (`server.tasks.max_cache_key_length`).
    pub max_cache_key_length: usize,
    /// How long a run may stay CANCELLING before the server cancels it; `None` leaves it alone
    /// (`server.services.cancellation_cleanup`).
    pub cancelling_timeout: Option<TimeDelta>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            slots: SlotSettings::default(),
            initial_deployment_lease_duration: TimeDelta::from_secs(300),
            deployment_slot_wait: TimeDelta::from_secs(30),
            max_cache_key_length: 2000,
            cancelling_timeout: Some(TimeDelta::from_secs(300)),
        }
    }
}

/// The ids and the random number that one decision may use, drawn before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dice {
    /// Uniform in `[0, 1)`: spreads waits and retries.
    pub uniform: f64,
    /// Of the state that a rule puts in the place of the proposed one.
    pub replacement_state_id: StateId,
    /// Of the copy of the state on the task run that stands for a subflow.
    pub parent_task_run_state_id: StateId,
    /// Of a new lease.
    pub lease_id: LeaseId,
    /// Of the artifact that holds the state's data.
    pub artifact_id: ArtifactId,
    /// Names a pause that has no key.
    pub pause_key: Uuid,
}

impl Dice {
    /// Draws the ids; the caller brings a number uniform in `[0, 1)`.
    pub fn roll(uniform: f64) -> Self {
        Self {
            uniform,
            replacement_state_id: StateId::sequential(),
            parent_task_run_state_id: StateId::sequential(),
            lease_id: LeaseId::random(),
            artifact_id: ArtifactId::random(),
            pause_key: Uuid::new_v4(),
        }
    }
}
