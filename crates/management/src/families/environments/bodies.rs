//! What the operations on environments take.

use crate::body::body;
use crate::body::numbers::Whole;
use directory::environments::{EnvironmentChanges, EnvironmentSlug, NewEnvironment};
use domain::value::names::Name;

/// The last place an environment can ask for.
const LAST_POSITION: u64 = 1_000_000;

body! {
    /// An environment to create.
    pub CreateEnvironmentRequest -> NewEnvironment {
        name: Name,
        slug: EnvironmentSlug,
        /// Its place among the environments; the last one when it is left out.
        position: Option<Whole<1, LAST_POSITION>>,
    }

    /// What to change of an environment; the rest stays.
    pub UpdateEnvironmentRequest -> EnvironmentChanges {
        name: Option<Name>,
        slug: Option<EnvironmentSlug>,
        /// Its place among the environments; 0 leaves it where it is.
        position: Whole<0, LAST_POSITION> = 0,
    } => |_reader| Some(EnvironmentChanges { name, slug, position: (position > 0).then_some(position) });
}
