//! The application from outside.

mod config;
