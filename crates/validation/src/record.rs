//! The replica's records: their format, and how a record proves who wrote it.
//!
//! A sealed record is `<64 hexadecimal digits> <JSON>`. The digits are HMAC-SHA256 over the key, a zero byte and the
//! JSON, so that a record which somebody else wrote, edited, or copied to another key proves nothing. Change number and
//! age reveal a record that the authority wrote and somebody put back later
//! ([`ChangeView::accepts`](crate::change_view::ChangeView::accepts)).
//!
//! **Invariant**: the JSON shape is frozen by `record_format_unchanged`. Change it by adding a version.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::record::policy::PolicyRecord;
use domain::network::trusted_ips::TrustedIps;
use domain::permission::project_role::BuiltInProjectRole;
use domain::permission::role_slug::RoleSlug;
use domain::permission::temporary_access::AccessPeriod;
use domain::token::access_token::TokenDigest;
use domain::token::evidence::{Evidence, EvidenceKey, Facts};
use domain::token::facts::{
    AuthMethod, AuthMethodFacts, HeldProjectRole, IdentityFacts, ProjectMembershipFacts, RoleGrantFacts, TokenFacts,
};
use domain::token::secret::KeyRing;
use domain::token::uses::UsesLimit;
use domain::value::identifiers::{
    AuthMethodConfigurationId, ClientSecretId, DirectoryId, IdentityId, OrganizationId, ProjectId, RoleId, TokenId,
};
use domain::value::timestamp::Timestamp;

/// The version of the JSON shape.
const VERSION: u32 = 2;
/// Hexadecimal digits of the code.
const CODE_DIGITS: usize = 64;

mod policy;

/// Writes evidence down, unsealed. `None` only if JSON could not be made of it, which cannot happen.
pub fn encode(evidence: &Evidence) -> Option<String> {
    serde_json::to_string(&SealedRecord::from(evidence)).ok()
}

/// Reads an unsealed record about `key`; `None` when it is of another version or shape.
pub fn decode(key: EvidenceKey, text: &str) -> Option<Evidence> {
    serde_json::from_str::<SealedRecord>(text).ok()?.into_evidence(key)
}

/// Writes evidence down and seals it.
pub fn seal(evidence: &Evidence, keys: &KeyRing) -> Option<String> {
    let json = encode(evidence)?;
    let code = keys.sign(&[evidence.key.to_string().as_bytes(), &[0], json.as_bytes()]);
    Some(format!("{} {json}", hex::encode(code)))
}

/// Opens a sealed record found under `key`; `None` when the seal is not ours, or the record is of another version.
pub fn open(key: EvidenceKey, sealed: &str, keys: &KeyRing) -> Option<Evidence> {
    let (code, rest) = sealed.split_at_checked(CODE_DIGITS)?;
    let json = rest.strip_prefix(' ')?;
    let code = hex::decode(code).ok()?;
    if !keys.verify(&[key.to_string().as_bytes(), &[0], json.as_bytes()], &code) {
        return None;
    }
    decode(key, json)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SealedRecord {
    version: u32,
    directory: String,
    sequence: u64,
    asserted: i64,
    facts: FactsRecord,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FactsRecord {
    Token(Option<TokenRecord>),
    Identity(Option<IdentityRecord>),
    Policy(Option<PolicyRecord>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TokenRecord {
    digest: String,
    identity: String,
    auth_method: String,
    configuration: String,
    client_secret: Option<String>,
    name: Option<String>,
    created: i64,
    expires: Option<i64>,
    uses_limit: u64,
    revoked: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IdentityRecord {
    name: String,
    organization: String,
    role: String,
    token_auth: Option<AuthMethodRecord>,
    universal_auth: Option<AuthMethodRecord>,
    projects: Vec<MembershipRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AuthMethodRecord {
    configuration: String,
    trusted_ips: Vec<String>,
    revoked_client_secrets: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MembershipRecord {
    project: String,
    slug: String,
    roles: Vec<RoleGrantRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoleGrantRecord {
    /// The role's slug.
    role: String,
    /// The role's id, if it is a custom one.
    id: Option<String>,
    period: Option<(i64, i64)>,
}

impl From<&Evidence> for SealedRecord {
    fn from(evidence: &Evidence) -> Self {
        let facts = match &evidence.facts {
            Facts::Token(token) => FactsRecord::Token(token.as_deref().map(TokenRecord::from)),
            Facts::Identity(identity) => FactsRecord::Identity(identity.as_deref().map(IdentityRecord::from)),
            Facts::Policy(policy) => FactsRecord::Policy(policy.as_deref().map(PolicyRecord::from)),
        };
        Self {
            version: VERSION,
            directory: evidence.directory.to_string(),
            sequence: evidence.sequence,
            asserted: evidence.asserted.milliseconds(),
            facts,
        }
    }
}

impl From<&TokenFacts> for TokenRecord {
    fn from(token: &TokenFacts) -> Self {
        Self {
            digest: hex::encode(token.digest.as_bytes()),
            identity: token.identity.to_string(),
            auth_method: token.auth_method.name().to_owned(),
            configuration: token.configuration.to_string(),
            client_secret: token.client_secret.map(|secret| secret.to_string()),
            name: token.name.clone(),
            created: token.created.milliseconds(),
            expires: token.expires.map(Timestamp::milliseconds),
            uses_limit: token.uses_limit.to_wire(),
            revoked: token.revoked,
        }
    }
}

impl From<&IdentityFacts> for IdentityRecord {
    fn from(identity: &IdentityFacts) -> Self {
        Self {
            name: identity.name.clone(),
            organization: identity.organization.to_string(),
            role: identity.role.to_string(),
            token_auth: identity.token_auth.as_ref().map(AuthMethodRecord::from),
            universal_auth: identity.universal_auth.as_ref().map(AuthMethodRecord::from),
            projects: identity.projects.iter().map(MembershipRecord::from).collect(),
        }
    }
}

impl From<&AuthMethodFacts> for AuthMethodRecord {
    fn from(method: &AuthMethodFacts) -> Self {
        Self {
            configuration: method.configuration.to_string(),
            trusted_ips: method.trusted_ips.entries().iter().map(|entry| entry.text()).collect(),
            revoked_client_secrets: method.revoked_client_secrets.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&ProjectMembershipFacts> for MembershipRecord {
    fn from(membership: &ProjectMembershipFacts) -> Self {
        let roles = membership.roles.iter().map(|grant| RoleGrantRecord {
            role: grant.role.slug().to_owned(),
            id: match &grant.role {
                HeldProjectRole::BuiltIn(_) => None,
                HeldProjectRole::Custom { id, .. } => Some(id.to_string()),
            },
            period: grant.period.map(|period| (period.start.milliseconds(), period.end.milliseconds())),
        });
        Self { project: membership.project.to_string(), slug: membership.slug.clone(), roles: roles.collect() }
    }
}

impl SealedRecord {
    fn into_evidence(self, key: EvidenceKey) -> Option<Evidence> {
        if self.version != VERSION {
            return None;
        }
        let facts = match (key, self.facts) {
            (EvidenceKey::Token(id), FactsRecord::Token(token)) => Facts::Token(match token {
                Some(token) => Some(Rc::new(token.into_facts(id)?)),
                None => None,
            }),
            (EvidenceKey::Identity(id), FactsRecord::Identity(identity)) => Facts::Identity(match identity {
                Some(identity) => Some(Rc::new(identity.into_facts(id)?)),
                None => None,
            }),
            (EvidenceKey::Policy(id), FactsRecord::Policy(policy)) => Facts::Policy(match policy {
                Some(policy) => Some(Rc::new(policy.into_facts(id)?)),
                None => None,
            }),
            (EvidenceKey::Token(_), FactsRecord::Identity(_) | FactsRecord::Policy(_))
            | (EvidenceKey::Identity(_), FactsRecord::Token(_) | FactsRecord::Policy(_))
            | (EvidenceKey::Policy(_), FactsRecord::Token(_) | FactsRecord::Identity(_)) => return None,
        };
        Some(Evidence {
            directory: DirectoryId::parse(&self.directory)?,
            sequence: self.sequence,
            asserted: Timestamp::from_milliseconds(self.asserted),
            key,
            facts,
        })
    }
}

impl TokenRecord {
    fn into_facts(self, id: TokenId) -> Option<TokenFacts> {
        let digest: [u8; 32] = hex::decode(&self.digest).ok()?.try_into().ok()?;
        Some(TokenFacts {
            id,
            digest: TokenDigest::from_bytes(digest),
            identity: IdentityId::parse(&self.identity)?,
            auth_method: AuthMethod::from_name(&self.auth_method)?,
            configuration: AuthMethodConfigurationId::parse(&self.configuration)?,
            client_secret: match self.client_secret {
                Some(secret) => Some(ClientSecretId::parse(&secret)?),
                None => None,
            },
            name: self.name,
            created: Timestamp::from_milliseconds(self.created),
            expires: self.expires.map(Timestamp::from_milliseconds),
            uses_limit: UsesLimit::from_wire(self.uses_limit).ok()?,
            revoked: self.revoked,
        })
    }
}

impl IdentityRecord {
    fn into_facts(self, id: IdentityId) -> Option<IdentityFacts> {
        Some(IdentityFacts {
            id,
            name: self.name,
            organization: OrganizationId::parse(&self.organization)?,
            role: RoleSlug::parse(&self.role).ok()?,
            token_auth: read_method(self.token_auth)?,
            universal_auth: read_method(self.universal_auth)?,
            projects: self.projects.into_iter().map(MembershipRecord::into_facts).collect::<Option<_>>()?,
        })
    }
}

/// The outer `None` says that what is there cannot be read.
fn read_method(stored: Option<AuthMethodRecord>) -> Option<Option<AuthMethodFacts>> {
    match stored {
        Some(method) => method.into_facts().map(Some),
        None => Some(None),
    }
}

impl AuthMethodRecord {
    fn into_facts(self) -> Option<AuthMethodFacts> {
        Some(AuthMethodFacts {
            configuration: AuthMethodConfigurationId::parse(&self.configuration)?,
            trusted_ips: TrustedIps::parse(self.trusted_ips.iter().map(String::as_str)).ok()?,
            revoked_client_secrets: self
                .revoked_client_secrets
                .iter()
                .map(|secret| ClientSecretId::parse(secret))
                .collect::<Option<_>>()?,
        })
    }
}

impl MembershipRecord {
    fn into_facts(self) -> Option<ProjectMembershipFacts> {
        let roles = self.roles.into_iter().map(|grant| {
            let period = grant.period.map(|(start, end)| AccessPeriod {
                start: Timestamp::from_milliseconds(start),
                end: Timestamp::from_milliseconds(end),
            });
            let role = match grant.id {
                None => HeldProjectRole::BuiltIn(BuiltInProjectRole::from_slug(&grant.role)?),
                Some(id) => {
                    HeldProjectRole::Custom { id: RoleId::parse(&id)?, slug: RoleSlug::parse(&grant.role).ok()? }
                }
            };
            Some(RoleGrantFacts { role, period })
        });
        Some(ProjectMembershipFacts {
            project: ProjectId::parse(&self.project)?,
            slug: self.slug,
            roles: roles.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::token::secret::{AuthSecret, Purpose};

    fn keys(fill: &str) -> KeyRing {
        KeyRing::new(Purpose::ReplicaRecord, &AuthSecret::new(&fill.repeat(32)).unwrap(), None)
    }

    fn token() -> Evidence {
        Evidence {
            directory: DirectoryId::from_bytes([1; 16]),
            sequence: 7,
            asserted: Timestamp::from_milliseconds(1_000),
            key: EvidenceKey::Token(TokenId::from_bytes([2; 16])),
            facts: Facts::Token(Some(Rc::new(TokenFacts {
                id: TokenId::from_bytes([2; 16]),
                digest: TokenDigest::from_bytes([3; 32]),
                identity: IdentityId::from_bytes([4; 16]),
                auth_method: AuthMethod::TokenAuth,
                configuration: AuthMethodConfigurationId::from_bytes([5; 16]),
                client_secret: None,
                name: Some("ci".to_owned()),
                created: Timestamp::from_milliseconds(500),
                expires: Some(Timestamp::from_milliseconds(2_000)),
                uses_limit: UsesLimit::from_wire(3).unwrap(),
                revoked: false,
            }))),
        }
    }

    fn identity() -> Evidence {
        Evidence {
            key: EvidenceKey::Identity(IdentityId::from_bytes([4; 16])),
            facts: Facts::Identity(Some(Rc::new(IdentityFacts {
                id: IdentityId::from_bytes([4; 16]),
                name: "build".to_owned(),
                organization: OrganizationId::from_bytes([6; 16]),
                role: RoleSlug::parse("member").unwrap(),
                token_auth: Some(AuthMethodFacts {
                    configuration: AuthMethodConfigurationId::from_bytes([5; 16]),
                    trusted_ips: TrustedIps::parse(["10.1.2.3/8", "2001:db8::1"]).unwrap(),
                    revoked_client_secrets: Vec::new(),
                }),
                universal_auth: Some(AuthMethodFacts {
                    configuration: AuthMethodConfigurationId::from_bytes([7; 16]),
                    trusted_ips: TrustedIps::everybody(),
                    revoked_client_secrets: vec![ClientSecretId::from_bytes([8; 16])],
                }),
                projects: vec![ProjectMembershipFacts {
                    project: ProjectId::from_bytes([9; 16]),
                    slug: "shop".to_owned(),
                    roles: vec![
                        RoleGrantFacts { role: HeldProjectRole::for_tests("viewer"), period: None },
                        RoleGrantFacts {
                            role: HeldProjectRole::Custom {
                                id: RoleId::from_bytes([10; 16]),
                                slug: RoleSlug::parse("packer").unwrap(),
                            },
                            period: None,
                        },
                        RoleGrantFacts {
                            role: HeldProjectRole::for_tests("admin"),
                            period: Some(AccessPeriod {
                                start: Timestamp::from_milliseconds(1),
                                end: Timestamp::from_milliseconds(2),
                            }),
                        },
                    ],
                }],
            }))),
            ..token()
        }
    }

    fn tombstone() -> Evidence {
        Evidence { facts: Facts::Identity(None), ..identity() }
    }

    #[test]
    fn record_format_unchanged() {
        assert_eq!(
            encode(&token()).unwrap(),
            r#"{"version":2,"directory":"01010101-0101-0101-0101-010101010101","sequence":7,"asserted":1000,"#
                .to_owned()
                + r#""facts":{"token":{"digest":""#
                + &"03".repeat(32)
                + r#"","identity":"04040404-0404-0404-0404-040404040404","authMethod":"token-auth","#
                + r#""configuration":"05050505-0505-0505-0505-050505050505","clientSecret":null,"name":"ci","created":500,"#
                + r#""expires":2000,"usesLimit":3,"revoked":false}}}"#
        );
        assert_eq!(
            encode(&identity()).unwrap(),
            r#"{"version":2,"directory":"01010101-0101-0101-0101-010101010101","sequence":7,"asserted":1000,"#
                .to_owned()
                + r#""facts":{"identity":{"name":"build","organization":"06060606-0606-0606-0606-060606060606","#
                + r#""role":"member","tokenAuth":{"configuration":"05050505-0505-0505-0505-050505050505","#
                + r#""trustedIps":["10.1.2.3/8","2001:db8::1"],"revokedClientSecrets":[]},"#
                + r#""universalAuth":{"configuration":"07070707-0707-0707-0707-070707070707","#
                + r#""trustedIps":["0.0.0.0/0","::/0"],"#
                + r#""revokedClientSecrets":["08080808-0808-0808-0808-080808080808"]},"#
                + r#""projects":[{"project":"09090909-0909-0909-0909-090909090909","slug":"shop","#
                + r#""roles":[{"role":"viewer","id":null,"period":null},"#
                + r#"{"role":"packer","id":"0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a","period":null},"#
                + r#"{"role":"admin","id":null,"period":[1,2]}]}]}}}"#
        );
        let sealed = seal(&tombstone(), &keys("a")).unwrap();
        assert_eq!(sealed.split_at(64).1, format!(" {}", encode(&tombstone()).unwrap()));
    }

    #[test]
    fn opening_undoes_sealing() {
        for evidence in [token(), identity(), tombstone()] {
            let sealed = seal(&evidence, &keys("a")).unwrap();
            assert_eq!(open(evidence.key, &sealed, &keys("a")), Some(evidence));
        }
    }

    #[test]
    fn a_record_of_another_writer_another_key_or_with_one_byte_changed_proves_nothing() {
        let sealed = seal(&token(), &keys("a")).unwrap();
        assert_eq!(open(token().key, &sealed, &keys("b")), None);
        let other = EvidenceKey::Token(TokenId::from_bytes([9; 16]));
        assert_eq!(open(other, &sealed, &keys("a")), None);
        for position in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[position] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            // The digits of the code may be written in either case; that changes no bit of it.
            if changed.eq_ignore_ascii_case(&sealed) && position < CODE_DIGITS {
                continue;
            }
            assert_eq!(open(token().key, &changed, &keys("a")), None, "{position}");
        }
    }

    #[test]
    fn junk_is_no_record() {
        for junk in ["", " ", "{}", "null", &"0".repeat(64), &format!("{} {{}}", "0".repeat(64)), &"é".repeat(64)] {
            assert_eq!(open(token().key, junk, &keys("a")), None, "{junk:?}");
        }
    }
}
