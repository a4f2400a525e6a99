use std::fmt::Debug;
use std::sync::Arc;

use crate::KeyRing;

/// Where the keys come from: they may change while the server runs.
pub trait KeySource: Debug + Send + Sync {
    /// The keys as they are now.
    fn ring(&self) -> Arc<KeyRing>;
}

/// Keys that never change.
impl KeySource for Arc<KeyRing> {
    fn ring(&self) -> Arc<KeyRing> {
        Self::clone(self)
    }
}
