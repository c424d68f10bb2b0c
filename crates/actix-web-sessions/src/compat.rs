//! Compatibility with other session frameworks.

#[cfg(any(feature = "actix-session", feature = "actix-session-010"))]
mod bridge;

#[cfg(feature = "actix-session")]
pub mod actix_session;
#[cfg(feature = "actix-session-010")]
pub mod actix_session_010;
#[cfg(feature = "django")]
pub mod django;
