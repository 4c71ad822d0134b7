//! What a command did to a thing that was there before it: so that it can be said, and so that it can be compared with what
//! the caller saw.

/// A thing that a command changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed<Before, After = Before> {
    /// What it was.
    pub before: Before,
    /// What it is now.
    pub after: After,
}

/// A thing that a command removed, as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removed<Thing>(pub Thing);
