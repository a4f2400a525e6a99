//! Csrf tokens.
