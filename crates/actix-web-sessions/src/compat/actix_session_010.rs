//! actix-session 0.10, which actix-web-flash-messages 0.5 uses.

super::bridge::bridge!(actix_session_010);
