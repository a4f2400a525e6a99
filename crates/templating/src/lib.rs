//! Templates that users write: Jinja for automations, in a sandbox with bounded time and memory
//! (wire-protocol 5.4).
//!
//! **Architecture invariant:** no I/O. What a template may see is passed in; it can load nothing. Every instruction
//! and every byte that a template makes costs fuel, and there is a fixed amount of it.

mod bounded;
mod check;
mod environment;
mod filters;
mod guard;
mod lexer;
mod objects;
mod python;

pub use check::{TemplateError, check, names_in, uses_templates};
pub use environment::{RenderError, Renderer};
pub use objects::{Model, event, labels};

pub use minijinja::Value;
