//! The cap on bodies, and why a body could not be read.

/// The most bytes a request's body may have.
pub const LARGEST_BODY: usize = 64 * 1024;

/// Why a body could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BodyError {
    /// More than [`LARGEST_BODY`] bytes.
    TooLarge,
    /// No UTF-8, broken off, or too slow.
    Unreadable,
}
