//! The binary `skyriver`.

fn main() {}
