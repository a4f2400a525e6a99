use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::{KeyId, SecretKey, SecretsError};

/// How long a nonce is, in bytes. So long that random ones do not meet.
pub const NONCE_BYTES: usize = 24;

/// A secret that only its key opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key that it was sealed with.
    pub key_id: KeyId,
    /// The nonce, then the ciphertext with its tag.
    pub bytes: Vec<u8>,
}

/// Keys. The first seals, all open.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    keys: Vec<(KeyId, SecretKey)>,
}

impl KeyRing {
    /// A ring of these keys, the first of them for sealing. A key that comes twice counts once.
    pub fn new(keys: impl IntoIterator<Item = SecretKey>) -> Self {
        let mut ring = Self::default();
        for key in keys {
            let id = key.id();
            if !ring.has(&id) {
                ring.keys.push((id, key));
            }
        }
        ring
    }

    /// Reads keys in base64 with commas or white space between them. Lines that begin with `#` are comments.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let words =
            lines.flat_map(|line| line.split([',', ' ', '\t'])).filter(|word| !word.trim().is_empty());
        Ok(Self::new(words.map(SecretKey::parse).collect::<Result<Vec<_>, _>>()?))
    }

    /// The ids of the keys, the one that seals first.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.keys.iter().map(|(id, _)| id)
    }

    /// The keys, the one that seals first.
    pub fn keys(&self) -> impl Iterator<Item = &SecretKey> {
        self.keys.iter().map(|(_, key)| key)
    }

    /// Whether the ring has this key.
    pub fn has(&self, id: &KeyId) -> bool {
        self.ids().any(|known| known == id)
    }

    /// The key that seals.
    pub fn current(&self) -> Result<&KeyId, SecretsError> {
        self.ids().next().ok_or(SecretsError::NoKey)
    }

    /// Seals `secret`. `context` says where it belongs; the same must be given to open it. `nonce` must be random:
    /// never used twice with one key.
    pub fn seal(
        &self,
        nonce: [u8; NONCE_BYTES],
        context: &[u8],
        secret: &[u8],
    ) -> Result<Sealed, SecretsError> {
        let (id, key) = self.keys.first().ok_or(SecretsError::NoKey)?;
        let payload = Payload { msg: secret, aad: context };
        let ciphertext = cipher(key)
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| SecretsError::Damaged(id.clone()))?;
        let mut bytes = Vec::with_capacity(NONCE_BYTES + ciphertext.len());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&ciphertext);
        Ok(Sealed { key_id: id.clone(), bytes })
    }

    /// Opens what was sealed for `context`.
    pub fn open(&self, context: &[u8], sealed: &Sealed) -> Result<Vec<u8>, SecretsError> {
        let Sealed { key_id, bytes } = sealed;
        let (_, key) = self
            .keys
            .iter()
            .find(|(id, _)| id == key_id)
            .ok_or_else(|| SecretsError::MissingKey(key_id.clone()))?;
        let damaged = || SecretsError::Damaged(key_id.clone());
        let (nonce, ciphertext) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(damaged)?;
        cipher(key)
            .decrypt(XNonce::from_slice(nonce), Payload { msg: ciphertext, aad: context })
            .map_err(|_| damaged())
    }
}

fn cipher(key: &SecretKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{KeyRing, Sealed};
    use crate::{SecretKey, SecretsError};

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes([byte; 32])
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let old = KeyRing::new([key(1)]);
        let sealed = old.seal([7; 24], b"here", b"hunter2").expect("sealed");
        let rotated = KeyRing::new([key(2), key(1)]);
        assert_eq!(rotated.open(b"here", &sealed).as_deref(), Ok(&b"hunter2"[..]));
        let again = rotated.seal([8; 24], b"here", b"hunter2").expect("sealed");
        assert_eq!(&again.key_id, rotated.current().expect("a key"));
        assert_eq!(old.open(b"here", &again), Err(SecretsError::MissingKey(again.key_id.clone())));
    }

    #[test]
    fn what_was_moved_or_changed_does_not_open() {
        let ring = KeyRing::new([key(1)]);
        let sealed = ring.seal([7; 24], b"here", b"hunter2").expect("sealed");
        let damaged = Err(SecretsError::Damaged(sealed.key_id.clone()));
        assert_eq!(ring.open(b"elsewhere", &sealed), damaged);
        for place in 0..sealed.bytes.len() {
            let mut bytes = sealed.bytes.clone();
            bytes[place] ^= 1;
            assert_eq!(ring.open(b"here", &Sealed { bytes, ..sealed.clone() }), damaged, "byte {place}");
        }
        let bytes = sealed.bytes[..10].to_vec();
        assert_eq!(ring.open(b"here", &Sealed { bytes, ..sealed.clone() }), damaged);
    }

    #[test]
    fn rings_are_read_from_settings_and_files() {
        let (one, two) = (key(1), key(2));
        let (one_text, two_text) = (one.to_base64(), two.to_base64());
        let cases = [
            (format!("{},{}", *one_text, *two_text), vec![one.id(), two.id()]),
            (format!("# current\n{}\n\n# old\n{}\n", *one_text, *two_text), vec![one.id(), two.id()]),
            (format!("{} {}", *one_text, *one_text), vec![one.id()]),
            ("\n# nothing\n".to_owned(), vec![]),
        ];
        for (text, expected) in cases {
            let ring = KeyRing::parse(&text).expect("a ring");
            assert_eq!(ring.ids().cloned().collect::<Vec<_>>(), expected);
        }
        assert!(KeyRing::parse("c2hvcnQ=").is_err());
    }

    #[test]
    fn an_empty_ring_says_so() {
        assert_eq!(KeyRing::default().seal([0; 24], b"", b""), Err(SecretsError::NoKey));
    }

    proptest! {
        #[test]
        fn opening_gives_back_what_was_sealed(secret: Vec<u8>, context: Vec<u8>, nonce: [u8; 24]) {
            let ring = KeyRing::new([key(3)]);
            let sealed = ring.seal(nonce, &context, &secret).expect("sealed");
            prop_assert_eq!(ring.open(&context, &sealed), Ok(secret));
        }
    }
}
