//! What happens around every request.

pub mod trailing_slash;
