//! Sign-in codes that have not been used.

use crate::sql::{Column, Sql, SqlError};
use crate::tables::record::record;
use domain::token::digest::SignInCodeDigest;
use domain::value::identifiers::IdentityId;
use domain::value::timestamp::Timestamp;

record! {
    /// A code as it is stored.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct StoredSignInCode in "sign_in_codes" {
        pub digest: SignInCodeDigest = "digest",
        /// Whom it signs in.
        pub identity: IdentityId = "identity_id",
        pub issued: Timestamp = "issued_at",
    }
}

/// Takes a code out: whom it signs in, and when it was issued.
pub(crate) fn take(sql: &dyn Sql, digest: &SignInCodeDigest) -> Result<Option<(IdentityId, Timestamp)>, SqlError> {
    let taken = sql
        .execute("DELETE FROM sign_in_codes WHERE digest = ? RETURNING identity_id, issued_at", &[digest.to_value()])?;
    taken.into_iter().next().map(|mut row| Ok((row.read()?, row.read()?))).transpose()
}

/// Deletes the codes that were issued so long ago.
pub(crate) fn prune(sql: &dyn Sql, issued: Timestamp) -> Result<(), SqlError> {
    sql.execute("DELETE FROM sign_in_codes WHERE issued_at <= ?", &[issued.to_value()])?;
    Ok(())
}
