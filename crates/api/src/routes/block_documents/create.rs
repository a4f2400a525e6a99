use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_store::block_documents::{self, Refusal};
use sluice_wire::blocks::BlockDocumentCreate;

use crate::extract::{Body, Workspace};
use crate::responses::created;
use crate::{ApiError, App};

/// `POST /block_documents/`: 201 with the new document, secrets hidden; 409 when the name is taken.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(document): Body<BlockDocumentCreate>,
) -> Result<Response, ApiError> {
    let (now, keys) = (app.clock.now(), app.secrets.ring());
    let document = app
        .store
        .write((workspace, keys, document, now), |tx, (workspace, keys, document, now)| {
            Box::pin(async move {
                let outcome = block_documents::create(tx, *workspace, keys, document, *now).await;
                outcome.map_err(refused)
            })
        })
        .await?;
    Ok(created(document))
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        // The reference learns it from a foreign key.
        Refusal::MissingSchema(_) => ApiError::integrity_conflict(),
        other => other.into(),
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => error.into(),
            Refusal::NameTaken => Self::conflict(refusal.to_string()),
            Refusal::MissingType(_) | Refusal::MissingSchema(_) => Self::not_found(refusal.to_string()),
            Refusal::MissingDocument(_) => Self::integrity_conflict(),
            Refusal::OtherType | Refusal::MissingDocumentId(_) | Refusal::Cycle { .. } | Refusal::TooMany => {
                Self::detail(StatusCode::BAD_REQUEST, refusal.to_string())
            }
        }
    }
}
