//! The API over HTTP: the path of a test is the path of its route.

#![expect(clippy::expect_used, reason = "a test that cannot build its case has failed")]

mod middleware;
mod routes;
mod websockets;
