//! The room `hj212`.
