//! The API over HTTP: the path of a test is the path of its route.

mod middleware;
mod routes;
mod websockets;
