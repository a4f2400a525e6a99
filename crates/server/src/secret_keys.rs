//! Where the keys for secrets are: in a setting, or in a file of the home directory that is made at first start.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rand::RngCore;
use sluice_clock::SharedClock;
use sluice_secrets::{KEY_BYTES, KeyId, KeyRing, KeySource, SecretKey, SecretsError};
use sluice_store::{Store, StoreError, block_documents, configuration};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;

/// Where the keys are.
#[derive(Debug, Clone)]
pub enum SecretKeys {
    /// Given by a setting; they stay the same while the server runs.
    Given(Arc<KeyRing>),
    /// In this file. It is made when it is missing and no other server has made a key for the database.
    File(PathBuf),
}

/// What is wrong with the keys.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeysError {
    /// The file holds something else.
    #[error("{file}: {cause}")]
    NotKeys {
        /// The file.
        file: String,
        /// Why.
        cause: SecretsError,
    },
    /// The file cannot be read or written.
    #[error("{file}: {cause}; set secrets-key (SLUICE_SECRETS_KEY) or a home directory that can be written")]
    File {
        /// The file.
        file: String,
        /// Why.
        cause: io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Under which key it stands which key the database's secrets are encrypted with.
const RECORD: &str = "secrets-key";

const FILE_HEADER: &str = "# Keys that the secrets in the database are encrypted with. The first encrypts, all decrypt.\n\
                           # Without them the secrets are lost: keep a copy in a safe place.\n";

/// Finds or makes the keys. A server that has none still runs; whatever needs one says so.
pub(crate) async fn start(
    keys: &SecretKeys,
    store: &Store,
    clock: &SharedClock,
) -> Result<Arc<dyn KeySource>, SecretKeysError> {
    let source: Arc<dyn KeySource> = match keys {
        SecretKeys::Given(ring) => {
            if let Ok(current) = ring.current() {
                record(store, clock, current.clone(), true).await?;
            }
            Arc::new(Arc::clone(ring))
        }
        SecretKeys::File(path) => {
            if !path.exists() {
                match make(path, store, clock).await {
                    Err(error @ SecretKeysError::File { .. }) => {
                        tracing::error!(%error, "no key for secrets could be made: blocks cannot be stored");
                    }
                    outcome => outcome?,
                }
            }
            let ring = if path.exists() { read_file(path)? } else { KeyRing::default() };
            if let Ok(current) = ring.current() {
                record(store, clock, current.clone(), true).await?;
            }
            Arc::new(KeyFile::new(path.clone(), ring))
        }
    };
    let ring = source.ring();
    let missing = store
        .read(ring, |tx, ring| Box::pin(async move { block_documents::missing_keys(tx, ring).await }))
        .await?;
    for (key, documents) in missing {
        tracing::error!(
            %key,
            documents,
            "blocks are encrypted with a key that this server does not have; add it to secrets-key \
             (SLUICE_SECRETS_KEY) or to the file secrets.key in the home directory"
        );
    }
    Ok(source)
}

/// Makes a key, unless the database's secrets are encrypted with one that another server made.
async fn make(path: &Path, store: &Store, clock: &SharedClock) -> Result<(), SecretKeysError> {
    let nothing = Arc::new(KeyRing::default());
    let used = store
        .read(nothing, |tx, ring| Box::pin(async move { block_documents::missing_keys(tx, ring).await }))
        .await?;
    if !used.is_empty() {
        return Ok(());
    }
    let key = random_key();
    let id = key.id();
    write_file(path, &KeyRing::new([key]))?;
    let recorded = record(store, clock, id.clone(), false).await?;
    if recorded != id {
        tracing::error!(
            key = %recorded,
            "another server made the key for this database; copy its file secrets.key to {}, or give all servers \
             the same secrets-key (SLUICE_SECRETS_KEY)",
            path.display(),
        );
        fs::remove_file(path).map_err(|cause| file_error(path, cause))?;
        return Ok(());
    }
    tracing::info!(key = %id, file = %path.display(), "made a key for secrets; keep a copy in a safe place");
    Ok(())
}

/// A new key.
pub(crate) fn random_key() -> SecretKey {
    let mut bytes = [0; KEY_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    SecretKey::from_bytes(bytes)
}

/// Notes which key is current; returns the noted one. `replaces`: whether an older note gives way.
pub(crate) async fn record(
    store: &Store,
    clock: &SharedClock,
    key: KeyId,
    replaces: bool,
) -> Result<KeyId, StoreError> {
    let note = RawJson::from_value(&key.as_str()).map_err(|error| StoreError::Internal(error.to_string()))?;
    let now = clock.now();
    let noted = store
        .write((note, now, replaces), |tx, (note, now, replaces)| {
            Box::pin(async move {
                let workspace = WorkspaceId::DEFAULT;
                let noted = configuration::read(tx, workspace, RECORD).await?;
                match noted {
                    Some(noted) if noted == *note || !*replaces => Ok(Some(noted)),
                    _ if *replaces => {
                        configuration::write(tx, workspace, RECORD, note, *now).await?;
                        Ok(Some(note.clone()))
                    }
                    _ => {
                        configuration::write_new(tx, workspace, RECORD, note, *now).await?;
                        configuration::read(tx, workspace, RECORD).await
                    }
                }
            })
        })
        .await?;
    let text = noted.and_then(|noted| noted.parse::<String>().ok()).unwrap_or_default();
    Ok(KeyId::from_stored(text))
}

fn file_error(path: &Path, cause: io::Error) -> SecretKeysError {
    SecretKeysError::File { file: path.display().to_string(), cause }
}

/// The keys in the file.
pub(crate) fn read_file(path: &Path) -> Result<KeyRing, SecretKeysError> {
    let text = fs::read_to_string(path).map_err(|cause| file_error(path, cause))?;
    KeyRing::parse(&text)
        .map_err(|cause| SecretKeysError::NotKeys { file: path.display().to_string(), cause })
}

/// Writes the file anew, readable by its owner alone; whoever reads it meanwhile sees the old or the new keys.
pub(crate) fn write_file(path: &Path, ring: &KeyRing) -> Result<(), SecretKeysError> {
    let write = || -> io::Result<()> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let temporary = path.with_extension("key.new");
        // What a process that died left there is not to be written over, with whatever rights it has.
        if temporary.exists() {
            fs::remove_file(&temporary)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(FILE_HEADER.as_bytes())?;
        for key in ring.keys() {
            file.write_all(key.to_base64().as_bytes())?;
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|cause| file_error(path, cause))
}

/// Keys in a file, read again whenever the file changes: a rotation needs no restart.
#[derive(Debug)]
struct KeyFile {
    path: PathBuf,
    last: Mutex<(Option<Stamp>, Arc<KeyRing>)>,
}

type Stamp = (SystemTime, u64);

impl KeyFile {
    fn new(path: PathBuf, ring: KeyRing) -> Self {
        let stamp = stamp(&path);
        Self { path, last: Mutex::new((stamp, Arc::new(ring))) }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

impl KeySource for KeyFile {
    fn ring(&self) -> Arc<KeyRing> {
        let stamp = stamp(&self.path);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A file that went away takes no key from a server that runs.
        if stamp.is_some() && last.0 != stamp {
            match read_file(&self.path) {
                Ok(ring) => *last = (stamp, Arc::new(ring)),
                Err(error) => tracing::error!(%error, "the keys for secrets are not read again"),
            }
        }
        Arc::clone(&last.1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sluice_secrets::{KeyRing, KeySource, SecretKey};

    use super::{KeyFile, read_file, write_file};

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes([byte; 32])
    }

    #[test]
    fn the_file_is_its_owners_alone_and_is_read_again_when_it_changes() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deep/secrets.key");
        write_file(&path, &KeyRing::new([key(1)])).expect("written");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &std::fs::metadata(&path).expect("a file").permissions(),
            );
            assert_eq!(mode & 0o777, 0o600);
        }
        let source: Arc<dyn KeySource> =
            Arc::new(KeyFile::new(path.clone(), read_file(&path).expect("keys")));
        assert_eq!(source.ring().current(), Ok(&key(1).id()));
        write_file(&path, &KeyRing::new([key(2), key(1)])).expect("written");
        assert_eq!(source.ring().ids().collect::<Vec<_>>(), [&key(2).id(), &key(1).id()]);
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(source.ring().current(), Ok(&key(2).id()));
    }
}
