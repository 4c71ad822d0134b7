//! The error surface: what each error becomes on the wire.

use serde_json::{Value, json};

use crate::answer_error::error_response_of;
use crate::error::ManagementError;
use directory::error::memberships::MembershipsError;
use directory::error::universal_auth::UniversalAuthError;
use directory::error::{DirectoryError, Restricted};
use directory::sql::{Sql, SqlError};
use domain::network::trusted_ips::{TrustedIpError, TrustedIpsError};
use domain::permission::ability::{Ability, Action, Permission, Rule, Subject};
use domain::permission::condition::Conditions;
use domain::permission::operation::Operation;
use domain::permission::privilege_boundary::MissingPermission;
use domain::token::lifetime::LifetimeError;
use domain::token::refusal::Refusal;
use domain::value::timestamp::Timestamp;
use protocol::bearer::CredentialsError;
use protocol::settings::Misconfigured;
use validation::ports::Unavailable;

use crate::tests::world::{REQUEST_ID, Reply, World, identity_path};

#[track_caller]
fn check(error: ManagementError, status: u16, name: &str, message: &str, details: Value) {
    check_of(None, error, status, name, message, details);
}

#[track_caller]
fn check_of(
    operation: Option<Operation>,
    error: ManagementError,
    status: u16,
    name: &str,
    message: &str,
    details: Value,
) {
    let response = error_response_of(operation, &error, REQUEST_ID);
    assert_eq!(response.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("x-request-id"), Some(REQUEST_ID));
    use DirectoryError::{BearerRefused, CallerRefused, ExhaustedTokenNotRenewable};
    use ManagementError::{Credentials, Directory, TokenRefused};
    // RFC 6750 §3.1.
    let is_about_a_token = matches!(
        error,
        TokenRefused(_)
            | Credentials(CredentialsError::Several | CredentialsError::Malformed)
            | Directory(CallerRefused(_) | BearerRefused(_) | ExhaustedTokenNotRenewable)
    );
    let realm = "Bearer realm=\"token-auth\"";
    let told = if is_about_a_token { format!("{realm}, error=\"invalid_token\"") } else { realm.to_owned() };
    let challenge = (status == 401).then_some(told.as_str());
    assert_eq!(response.header("www-authenticate"), challenge);
    assert_eq!(response.header("retry-after"), (status == 503).then_some("1"));
    assert_eq!(Reply::new(response, Some(false)).refused(status, name, message), details);
}

#[test]
fn each_error_of_the_worker_has_its_status_name_and_message() {
    let none = Value::Null;
    let route = ManagementError::RouteNotFound { method: "GET".to_owned(), path: "/x\"é".to_owned() };
    check(
        route,
        404,
        "Not Found",
        "Route GET:/x\"é not found. The OpenAPI spec listing all available routes is at GET /api/docs/json.",
        none.clone(),
    );
    let api_key = "API key authentication is not supported anymore. Please switch to identity authentication.";
    check(ManagementError::ApiKey, 400, "BadRequest", api_key, none.clone());
    let malformed =
        "The provided access token is malformed. Please use a valid token or generate a new one and try again.";
    for (credentials, status, name, message) in [
        (CredentialsError::Missing, 401, "UnauthorizedError", "Token missing"),
        (CredentialsError::Several, 401, "TokenError", malformed),
        (CredentialsError::Malformed, 401, "TokenError", malformed),
    ] {
        check(ManagementError::Credentials(credentials), status, name, message, none.clone());
    }
    let not_allowed = "You are not allowed to access this resource";
    check(ManagementError::AuthSecretWrong, 403, "ForbiddenError", not_allowed, none.clone());
    let too_large = "Request body is too large";
    check(ManagementError::BodyTooLarge, 413, "FST_ERR_CTP_BODY_TOO_LARGE", too_large, none.clone());
    for part in [Unavailable::Replica, Unavailable::Authority, Unavailable::Counter] {
        let message = "The service cannot answer now. Try again.";
        check(ManagementError::Unavailable(part), 503, "ServiceUnavailable", message, none.clone());
    }
    let misconfigured = Misconfigured { variable: "AUTH_SECRET", expected: "a secret" };
    let message = "The setting AUTH_SECRET is missing or wrong; expected a secret";
    check(ManagementError::Misconfigured(misconfigured), 503, "Misconfigured", message, none.clone());
    check(ManagementError::Internal, 500, "InternalServerError", "Something went wrong", none);
}

#[test]
fn each_refusal_of_a_bearer_has_its_status_name_and_message_wherever_it_was_found() {
    #[track_caller]
    fn both(refusal: Refusal, status: u16, name: &str, message: &str, details: Value) {
        check(ManagementError::TokenRefused(refusal.clone()), status, name, message, details.clone());
        check(
            ManagementError::Directory(DirectoryError::CallerRefused(refusal.clone())),
            status,
            name,
            message,
            details.clone(),
        );
        let renewing = message.replace("Failed to authorize:", "Cannot renew:");
        check(ManagementError::Directory(DirectoryError::BearerRefused(refusal)), status, name, &renewing, details);
    }
    let none = Value::Null;
    let (unauthorized, token_error, forbidden) = ("UnauthorizedError", "TokenError", "ForbiddenError");
    let malformed =
        "The provided access token is malformed. Please use a valid token or generate a new one and try again.";
    both(Refusal::Malformed, 401, token_error, malformed, none.clone());
    both(Refusal::Forged, 401, token_error, "invalid signature", none.clone());
    both(Refusal::Unknown, 401, unauthorized, "No identity access token found", none.clone());
    both(Refusal::WrongSecret, 401, unauthorized, "No identity access token found", none.clone());
    both(Refusal::Revoked, 401, unauthorized, "Failed to authorize: token has been revoked", none.clone());
    let expired = Refusal::Expired { at: Timestamp::from_milliseconds(0) };
    both(expired, 401, token_error, "Your token has expired. Please re-authenticate.", none.clone());
    let deleted = "Failed to authorize: identity tokens have been revoked";
    both(Refusal::IdentityDeleted, 401, unauthorized, deleted, none.clone());
    let removed = "Failed to authorize: auth method has been revoked";
    both(Refusal::AuthMethodRemoved, 401, unauthorized, removed, none.clone());
    let foreign = "You are not allowed to access this resource from the current IP address";
    let seen = "2001:db8::1".parse().unwrap();
    let details = json!({"clientIp": "2001:db8::1"});
    both(Refusal::ClientAddressNotTrusted { seen }, 403, forbidden, foreign, details);
    both(Refusal::ClientAddressUnknown, 403, forbidden, foreign, json!({"clientIp": null}));
    both(Refusal::UsesExhausted, 401, unauthorized, "Failed to authorize: token usage limit reached", none);
}

#[test]
fn each_error_of_the_directory_has_its_status_name_and_message() {
    #[track_caller]
    fn directory(error: DirectoryError, status: u16, name: &str, message: &str) {
        check(ManagementError::Directory(error), status, name, message, Value::Null);
    }
    let (bad_request, not_found, unauthorized) = ("BadRequest", "NotFound", "UnauthorizedError");
    use DirectoryError as E;
    let storage = E::Storage(SqlError::Failed("no such table: secrets".to_owned()));
    directory(storage, 500, "InternalServerError", "Something went wrong");
    directory(E::AlreadyBootstrapped, 400, bad_request, "Instance has already been set up");
    let foreign = "You are not a member of this organization";
    directory(E::ForeignOrganization, 403, "ForbiddenError", foreign);
    let id = || "x".to_owned();
    directory(E::IdentityNotFound { id: id() }, 404, not_found, "Failed to find identity with id x");
    directory(E::RoleNotFound { slug: id() }, 404, not_found, "Role with slug x not found");
    directory(E::TokenNotFound { id: id() }, 404, not_found, "Token with ID x not found");
    directory(E::DeleteProtected, 400, bad_request, "Identity has delete protection");
    directory(E::TokenAuthNotAttached, 400, bad_request, "The identity does not have Token Auth");
    let message = "Failed to add Token Auth to already configured identity";
    directory(E::TokenAuthAlreadyAttached, 400, bad_request, message);
    let message = "Access token TTL cannot be greater than max TTL";
    directory(E::Lifetime(LifetimeError::TtlAboveMaxTtl), 400, bad_request, message);
    let message = "Access token TTL cannot be greater than the instance's maximum";
    directory(E::Lifetime(LifetimeError::TtlAboveCeiling), 400, bad_request, message);
    let message = "Access token max TTL cannot be greater than the instance's maximum";
    directory(E::Lifetime(LifetimeError::MaxTtlAboveCeiling), 400, bad_request, message);
    directory(E::ExhaustedTokenNotRenewable, 401, unauthorized, "Cannot renew exhausted access token");
    let message = "Cannot renew: identity access token has reached its max TTL";
    directory(E::AtMaxTtl, 401, unauthorized, message);
}

#[test]
fn what_one_error_says_depends_on_the_operation_where_infisical_says_it_in_several_ways() {
    #[track_caller]
    fn said(operation: Operation, error: impl Into<DirectoryError>, status: u16, message: &str) {
        let name = if status == 404 { "NotFound" } else { "BadRequest" };
        check_of(Some(operation), ManagementError::Directory(error.into()), status, name, message, Value::Null);
    }
    let no_identity = || DirectoryError::IdentityNotFound { id: "x".to_owned() };
    said(Operation::GetIdentity, no_identity(), 404, "Failed to find identity with id x");
    for operation in [
        Operation::AttachTokenAuth,
        Operation::UpdateTokenAuth,
        Operation::GetTokenAuth,
        Operation::DeleteTokenAuth,
        Operation::CreateTokenAuthToken,
        Operation::GetTokenAuthTokens,
        Operation::AttachUniversalAuth,
        Operation::UpdateUniversalAuth,
        Operation::GetUniversalAuth,
        Operation::DeleteUniversalAuth,
        Operation::ClearUniversalAuthLockouts,
        Operation::CreateUniversalAuthClientSecret,
        Operation::ListUniversalAuthClientSecrets,
        Operation::GetUniversalAuthClientSecret,
        Operation::RevokeUniversalAuthClientSecret,
    ] {
        said(operation, no_identity(), 404, "Failed to find identity with ID x");
    }
    let message = "Identity x is missing organization membership";
    said(Operation::CreateProjectIdentityMembership, no_identity(), 400, message);
    let no_token = || DirectoryError::TokenNotFound { id: "x".to_owned() };
    said(Operation::UpdateTokenAuthToken, no_token(), 404, "Token with ID x not found");
    said(Operation::RevokeTokenAuthToken, no_token(), 404, "Token with ID x not found or already revoked");
    let no_token_auth = || DirectoryError::TokenAuthNotAttached;
    said(Operation::GetTokenAuth, no_token_auth(), 404, "Token Auth configuration not found for identity");
    said(Operation::UpdateTokenAuth, no_token_auth(), 400, "The identity does not have token auth");
    said(Operation::DeleteTokenAuth, no_token_auth(), 400, "The identity does not have Token Auth");
    said(Operation::CreateTokenAuthToken, no_token_auth(), 400, "The identity does not have Token Auth");
    let no_universal_auth = || UniversalAuthError::NotAttached { identity: "x".to_owned() };
    let message = "Failed to find universal auth for identity with ID x";
    said(Operation::GetUniversalAuth, no_universal_auth(), 404, message);
    said(Operation::UpdateUniversalAuth, no_universal_auth(), 404, message);
    let message = "The identity does not have universal auth";
    said(Operation::DeleteUniversalAuth, no_universal_auth(), 400, message);
    said(Operation::ListUniversalAuthClientSecrets, no_universal_auth(), 400, message);
    said(Operation::GetProjectIdentityMembership, MembershipsError::NotFound, 404, "Identity membership not found");
    let message = "Identity doesn't have membership";
    said(Operation::UpdateProjectIdentityMembership, MembershipsError::NotFound, 400, message);
    said(Operation::DeleteProjectIdentityMembership, MembershipsError::NotFound, 400, message);
}

#[test]
fn a_wrong_list_of_trusted_ips_shows_what_is_wrong_with_which_entry() {
    #[track_caller]
    fn list(error: TrustedIpsError, position: usize, reason: &str) {
        let details = json!({"path": ["accessTokenTrustedIps", position, "ipAddress"], "reason": reason});
        let error = ManagementError::Directory(DirectoryError::TrustedIps { of: Restricted::AccessTokens, error });
        check(error, 400, "BadRequest", "The IP is not a valid IPv4, IPv6, or CIDR block", details);
    }
    let entry = |error| TrustedIpsError::Entry { position: 3, error };
    list(TrustedIpsError::Empty, 0, "at least one entry is needed");
    list(TrustedIpsError::TooMany, 50, "too many entries");
    list(entry(TrustedIpError::NotAnAddressOrBlock), 3, "neither an address nor a CIDR block");
    let too_wide = "an IPv4-mapped block must have a prefix of at least 96";
    list(entry(TrustedIpError::MappedBlockTooWide), 3, too_wide);
    let shared = "this address stands for the Workers of every customer of the edge network";
    list(entry(TrustedIpError::SharedWorkerAddress), 3, shared);
}

#[test]
fn a_missing_permission_shows_the_rules_that_the_caller_has_for_it() {
    let on_identity = |actions: &[Action]| Rule::allow(actions, Subject::Identity);
    let held = Ability::new(vec![
        on_identity(&[Action::Read, Action::Edit]),
        Rule::allow(&[Action::Delete], Subject::Role),
        on_identity(&[Action::Edit, Action::Delete]),
        Rule { inverted: true, ..on_identity(&[Action::Delete]) },
    ]);
    let error = DirectoryError::PermissionDenied { needed: Permission::on_identity(Action::Delete), held };
    let details = json!([
        {"subject": "identity", "action": ["edit", "delete"], "inverted": false},
        {"subject": "identity", "action": ["delete"], "inverted": true},
    ]);
    let message = "You are not allowed to delete on identity";
    check(ManagementError::Directory(error), 403, "PermissionDenied", message, details);
}

#[test]
fn each_attempt_beyond_the_boundary_has_its_message_and_shows_what_is_missing() {
    #[track_caller]
    fn attempt(operation: Operation, message: &str) {
        let missing = ["grant-privileges", "edit-auth"].map(|action| MissingPermission {
            action: action.to_owned(),
            subject: "identity".to_owned(),
            conditions: Conditions::none(),
        });
        let missing = missing.to_vec();
        let error = ManagementError::Directory(DirectoryError::BeyondBoundary { operation, missing: Some(missing) });
        let details = json!({"missingPermissions": [
            {"action": "grant-privileges", "subject": "identity"}, {"action": "edit-auth", "subject": "identity"}]});
        check(error, 403, "PermissionBoundaryError", message, details);
    }
    attempt(Operation::CreateIdentity, "Failed to create identity");
    attempt(Operation::UpdateIdentity, "Failed to update identity");
    attempt(Operation::DeleteIdentity, "Failed to delete more privileged identity");
    attempt(Operation::AttachTokenAuth, "Failed to add token auth to identity with more privileged role");
    attempt(Operation::UpdateTokenAuth, "Failed to update token auth of identity with more privileged role");
    attempt(Operation::DeleteTokenAuth, "Failed to revoke token auth of identity with more privileged role");
    attempt(Operation::CreateTokenAuthToken, "Failed to create token for identity with more privileged role");
    attempt(Operation::UpdateTokenAuthToken, "Failed to update token for identity with more privileged role");
    attempt(Operation::RevokeTokenAuthToken, "Failed to revoke token of identity with more privileged role");
}

#[test]
fn validation_failure_unchanged() {
    let world = World::new();
    let body = json!({"name": "", "organizationId": 1, "metadata": [{"key": "k"}]});
    let reply = world.by_admin("POST", "/api/v1/identities").json(body).send();
    assert_eq!(
        reply.response.body,
        concat!(
            r#"{"reqId":"req-23456789abcdef","statusCode":422,"message":["#,
            r#"{"code":"too_small","minimum":1,"type":"string","inclusive":true,"#,
            r#""message":"String must contain at least 1 character(s)","path":["name"]},"#,
            r#"{"code":"invalid_type","expected":"string","received":"number","#,
            r#""message":"Expected string, received number","path":["organizationId"]},"#,
            r#"{"code":"invalid_type","expected":"string","received":"undefined","message":"Required","#,
            r#""path":["metadata",0,"value"]}],"error":"ValidationFailure"}"#,
        )
    );
}

#[test]
fn permission_error_unchanged() {
    let world = World::new();
    let nobody = world.configured_caller("no-access", json!({}));
    let reply = world.by(&nobody, "GET", "/api/v1/identities/x").send();
    assert_eq!(
        reply.response.body,
        concat!(
            r#"{"reqId":"req-23456789abcdef","statusCode":403,"#,
            r#""message":"You are not allowed to read on identity","error":"PermissionDenied","details":[]}"#,
        )
    );
}

#[test]
fn a_route_that_does_not_exist_is_not_found_whoever_asks() {
    #[track_caller]
    fn nowhere(method: &str, path: &str) {
        let world = World::new();
        let document = "The OpenAPI spec listing all available routes is at GET /api/docs/json.";
        let message = format!("Route {method}:{path} not found. {document}");
        world.by_admin(method, path).send().refused(404, "Not Found", &message);
        world.anonymous(method, path).send().refused(404, "Not Found", &message);
    }
    nowhere("GET", "/api/v1/nothing");
    nowhere("PUT", "/api/v1/identities");
    nowhere("POST", "/api/v1/identities/details");
    nowhere("GET", "/api/v1/identities//");
    nowhere("GET", "/api/v1/auth/token-auth/identities/x/tokens/y/z");
    nowhere("DELETE", "/api/v1/auth/token-auth/tokens/x");
    nowhere("GET", "/api/v1/auth/universal-auth/renew");
    nowhere("GET", "/API/v1/identities");
    nowhere("GET", "/");
}

#[test]
fn one_trailing_slash_makes_no_difference() {
    let world = World::new();
    world.by_admin("GET", "/api/v1/identities/details/").send().ok();
    let body = json!({"name": "x", "organizationId": world.organization});
    world.by_admin("POST", "/api/v1/identities/").json(body).send().ok();
}

#[test]
fn a_body_that_cannot_be_read_is_refused_before_the_command() {
    #[track_caller]
    fn unreadable(content_type: &str, body: &str, status: u16, name: &str, message: &str) {
        let world = World::new();
        let identity = identity_path(&world.identity("build", "no-access"));
        for (method, path) in [("POST", "/api/v1/identities"), ("PATCH", identity.as_str())] {
            world.by_admin(method, path).body(Some(content_type), body).send().refused(status, name, message);
        }
    }
    let json = "Body is not valid JSON but content-type is 'application/json'";
    for body in ["{", " ", "nonsense", r#"{"name":"\ud800"}"#, r#"{"name":"x"} {}"#, "\u{feff}{}", &"[".repeat(60_000)]
    {
        unreadable("application/json", body, 400, "FST_ERR_CTP_INVALID_JSON_BODY", json);
    }
    let media_type = "Unsupported Media Type: use application/json or application/x-www-form-urlencoded";
    for content_type in ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""] {
        unreadable(content_type, "{}", 415, "FST_ERR_CTP_INVALID_MEDIA_TYPE", media_type);
    }
}

#[test]
fn a_failure_of_the_database_is_told_to_the_log_and_to_nobody_else() {
    let world = World::new();
    let identity = world.identity("build", "no-access");
    world.sql.execute("DROP TABLE identity_metadata", &[]).unwrap();
    let (reply, defect) = world.by_admin("GET", &identity_path(&identity)).send_to_a_failing_database();
    reply.refused(500, "InternalServerError", "Something went wrong");
    assert!(defect.unwrap().contains("identity_metadata"));
}

#[test]
fn only_401_and_403_refuse_the_caller() {
    for status in [200, 400, 404, 413, 415, 422, 500, 503] {
        assert!(!ManagementError::is_refusal(status));
    }
    assert!(ManagementError::is_refusal(401) && ManagementError::is_refusal(403));
}
