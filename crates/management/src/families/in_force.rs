//! The answer to taking something away, which says when that is in force everywhere.
//!
//! DIFFERENCE: Infisical's answers end where `inForceEverywhereAt` begins; its clients leave a field aside that they do not
//! know.

use serde::Serialize;

use directory::context::Context;
use domain::token::in_force::in_force_everywhere_at;
use protocol::iso_8601::iso_8601;

/// An answer, and the moment after which no validation that starts says yes by what was taken away.
#[derive(Serialize)]
#[cfg_attr(any(test, feature = "describe"), derive(schemars::JsonSchema), schemars(rename = "Withdrawn{Answer}"))]
#[serde(rename_all = "camelCase")]
pub struct InForce<Answer> {
    #[serde(flatten)]
    answer: Answer,
    /// After this moment no validation that starts says yes by what was before.
    in_force_everywhere_at: String,
}

impl<Answer> InForce<Answer> {
    /// For something that was taken away now.
    pub fn new(answer: Answer, context: &Context<'_>) -> Self {
        let at = in_force_everywhere_at(context.now, context.settings.max_staleness);
        Self { answer, in_force_everywhere_at: iso_8601(at) }
    }
}
