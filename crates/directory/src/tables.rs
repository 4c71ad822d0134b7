//! The tables: one file for each, and in it what a row is.
//!
//! **Owns** which columns a row has, how values are stored in them, and look-ups by them.
//!
//! **Does not own** who may do what: a table knows no actor, no permission and no command.

pub mod column;
pub mod custom_role;
pub mod record;

pub mod access_tokens;
pub mod audit_log;
pub mod client_secrets;
pub mod console_sessions;
pub mod environments;
pub mod idempotency_keys;
pub mod identities;
pub mod identity_metadata;
pub mod organization_memberships;
pub mod organization_roles;
pub mod organizations;
pub mod project_membership_roles;
pub mod project_memberships;
pub mod project_roles;
pub mod projects;
pub mod route_delegations;
pub mod routes;
pub mod sign_in_codes;
pub mod token_auth_configurations;
pub mod universal_auth_configurations;

#[cfg(test)]
mod tests {
    use super::record::{Columns, Record};
    use super::*;
    use crate::sql::Sql;
    use crate::test_support::NativeSql;

    /// A table's columns, and whether a new row must say what stands in them.
    fn columns_of(sql: &NativeSql, table: &str) -> Vec<(String, bool)> {
        let information = "SELECT name, \"notnull\" AND dflt_value IS NULL FROM pragma_table_info(?)";
        let rows = sql.execute(information, &[table.into()]).unwrap();
        rows.into_iter().map(|mut row| (row.read().unwrap(), row.read().unwrap())).collect()
    }

    #[track_caller]
    fn check<R: Record>(sql: &NativeSql) {
        let mut names = Vec::new();
        <R as Columns>::names(&mut names);
        let columns = columns_of(sql, R::TABLE);
        assert!(!columns.is_empty(), "{}", R::TABLE);
        for name in &names {
            assert!(columns.iter().any(|(column, _)| column == name), "{} has no {name}", R::TABLE);
        }
        for (column, must_be_said) in columns {
            assert!(!must_be_said || names.contains(&column.as_str()), "{}: nobody says {column}", R::TABLE);
        }
    }

    #[test]
    fn a_record_that_is_inserted_says_all_that_its_table_needs_and_nothing_that_it_has_not() {
        let sql = NativeSql::migrated();
        check::<access_tokens::ProvableToken>(&sql);
        check::<audit_log::AuditRow>(&sql);
        check::<client_secrets::ProvableClientSecret>(&sql);
        check::<console_sessions::StoredSession>(&sql);
        check::<environments::Environment>(&sql);
        check::<idempotency_keys::StoredKey>(&sql);
        check::<identities::StoredIdentity>(&sql);
        check::<identity_metadata::StoredMetadataEntry>(&sql);
        check::<organization_memberships::StoredOrganizationMembership>(&sql);
        check::<organization_roles::StoredOrganizationRole>(&sql);
        check::<organizations::Organization>(&sql);
        check::<project_membership_roles::StoredGrant>(&sql);
        check::<project_memberships::StoredMembership>(&sql);
        check::<project_roles::StoredProjectRole>(&sql);
        check::<projects::Project>(&sql);
        check::<route_delegations::StoredRouteDelegation>(&sql);
        check::<sign_in_codes::StoredSignInCode>(&sql);
        check::<token_auth_configurations::AttachedTokenAuth>(&sql);
        check::<universal_auth_configurations::AttachedUniversalAuth>(&sql);
    }
}
