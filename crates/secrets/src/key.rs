use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::SecretsError;

/// How long a key is, in bytes.
pub const KEY_BYTES: usize = 32;

/// Tells the fingerprint of a key from every other use of the hash.
const FINGERPRINT_CONTEXT: &[u8] = b"sluice key id v1";

/// The name of a key: 16 hexadecimal digits that follow from the key and tell nothing about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// A name that was stored beside a sealed value.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A key. Wiped from memory when it is dropped; never printed.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; KEY_BYTES]>);

impl SecretKey {
    /// A key of these bytes, which must be random.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a key in base64, of either alphabet, with or without padding.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let not_a_key = |found: String| SecretsError::NotAKey { expected: KEY_BYTES, found };
        let engines = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
        let bytes = engines
            .into_iter()
            .find_map(|engine| engine.decode(text.trim()).ok())
            .map(Zeroizing::new)
            .ok_or_else(|| not_a_key("no base64".to_owned()))?;
        let length = bytes.len();
        let bytes: [u8; KEY_BYTES] =
            bytes.as_slice().try_into().map_err(|_| not_a_key(format!("{length} bytes")))?;
        Ok(Self::from_bytes(bytes))
    }

    /// The key in base64, as [`SecretKey::parse`] reads it.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0.as_slice()))
    }

    /// The key's name.
    pub fn id(&self) -> KeyId {
        let mut hash = Sha256::new();
        hash.update(FINGERPRINT_CONTEXT);
        hash.update(self.0.as_slice());
        let digest = hash.finalize();
        KeyId(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::SecretKey;

    #[test]
    fn keys_are_read_in_every_usual_notation() {
        let key = SecretKey::from_bytes([0xfb; 32]);
        let text = key.to_base64();
        let url_safe = text.replace('+', "-").replace('/', "_");
        for notation in [text.as_str(), &url_safe, text.trim_end_matches('='), url_safe.trim_end_matches('=')]
        {
            assert_eq!(SecretKey::parse(notation).map(|read| read.id()), Ok(key.id()), "{notation}");
        }
        assert_eq!(SecretKey::parse(&format!(" {}\n", text.as_str())).map(|read| read.id()), Ok(key.id()));
        for wrong in ["", "short", "c2hvcnQ=", "not base64 at all!"] {
            assert!(SecretKey::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_never_printed() {
        let key = SecretKey::from_bytes(*b"abcdefghijklmnopqrstuvwxyz012345");
        assert_eq!(format!("{key:?}"), format!("SecretKey({})", key.id()));
        assert_eq!(key.id().as_str().len(), 16);
    }
}
