//! The store from outside: what a turn keeps is what readers find, before and after a restart.

mod log;
mod seal;
mod world;
