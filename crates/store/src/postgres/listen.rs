//! Hears what any replica committed.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::AsyncMessage;

use super::Target;
use crate::topic::Signals;
use crate::{Result, StoreError};

pub(super) const CHANNEL: &str = "sluice";

const RECONNECT: Duration = Duration::from_secs(1);

/// Raises the signals of every commit until the task is aborted; connects anew when the connection is lost.
pub(crate) async fn listen(target: Target, signals: Arc<Signals>) {
    loop {
        if let Err(error) = listen_once(&target, &signals).await {
            tracing::warn!(%error, "not listening to the other replicas; trying again");
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen_once(target: &Target, signals: &Signals) -> Result<()> {
    let (client, mut connection) = target.config.connect(target.connector.clone()).await?;
    let hear = async {
        loop {
            match poll_fn(|context| connection.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notification(notification))) => {
                    signals.raise_named(notification.payload());
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(StoreError::from(error)),
                None => return Err(StoreError::Unavailable("the connection was closed".to_owned())),
            }
        }
    };
    let register = async {
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        // What was committed before the LISTEN was not heard.
        signals.raise_all();
        std::future::pending::<Result<()>>().await
    };
    tokio::select! {
        outcome = hear => outcome,
        outcome = register => outcome,
    }
}
