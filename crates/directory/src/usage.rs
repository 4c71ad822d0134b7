//! What the counters report: how often a token was used, and when last.
//!
//! The counter owns the count; what stands here is for people to read. Reports may come late, twice or out of order.

use crate::sql::{Column, Sql, SqlError};
use domain::value::identifiers::TokenId;
use domain::value::timestamp::Timestamp;

/// Notes a token's count and last use. Neither ever goes back. Returns whether there is such a token.
pub fn report(sql: &dyn Sql, token: TokenId, uses: u64, last_used: Timestamp) -> Result<bool, SqlError> {
    let updated = sql.execute(
        "UPDATE access_tokens SET uses = max(uses, ?), last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?
         RETURNING id",
        &[uses.into(), last_used.to_value(), token.to_value()],
    )?;
    Ok(!updated.is_empty())
}
