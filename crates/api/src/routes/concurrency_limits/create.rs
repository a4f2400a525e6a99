use axum::extract::State;
use axum::response::Response;
use serde_json::json;
use sluice_store::{StoreError, concurrency_limits};
use sluice_wire::concurrency_limits::{
    ConcurrencyLimitCreate, ConcurrencyLimitV2Create, ConcurrencyLimitV2Update,
};

use super::view::{TAG_PREFIX, key_of, not_found, view};
use crate::extract::{Body, Workspace};
use crate::responses::created_or_existing;
use crate::{ApiError, App};

/// `POST /concurrency_limits/`: 201 with a new limit; 200 when the tag had one, which is changed.
pub async fn create(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Body(limit): Body<ConcurrencyLimitCreate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let (is_new, limit) = app
        .store
        .write((workspace, limit, now), |tx, (workspace, limit, now)| {
            Box::pin(async move {
                let key = key_of(&limit.tag);
                let update: ConcurrencyLimitV2Update = read_as(json!({ "limit": limit.concurrency_limit }))?;
                let exists = concurrency_limits::update(tx, *workspace, &key, &update, *now).await?;
                if !exists {
                    let name = format!("{TAG_PREFIX}{}", limit.tag);
                    let new: ConcurrencyLimitV2Create =
                        read_as(json!({ "name": name, "limit": limit.concurrency_limit }))?;
                    concurrency_limits::create(tx, *workspace, &new, *now).await?;
                }
                let row = concurrency_limits::read(tx, *workspace, &key).await?.ok_or_else(not_found)?;
                let limit = view(tx, *workspace, &row, *now).await?.ok_or_else(not_found)?;
                Ok::<_, ApiError>((!exists, limit))
            })
        })
        .await?;
    Ok(created_or_existing(is_new, limit))
}

/// The rules for names and numbers stand with the types of the newer form.
fn read_as<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|error| {
        let text = error.to_string();
        let message = text.split_once("] ").map_or(text.as_str(), |(_, message)| message);
        match message.is_empty() {
            true => StoreError::Internal(text).into(),
            false => ApiError::unprocessable(message.to_owned()),
        }
    })
}
