//! The requests, one noun of the API a file. Bodies are what the caller puts together; answers are of `sluice-wire`.

mod artifacts;
mod automations;
mod blocks;
mod concurrency_limits;
mod deployments;
mod events;
mod flow_runs;
mod flows;
mod logs;
mod server;
mod task_runs;
mod variables;
mod work_pools;
mod work_queues;

pub use concurrency_limits::IncrementedWithLease;
pub use deployments::{CreateFlowRun, DeploymentLookup};
pub use events::EventPage;
pub use flow_runs::SetStateBody;
pub use logs::NewLog;
pub use server::ServerInfo;
pub use work_pools::WorkerHeartbeatBody;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Client, ClientError};

/// What a name needs to be one segment of a path.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// A name as a segment of a path.
pub(crate) fn segment(name: &str) -> String {
    utf8_percent_encode(name, SEGMENT).to_string()
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Page {
    /// How many at most; the server allows 200.
    pub limit: i64,
    /// How many are passed over.
    pub offset: i64,
}

impl Page {
    /// The most that a server hands out at once.
    pub const LARGEST: i64 = 200;

    /// The first `limit` of a list.
    pub const fn first(limit: i64) -> Self {
        Self { limit, offset: 0 }
    }
}

/// A body with the part of the list that is wanted.
#[derive(Serialize)]
pub(crate) struct Paged<'b, B> {
    #[serde(flatten)]
    pub(crate) body: &'b B,
    #[serde(flatten)]
    pub(crate) page: Page,
}

/// Asks for page after page until all have come, or `most` of them.
macro_rules! all_pages {
    ($client:expr, $path:expr, $body:expr, $most:expr) => {{
        let most: usize = $most;
        let mut all = Vec::new();
        loop {
            let missing = i64::try_from(most.saturating_sub(all.len())).unwrap_or(i64::MAX);
            let limit = missing.min($crate::Page::LARGEST);
            if limit == 0 {
                break Ok(all);
            }
            let offset = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let page = $crate::Page { limit, offset };
            let body = $crate::nouns::Paged { body: $body, page };
            match $client.post::<Vec<_>>($path, &body).await {
                Ok(items) => {
                    let last = i64::try_from(items.len()).unwrap_or(i64::MAX) < limit;
                    all.extend(items);
                    if last {
                        break Ok(all);
                    }
                }
                Err(error) => break Err(error),
            }
        }
    }};
}
pub(crate) use all_pages;

impl Client {
    /// Asks for every page of an answer that counts its pages, and puts their lists at `key` together.
    async fn all_in_one(&self, path: &str, body: &Value, key: &str) -> Result<Value, ClientError> {
        let mut body = body.clone();
        let mut whole: Option<Value> = None;
        for page in 1_i64.. {
            body["page"] = json!(page);
            let mut answer: Value = self.post(path, &body).await?;
            let pages = answer["pages"].as_i64().unwrap_or(1);
            let items = answer[key].take();
            let all = whole.get_or_insert_with(|| {
                answer[key] = json!([]);
                answer["pages"] = json!(1);
                answer
            });
            if let (Some(all), Value::Array(items)) = (all[key].as_array_mut(), items) {
                all.extend(items);
            }
            if page >= pages {
                break;
            }
        }
        Ok(whole.unwrap_or_default())
    }
}
