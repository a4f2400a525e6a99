//! Work that runs inside one transaction.

use std::future::Future;
use std::pin::Pin;

use crate::StoreError;

/// The future of a job: `Box::pin(async move { ... })` or `.boxed()`.
pub type JobFuture<'t, T, E = StoreError> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;
