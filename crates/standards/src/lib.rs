//! The room `standards`.
