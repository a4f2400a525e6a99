//! Brings messages out: requests to services over HTTP, and mail over SMTP.
//!
//! Every request is one connection to an address that was looked at before: [`guard`] tells private addresses from
//! public ones, and no name is resolved a second time, so that a name that changes its mind reaches nothing.
//! Redirects are not followed. [`retry`] says which failures are worth another try, and when; waiting is left to the
//! caller.
//!
//! **Architecture invariants:** no error shows a part of the request: the address of a webhook is a secret. Nothing is
//! tried twice here.

mod deliverer;
mod error;
mod guard;
mod http;
mod mail;
mod resolve;
pub mod retry;
mod tls;

pub use deliverer::{Deliverer, DeliveryOptions};
pub use error::DeliveryError;
pub use guard::{PrivateAddresses, is_private};
pub use http::Answer;
pub use mail::{Mail, MailServer, MailTls};
pub use resolve::{Resolve, SystemResolver};
