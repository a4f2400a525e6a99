//! Secrets at rest: a ring of keys that seals and opens what must not be readable in the database.
//!
//! XChaCha20-Poly1305 (RFC 8439 with a nonce of 24 bytes). A key is named by its fingerprint, so a wrong key is
//! always found out as a missing one. The context of a secret (whose it is, where it stands) is authenticated with
//! it: a sealed value that is moved to another row does not open.
//!
//! **Architecture invariant:** no I/O, no randomness: keys and nonces are passed in.

mod error;
mod key;
mod ring;
mod source;

pub use error::SecretsError;
pub use key::{KEY_BYTES, KeyId, SecretKey};
pub use ring::{KeyRing, NONCE_BYTES, Sealed};
pub use source::KeySource;
