//! Byte ranges (RFC 9110 section 14).
