//! The store from outside: what a turn keeps is what readers find, before and after a restart, a seal
//! and a damaged disk.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests stop and speak")]

mod acts;
mod backup;
mod damage;
mod fold;
mod log;
mod naive;
mod pinned;
mod repair;
mod rewind;
mod seal;
mod space;
mod upgrade;
mod world;
