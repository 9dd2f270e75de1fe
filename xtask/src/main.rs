//! The project's own tasks, std only.

fn main() {}
