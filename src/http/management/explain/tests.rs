//! Tests of explanations on a real SQLite.
