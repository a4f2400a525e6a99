//! Messages against services that the tests play.

mod guard;
mod http;
mod mail;
mod support;
