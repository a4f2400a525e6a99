//! What a state change that a service proposes takes from the world.

use sluice_orchestration::{Dice, Environment, Settings};
use sluice_wire::client_version::Client;
use uuid::Uuid;

use crate::Context;

/// The server proposes, so there is no client whose version matters.
pub(crate) fn environment(context: &Context) -> Environment {
    Environment {
        now: context.now(),
        client: Client::default(),
        settings: Settings { slots: context.settings.slots, ..Settings::default() },
        dice: Dice::roll(uniform()),
    }
}

/// Uniform in `[0, 1)`, from the 32 highest random bits of an id.
pub(crate) fn uniform() -> f64 {
    let (high, ..) = Uuid::new_v4().as_fields();
    f64::from(high) / (f64::from(u32::MAX) + 1.0)
}
