//! What happens around every request, from the outside in: the trailing slash is taken away, the request is
//! observed, its body is read if it is small, CORS, compression, CSRF, authentication, the version of the API.

pub(crate) mod api_version;
pub(crate) mod authentication;
pub(crate) mod csrf;
pub(crate) mod observe;
pub(crate) mod trailing_slash;
pub(crate) mod whole_body;
