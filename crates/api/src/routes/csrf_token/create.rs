use std::fmt::Write;

use axum::Json;
use axum::extract::{Query, State};
use rand::RngCore;
use serde::Deserialize;
use serde_json::Value;
use sluice_store::csrf_tokens::{self, CsrfToken};
use sluice_wire::time::TimeDelta;

use crate::errors::Problem;
use crate::extract::Workspace;
use crate::{ApiError, App};

const TOKEN_BYTES: usize = 32;

/// Query of `GET /csrf-token`.
#[derive(Debug, Deserialize)]
pub struct CsrfQuery {
    client: Option<String>,
}

/// `GET /csrf-token?client=ID`: a fresh token for the client; 422 when the server asks for none.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Query(query): Query<CsrfQuery>,
) -> Result<Json<CsrfToken>, ApiError> {
    let Some(client) = query.client else {
        let problem = Problem {
            r#type: "missing".to_owned(),
            loc: vec!["query".into(), "client".into()],
            msg: "Field required".to_owned(),
            input: Value::Null,
            ctx: None,
        };
        return Err(ApiError::invalid(vec![problem], Value::Null));
    };
    if !app.settings.csrf_enabled {
        return Err(ApiError::unprocessable("CSRF protection is disabled."));
    }
    let mut bytes = [0_u8; TOKEN_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    let mut token = String::with_capacity(2 * TOKEN_BYTES);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    let now = app.clock.now();
    let expiration = now + TimeDelta::from_secs(app.settings.csrf_token_seconds);
    let created = app
        .store
        .write(
            (workspace, client, token, expiration, now),
            |tx, (workspace, client, token, expiration, now)| {
                Box::pin(csrf_tokens::create(tx, *workspace, client, token, *expiration, *now))
            },
        )
        .await?;
    Ok(Json(created))
}
