//! The application from outside: its configuration, and its HTTP side over a real store.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod account;
mod analysis;
mod answers;
mod assess;
mod basemap;
mod bring;
mod cases;
mod cases_import;
mod config;
mod drift;
mod emergency;
mod errors;
mod events;
mod findings;
mod import;
mod known;
mod limits;
mod map;
mod notify;
mod open311;
mod openapi;
mod outside;
mod page;
mod people;
mod reach;
mod registry;
mod replay;
mod rights;
mod rivers;
mod session;
mod site;
mod snapshot;
mod tls;
mod trace;
mod upgrade;
mod world;
