//! Which keys secrets are encrypted with, and changing them.

use std::path::Path;
use std::sync::Arc;

use sluice_clock::{SharedClock, SystemClock};
use sluice_secrets::{KeyId, KeyRing};
use sluice_store::{Store, block_documents};

use crate::secret_keys::{self, SecretKeys};
use crate::{BootError, Settings};

/// A key, and what depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The key.
    pub key: KeyId,
    /// How many secrets are encrypted with it.
    pub secrets: i64,
    /// Whether it encrypts new secrets.
    pub is_current: bool,
    /// Whether it is there.
    pub is_known: bool,
}

/// What a rotation tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// This key encrypts from now on; it was made by this rotation, or is there already.
    Current {
        /// The key.
        key: KeyId,
        /// Whether it was made just now.
        is_new: bool,
    },
    /// So many secrets are done, so many are to be done.
    Done {
        /// Encrypted anew so far.
        rotated: i64,
        /// Under older keys still.
        left: i64,
    },
}

/// How secrets are rotated.
#[derive(Debug, Clone, Copy)]
pub struct RotationOptions {
    /// How many secrets one transaction changes.
    pub batch: i64,
    /// Whether keys that nothing needs any more are taken out of the file.
    pub forgets_old_keys: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// How many secrets were encrypted anew.
    pub rotated: i64,
    /// Keys that nothing needs any more, and whether they were forgotten.
    pub old_keys: Vec<KeyId>,
    /// Secrets that could not be rotated because their key is not there.
    pub missing: Vec<(KeyId, i64)>,
}

/// Every key that is there or that secrets are encrypted with, the current one first.
pub async fn key_uses(settings: &Settings) -> Result<Vec<KeyUse>, BootError> {
    let ring = Arc::new(ring_of(&settings.secret_keys()?)?);
    let store = open(settings).await?;
    uses(&store, &ring).await
}

/// Encrypts all secrets with a new key, in batches. Keys of a setting are not made here: there, the first one is
/// what everything is encrypted with. A rotation that was cut off goes on where it was.
pub async fn rotate(
    settings: &Settings,
    options: RotationOptions,
    mut tell: impl FnMut(Progress),
) -> Result<Rotated, BootError> {
    let store = open(settings).await?;
    let clock: SharedClock = Arc::new(SystemClock);
    let keys = settings.secret_keys()?;
    let mut ring = ring_of(&keys)?;
    let mut is_new = false;
    if let SecretKeys::File(path) = &keys {
        let is_cut_off = uses(&store, &ring).await?.iter().any(|one| one.secrets > 0 && one.is_old());
        if !is_cut_off {
            ring = with_new_key(path, &ring)?;
            is_new = true;
        }
    }
    let current = ring.current().map_err(sluice_store::StoreError::from)?.clone();
    secret_keys::record(&store, &clock, current.clone(), true).await?;
    tell(Progress::Current { key: current, is_new });
    let ring = Arc::new(ring);
    let mut rotated = 0;
    loop {
        let batch = options.batch;
        let (changed, left) = store
            .write((Arc::clone(&ring), batch), |tx, (ring, batch)| {
                Box::pin(block_documents::rotate_some(tx, ring, *batch))
            })
            .await?;
        rotated += changed;
        tell(Progress::Done { rotated, left });
        if left == 0 {
            break;
        }
    }
    let uses = uses(&store, &ring).await?;
    let old_keys: Vec<KeyId> =
        uses.iter().filter(|one| one.is_old() && one.secrets == 0).map(|one| one.key.clone()).collect();
    if let SecretKeys::File(path) = &keys
        && options.forgets_old_keys
    {
        let kept = ring.keys().filter(|key| !old_keys.contains(&key.id())).cloned();
        secret_keys::write_file(path, &KeyRing::new(kept))?;
    }
    let missing = uses.into_iter().filter(|one| !one.is_known).map(|one| (one.key, one.secrets)).collect();
    Ok(Rotated { rotated, old_keys, missing })
}

impl KeyUse {
    fn is_old(&self) -> bool {
        self.is_known && !self.is_current
    }
}

async fn open(settings: &Settings) -> Result<Store, BootError> {
    let store = Store::open(&settings.database()?, settings.store_options()).await?;
    let status = store.migration_status().await?;
    if !status.is_current() {
        return Err(BootError::NotMigrated { found: status.found, known: status.known });
    }
    Ok(store)
}

fn ring_of(keys: &SecretKeys) -> Result<KeyRing, BootError> {
    Ok(match keys {
        SecretKeys::Given(ring) => KeyRing::clone(ring),
        SecretKeys::File(path) if path.exists() => secret_keys::read_file(path)?,
        SecretKeys::File(_) => KeyRing::default(),
    })
}

fn with_new_key(path: &Path, ring: &KeyRing) -> Result<KeyRing, BootError> {
    let new = KeyRing::new(std::iter::once(secret_keys::random_key()).chain(ring.keys().cloned()));
    secret_keys::write_file(path, &new)?;
    Ok(new)
}

async fn uses(store: &Store, ring: &KeyRing) -> Result<Vec<KeyUse>, BootError> {
    let counted = store.read((), |tx, ()| Box::pin(block_documents::keys_in_use(tx))).await?;
    let secrets_of =
        |key: &KeyId| counted.iter().find(|(used, _)| used == key).map_or(0, |(_, count)| *count);
    let mut uses: Vec<KeyUse> = ring
        .ids()
        .enumerate()
        .map(|(place, key)| KeyUse {
            key: key.clone(),
            secrets: secrets_of(key),
            is_current: place == 0,
            is_known: true,
        })
        .collect();
    for (key, secrets) in &counted {
        if !ring.has(key) {
            uses.push(KeyUse { key: key.clone(), secrets: *secrets, is_current: false, is_known: false });
        }
    }
    Ok(uses)
}
