//! trainable
