//! Concurrency limits: how many things may happen at once, or how often.

use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

use crate::ids::{ConcurrencyLimitId, LeaseId, TaskRunId};
use crate::names::Name;
use crate::numbers::{NonNegative, Positive};
use crate::patch::Patch;
use crate::time::Timestamp;

/// A limit, as `POST /v2/concurrency_limits/` answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConcurrencyLimitV2 {
    pub id: ConcurrencyLimitId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub active: bool,
    pub name: String,
    pub limit: i64,
    pub active_slots: i64,
    pub denied_slots: i64,
    pub slot_decay_per_second: f64,
    pub avg_slot_occupancy_seconds: f64,
}

/// A limit, as it is read: with the slots that are taken after decay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GlobalConcurrencyLimit {
    pub id: ConcurrencyLimitId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub active: bool,
    pub name: String,
    pub limit: i64,
    pub active_slots: i64,
    pub slot_decay_per_second: f64,
}

/// A float of at least 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct NonNegativeFloat(pub f64);

impl<'de> Deserialize<'de> for NonNegativeFloat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number < 0.0 {
            return Err(de::Error::custom("[greater_than_equal] Input should be greater than or equal to 0"));
        }
        Ok(Self(number))
    }
}

/// Body of `POST /v2/concurrency_limits/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcurrencyLimitV2Create {
    #[serde(default = "yes")]
    pub active: bool,
    pub name: Name,
    pub limit: NonNegative,
    #[serde(default, deserialize_with = "present")]
    pub active_slots: Option<NonNegative>,
    #[serde(default, deserialize_with = "present")]
    pub denied_slots: Option<NonNegative>,
    #[serde(default)]
    pub slot_decay_per_second: NonNegativeFloat,
}

fn yes() -> bool {
    true
}

/// Body of `PATCH /v2/concurrency_limits/{id_or_name}`: only what was sent changes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcurrencyLimitV2Update {
    #[serde(default)]
    pub active: Patch<bool>,
    #[serde(default)]
    pub name: Patch<Name>,
    #[serde(default)]
    pub limit: Patch<NonNegative>,
    #[serde(default)]
    pub active_slots: Patch<NonNegative>,
    #[serde(default)]
    pub denied_slots: Patch<NonNegative>,
    #[serde(default)]
    pub slot_decay_per_second: Patch<NonNegativeFloat>,
}

/// How slots are asked for. `Literal`: what the reference calls a refusal of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename = "Literal", rename_all = "snake_case")]
pub enum Mode {
    /// Slots are given back.
    #[default]
    Concurrency,
    /// Slots come back by themselves.
    RateLimit,
}

/// Who holds slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseHolder {
    pub r#type: LeaseHolderType,
    pub id: Uuid,
}

/// What holds slots. `Literal`: what the reference calls a refusal of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Literal", rename_all = "snake_case")]
pub enum LeaseHolderType {
    /// A flow run.
    FlowRun,
    /// A task run.
    TaskRun,
    /// A deployment.
    Deployment,
}

impl LeaseHolderType {
    /// As it travels and as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FlowRun => "flow_run",
            Self::TaskRun => "task_run",
            Self::Deployment => "deployment",
        }
    }
}

/// How long a lease lasts: 60 to 86,400 seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeaseDuration(f64);

impl LeaseDuration {
    /// Seconds.
    pub const fn as_secs_f64(self) -> f64 {
        self.0
    }
}

impl Default for LeaseDuration {
    fn default() -> Self {
        Self(300.0)
    }
}

impl<'de> Deserialize<'de> for LeaseDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if seconds < 60.0 {
            return Err(de::Error::custom(
                "[greater_than_equal] Input should be greater than or equal to 60",
            ));
        }
        if seconds > 86_400.0 {
            return Err(de::Error::custom("[less_than_equal] Input should be less than or equal to 86400"));
        }
        Ok(Self(seconds))
    }
}

/// A field that may be absent but not null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonNegative>, D::Error> {
    NonNegative::deserialize(deserializer).map(Some)
}

/// Names of limits. The document of the reference asks for one at least, its server does not.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Names(pub Vec<String>);

/// Body of `POST /v2/concurrency_limits/increment` and `/increment-with-lease`.
#[derive(Debug, Clone, Deserialize)]
pub struct Increment {
    pub slots: Positive,
    pub names: Names,
    #[serde(default)]
    pub mode: Mode,
    #[serde(default)]
    pub lease_duration: LeaseDuration,
    #[serde(default)]
    pub holder: Option<LeaseHolder>,
    /// Without effect since the reference's 3.0; it is still checked.
    #[serde(default)]
    pub create_if_missing: Option<bool>,
}

/// Body of `POST /v2/concurrency_limits/decrement`.
#[derive(Debug, Clone, Deserialize)]
pub struct Decrement {
    pub slots: Positive,
    pub names: Names,
    #[serde(default)]
    pub occupancy_seconds: Option<PositiveFloat>,
    /// Without effect since the reference's 3.0; it is still checked.
    #[serde(default)]
    pub create_if_missing: Option<bool>,
}

/// A float above 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PositiveFloat(pub f64);

impl<'de> Deserialize<'de> for PositiveFloat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number > 0.0 {
            Ok(Self(number))
        } else {
            Err(de::Error::custom("[greater_than] Input should be greater than 0"))
        }
    }
}

/// Body of `POST /v2/concurrency_limits/decrement-with-lease`.
#[derive(Debug, Clone, Deserialize)]
pub struct DecrementWithLease {
    pub lease_id: LeaseId,
}

/// Body of `POST /v2/concurrency_limits/leases/{lease_id}/renew`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RenewLease {
    #[serde(default)]
    pub lease_duration: LeaseDuration,
}

/// A limit whose slots were taken or given back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MinimalConcurrencyLimit {
    pub id: ConcurrencyLimitId,
    pub name: String,
    pub limit: i64,
}

/// Answer of `POST /v2/concurrency_limits/increment-with-lease`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncrementedWithLease {
    pub lease_id: LeaseId,
    pub limits: Vec<MinimalConcurrencyLimit>,
}

/// A limit on the task runs of a tag, in the older form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConcurrencyLimit {
    pub id: ConcurrencyLimitId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub tag: String,
    pub concurrency_limit: i64,
    /// The task runs that hold a slot.
    pub active_slots: Vec<Uuid>,
}

/// Body of `POST /concurrency_limits/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcurrencyLimitCreate {
    pub tag: String,
    pub concurrency_limit: i64,
}

/// Body of `POST /concurrency_limits/tag/{tag}/reset`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ResetConcurrencyLimit {
    #[serde(default)]
    pub slot_override: Option<Vec<Uuid>>,
}

/// Body of `POST /concurrency_limits/increment` and `/decrement`.
#[derive(Debug, Clone, Deserialize)]
pub struct TagSlots {
    pub names: Vec<String>,
    pub task_run_id: TaskRunId,
}
