//! What brings messages out.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use sluice_notifications::Request;
use tokio::time::Instant;

use crate::error::DeliveryError;
use crate::guard::PrivateAddresses;
use crate::http::{self, Answer, Patience};
use crate::mail::{self, Mail, MailServer};
use crate::resolve::{Resolve, SystemResolver};
use crate::tls;

/// How messages are brought out.
#[derive(Debug, Clone)]
pub struct DeliveryOptions {
    /// Whether requests may go to private addresses. Mail goes to the server of the settings, wherever it is.
    pub private_addresses: PrivateAddresses,
    /// The mail server, if there is one.
    pub mail_server: Option<MailServer>,
    /// How long resolving, connecting and the beginning of TLS may take, each.
    pub connect_timeout: Duration,
    /// How long an exchange may take, from connecting to the status of the answer, where the request does not say.
    pub timeout: Duration,
    /// How long the text of an answer is waited for. What comes later is not read: the status decides.
    pub text_timeout: Duration,
    /// What finds the addresses of names.
    pub resolver: Arc<dyn Resolve>,
    /// Certificates that are trusted besides those of the operating system.
    pub roots: Vec<CertificateDer<'static>>,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self {
            private_addresses: PrivateAddresses::default(),
            mail_server: None,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
            text_timeout: Duration::from_secs(3),
            resolver: Arc::new(SystemResolver),
            roots: Vec::new(),
        }
    }
}

/// Brings messages out, one try at a time.
#[derive(Debug, Default)]
pub struct Deliverer {
    options: DeliveryOptions,
    /// Made at first use: reading the system's certificates takes a while.
    verifying: OnceLock<Result<Arc<ClientConfig>, DeliveryError>>,
    trusting: OnceLock<Result<Arc<ClientConfig>, DeliveryError>>,
}

impl Deliverer {
    /// With these options.
    pub fn new(options: DeliveryOptions) -> Self {
        Self { options, verifying: OnceLock::new(), trusting: OnceLock::new() }
    }

    /// How long it may take until the status of the answer to this request is known.
    pub fn timeout(&self, request: &Request) -> Duration {
        request.timeout.unwrap_or(self.options.timeout)
    }

    /// The mail server, if there is one.
    pub fn mail_server(&self) -> Option<&MailServer> {
        self.options.mail_server.as_ref()
    }

    /// Sends the request and reads the beginning of the answer, whatever its status. Redirects are answers too.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, request: &Request) -> Result<Answer, DeliveryError> {
        let allow_private = self.options.private_addresses.are_allowed(request.allow_private);
        let timeout = self.timeout(request);
        let deadline = Instant::now() + timeout;
        let connect = self.options.connect_timeout.min(timeout);
        let resolving = http::addresses(self.options.resolver.as_ref(), &request.url, allow_private);
        let addresses = tokio::time::timeout(connect, resolving)
            .await
            .map_err(|_| DeliveryError::Temporary("resolving the host took too long".to_owned()))??;
        let tls = if request.url.scheme() == "https" { Some(self.tls(request.verify)?) } else { None };
        let patience = Patience { connect, deadline, text: self.options.text_timeout };
        http::exchange(request, &addresses, tls, patience).await
    }

    /// Hands the mail to the mail server. Returns what that said.
    ///
    /// # Errors
    /// When there is no mail server, or it did not take the mail.
    pub async fn mail(&self, mail: &Mail<'_>) -> Result<String, DeliveryError> {
        let Some(server) = &self.options.mail_server else {
            return Err(DeliveryError::Final(
                "this server has no mail server: set smtp-host and smtp-from".to_owned(),
            ));
        };
        mail::send(server, mail, &self.options.roots, self.options.timeout).await
    }

    fn tls(&self, verify: bool) -> Result<Arc<ClientConfig>, DeliveryError> {
        let made = if verify {
            self.verifying.get_or_init(|| tls::verifying(&self.options.roots).map(Arc::new))
        } else {
            self.trusting.get_or_init(|| tls::trusting().map(Arc::new))
        };
        made.clone()
    }
}
