//! Who asks: the versions of the client, and the automation that acts through it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sluice_orchestration::{Dice, Environment, Settings};
use sluice_wire::client_version::{ApiVersion, Client, ClientVersion};
use sluice_wire::flow_runs::CreatedBy;
use sluice_wire::time::Timestamp;

use crate::App;

/// What the headers say of the caller.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// Its versions.
    pub client: Client,
    /// The automation in whose name it creates things.
    pub created_by: Option<CreatedBy>,
}

impl Caller {
    /// What a state change takes from the world besides the run.
    pub fn environment(&self, app: &App, now: Timestamp) -> Environment {
        Environment {
            now,
            client: self.client.clone(),
            settings: Settings { slots: app.settings.slots, ..app.settings.orchestration.clone() },
            dice: Dice::roll(rand::random()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let client = Client {
            version: text(headers, header::USER_AGENT.as_str()).and_then(ClientVersion::from_user_agent),
            api_version: text(headers, "x-prefect-api-version").and_then(ApiVersion::parse),
        };
        Ok(Self { client, created_by: automation(headers) })
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The name travels as Base64 of its UTF-8.
fn automation(headers: &HeaderMap) -> Option<CreatedBy> {
    let id = text(headers, "prefect-automation-id")?.parse().ok()?;
    let name = BASE64_STANDARD.decode(text(headers, "prefect-automation-name")?).ok()?;
    let name = String::from_utf8(name).ok().filter(|name| !name.is_empty())?;
    Some(CreatedBy { id: Some(id), r#type: Some("AUTOMATION".to_owned()), display_value: Some(name) })
}
