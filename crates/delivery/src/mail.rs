//! Mail over SMTP.

use std::fmt;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use rustls::pki_types::CertificateDer;
use uuid::Uuid;

use crate::error::DeliveryError;

/// Whether the way to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MailTls {
    /// The connection begins plain and is encrypted before anything is said; else nothing is sent.
    #[default]
    StartTls,
    /// It is encrypted from the first byte.
    Implicit,
    /// It is not.
    None,
}

impl MailTls {
    /// Reads `starttls`, `implicit` or `none`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "starttls" => Some(Self::StartTls),
            "implicit" => Some(Self::Implicit),
            "none" => Some(Self::None),
            _ => None,
        }
    }

    /// The port that is usual for it.
    pub fn default_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

/// A mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is encrypted.
    pub tls: MailTls,
    /// User and password, if it wants them.
    pub credentials: Option<(String, String)>,
    /// Who mails come from: `a@b.c` or `Name <a@b.c>`.
    pub from: String,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MailServer({}:{}, {:?})", self.host, self.port, self.tls)
    }
}

/// A mail to one receiver.
#[derive(Debug, Clone, Copy)]
pub struct Mail<'m> {
    /// Who gets it: `a@b.c` or `Name <a@b.c>`.
    pub to: &'m str,
    /// Its heading.
    pub subject: &'m str,
    /// Its text.
    pub body: &'m str,
    /// Names the message: mail programs show a second one with the same name once.
    pub id: Uuid,
}

pub(crate) async fn send(
    server: &MailServer,
    mail: &Mail<'_>,
    roots: &[CertificateDer<'static>],
    timeout: Duration,
) -> Result<String, DeliveryError> {
    let message = message(server, mail)?;
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.as_str())
        .port(server.port)
        .tls(tls(server, roots)?)
        .timeout(Some(timeout));
    if let Some((user, password)) = &server.credentials {
        transport = transport.credentials(Credentials::new(user.clone(), password.clone()));
    }
    let transport = transport.build();
    let sent = tokio::time::timeout(timeout, transport.send(message))
        .await
        .map_err(|_| DeliveryError::Temporary("the mail server did not answer in time".to_owned()))?;
    match sent {
        Ok(response) => Ok(response.message().collect::<Vec<_>>().join(" ")),
        Err(error) => {
            let reason = format!("the mail server did not take the mail: {}", with_causes(&error));
            Err(if error.is_permanent() || error.is_client() {
                DeliveryError::Final(reason)
            } else {
                DeliveryError::Temporary(reason)
            })
        }
    }
}

fn message(server: &MailServer, mail: &Mail<'_>) -> Result<Message, DeliveryError> {
    let mailbox = |text: &str, what: &str| {
        text.trim()
            .parse::<Mailbox>()
            .map_err(|error| DeliveryError::Final(format!("the address of the {what} is not valid: {error}")))
    };
    let from = mailbox(&server.from, "sender (smtp-from)")?;
    // A heading is one line.
    let subject = mail.subject.replace(['\r', '\n'], " ");
    Message::builder()
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .from(from)
        .to(mailbox(mail.to, "receiver")?)
        .subject(subject)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.to_owned())
        .map_err(|error| DeliveryError::Final(format!("the mail cannot be written: {error}")))
}

fn tls(server: &MailServer, roots: &[CertificateDer<'static>]) -> Result<Tls, DeliveryError> {
    if server.tls == MailTls::None {
        return Ok(Tls::None);
    }
    let failed =
        |error: lettre::transport::smtp::Error| DeliveryError::Final(format!("cannot set up TLS: {error}"));
    let mut parameters = TlsParameters::builder(server.host.clone());
    for root in roots {
        parameters = parameters.add_root_certificate(Certificate::from_der(root.to_vec()).map_err(failed)?);
    }
    let parameters = parameters.build_rustls().map_err(failed)?;
    Ok(match server.tls {
        MailTls::Implicit => Tls::Wrapper(parameters),
        _ => Tls::Required(parameters),
    })
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
