//! Whether and how connections to PostgreSQL are encrypted, as `sslmode` and `sslrootcert` of the URL say. They mean
//! what they mean to libpq (PostgreSQL's manual, "SSL Support").

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Result, StoreError};

/// What the URL asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// What a URL says about TLS, and the URL without it.
#[derive(Debug)]
pub(super) struct Tls {
    mode: Mode,
    root_certificates: Option<String>,
}

impl Tls {
    /// Takes `sslmode` (also as `ssl`, which other drivers say) and `sslrootcert` out of the URL.
    ///
    /// # Errors
    /// [`StoreError::InvalidUrl`] for a mode that does not exist.
    pub(super) fn take_from(url: &str) -> Result<(Self, String)> {
        let mut tls = Self { mode: Mode::Prefer, root_certificates: None };
        let Some((base, query)) = url.split_once('?') else { return Ok((tls, url.to_owned())) };
        let mut others = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode" | "ssl", mode)) => tls.mode = mode_of(mode)?,
                Some(("sslrootcert", path)) => {
                    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
                    tls.root_certificates = Some(path.into_owned()).filter(|path| path != "system");
                }
                _ => others.push(parameter),
            }
        }
        let separator = if others.is_empty() { "" } else { "?" };
        Ok((tls, format!("{base}{separator}{}", others.join("&"))))
    }

    /// For the connection's configuration: whether a connection without TLS will do.
    pub(super) fn ssl_mode(&self) -> SslMode {
        match self.mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        }
    }

    /// What encrypts the connections.
    ///
    /// # Errors
    /// [`StoreError::InvalidUrl`] when the root certificates cannot be read.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // As libpq does it: who names root certificates wants the server's certificate checked.
        let checks_chain = matches!(self.mode, Mode::VerifyCa | Mode::VerifyFull)
            || (self.mode == Mode::Require && self.root_certificates.is_some());
        let chain = if checks_chain { Some(self.chain_verifier(&provider)?) } else { None };
        let verifier = Verifier {
            chain,
            checks_name: self.mode == Mode::VerifyFull,
            algorithms: provider.signature_verification_algorithms,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| StoreError::Internal(format!("cannot set up TLS: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }

    fn chain_verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
        let mut roots = RootCertStore::empty();
        match &self.root_certificates {
            Some(path) => {
                let unreadable = |error: &dyn std::fmt::Display| {
                    StoreError::InvalidUrl(format!("sslrootcert={path}: cannot read certificates: {error}"))
                };
                for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
                    let certificate = certificate.map_err(|error| unreadable(&error))?;
                    roots.add(certificate).map_err(|error| unreadable(&error))?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().map_err(
            |error| {
                StoreError::InvalidUrl(format!(
                    "no root certificates to check the server's with ({error}): name a file with sslrootcert"
                ))
            },
        )
    }
}

fn mode_of(mode: &str) -> Result<Mode> {
    match mode {
        "disable" => Ok(Mode::Disable),
        "allow" | "prefer" => Ok(Mode::Prefer),
        "require" => Ok(Mode::Require),
        "verify-ca" => Ok(Mode::VerifyCa),
        "verify-full" => Ok(Mode::VerifyFull),
        _ => Err(StoreError::InvalidUrl(format!(
            "sslmode={mode}: expected disable, prefer, require, verify-ca or verify-full"
        ))),
    }
}

/// Checks as much of a server's certificate as the mode asks for.
#[derive(Debug)]
struct Verifier {
    /// None: any certificate will do.
    chain: Option<Arc<WebPkiServerVerifier>>,
    checks_name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.checks_name => Ok(ServerCertVerified::assertion()),
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_says_how_connections_are_encrypted() {
        let cases = [
            ("postgres://u@h/d", Mode::Prefer, None, "postgres://u@h/d"),
            ("postgres://u@h/d?sslmode=disable", Mode::Disable, None, "postgres://u@h/d"),
            (
                "postgres://u@h/d?ssl=require&application_name=x",
                Mode::Require,
                None,
                "postgres://u@h/d?application_name=x",
            ),
            (
                "postgres://u@h/d?connect_timeout=3&sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
                Mode::VerifyFull,
                Some("/etc/ca.pem"),
                "postgres://u@h/d?connect_timeout=3",
            ),
            (
                "postgres://u@h/d?sslmode=verify-ca&sslrootcert=system",
                Mode::VerifyCa,
                None,
                "postgres://u@h/d",
            ),
        ];
        for (url, mode, root_certificates, rest) in cases {
            let (tls, left) = Tls::take_from(url).expect(url);
            assert_eq!(
                (tls.mode, tls.root_certificates.as_deref(), left.as_str()),
                (mode, root_certificates, rest)
            );
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        let error = Tls::take_from("postgres://u@h/d?sslmode=sometimes").expect_err("no such mode");
        assert!(error.to_string().contains("sslmode=sometimes: expected disable"), "{error}");
        let (tls, _) =
            Tls::take_from("postgres://u@h/d?sslmode=verify-full&sslrootcert=/none").expect("a URL");
        let error = tls.connector().err().expect("no such file");
        assert!(error.to_string().contains("sslrootcert=/none: cannot read"), "{error}");
    }
}
