use crate::KeyId;

/// Why something could not be sealed, opened or read as a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// The ring has no key at all.
    #[error(
        "this server has no key for secrets: set secrets-key (SLUICE_SECRETS_KEY), or restore the file secrets.key in \
         the home directory"
    )]
    NoKey,
    /// Sealed with a key that the ring does not have.
    #[error(
        "encrypted with key {0}, which this server does not have: add that key to secrets-key \
         (SLUICE_SECRETS_KEY) or to the file secrets.key in the home directory"
    )]
    MissingKey(KeyId),
    /// The key is there, but the bytes are not what was sealed here.
    #[error("the encrypted value does not belong here or was changed (key {0})")]
    Damaged(KeyId),
    /// Not a key.
    #[error(
        "a key is {expected} bytes in base64, this one is {found}; make one with `openssl rand -base64 32`"
    )]
    NotAKey {
        /// How long keys are.
        expected: usize,
        /// What was given instead: a length, or that it is no base64.
        found: String,
    },
}
