//! Values that every rule uses: identifiers, names, points in time, randomness.

pub mod access_subject;
pub mod identifiers;
pub mod names;
pub mod project_slug;
pub mod randomness;
pub mod timestamp;
