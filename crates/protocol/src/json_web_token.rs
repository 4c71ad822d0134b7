//! A signed JSON Web Token (RFC 7515 §7.1, RFC 7519) and a set of keys (RFC 7517), as Cloudflare Access makes them.
//!
//! **Owns** how these are written. What a token must say to count is [`domain::token::access_assertion`]'s.
//!
//! **Invariant**: whatever was not signed with the one algorithm there is has no signature here that could be verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use domain::token::access_assertion::{ALGORITHM, AccessClaims, AccessRefusal};

/// The most bytes of a token that are read: those of Access have about one thousand.
const LARGEST_TOKEN: usize = 16 * 1024;
/// The most keys of a set that are read: Access has two at a time.
const MOST_KEYS: usize = 16;
/// The fewest bytes of a key's modulus (RFC 7518 §3.3).
const SHORTEST_MODULUS: usize = 256;
/// The most that are read: larger ones only take time.
const LONGEST_MODULUS: usize = 1024;

/// A token that has the form of one signed with [`ALGORITHM`]. Whether it was is not known yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedToken<'a> {
    /// Which key is said to have signed it.
    pub key_id: String,
    /// What was signed.
    pub signed: &'a str,
    /// By which it was signed.
    pub signature: Vec<u8>,
    claims: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Option<Audience>,
    exp: Option<i64>,
    nbf: Option<i64>,
    iat: Option<i64>,
    email: Option<String>,
}

/// One, or several of them (RFC 7519 §4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl<'a> SignedToken<'a> {
    /// Reads a token up to its claims, which are read once the signature has been verified.
    ///
    /// # Errors
    /// [`AccessRefusal::Malformed`], [`AccessRefusal::Algorithm`].
    pub fn parse(text: &'a str) -> Result<Self, AccessRefusal> {
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| AccessRefusal::Malformed);
        if text.len() > LARGEST_TOKEN {
            return Err(AccessRefusal::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(AccessRefusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(AccessRefusal::Malformed)?;
        if claims.contains('.') {
            return Err(AccessRefusal::Malformed);
        }
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| AccessRefusal::Malformed)?;
        if header.alg != ALGORITHM {
            return Err(AccessRefusal::Algorithm);
        }
        // RFC 7515 §4.1.11: what must be understood is not.
        if header.crit.is_some() {
            return Err(AccessRefusal::Malformed);
        }
        let key_id = header.kid.filter(|id| !id.is_empty()).ok_or(AccessRefusal::UnknownKey)?;
        Ok(Self { key_id, signed, signature: decode(signature)?, claims: decode(claims)? })
    }

    /// What the token says. Nobody may be told before its signature has been verified.
    ///
    /// # Errors
    /// [`AccessRefusal::Malformed`].
    pub fn claims(&self) -> Result<AccessClaims, AccessRefusal> {
        let claims: Claims = serde_json::from_slice(&self.claims).map_err(|_| AccessRefusal::Malformed)?;
        Ok(AccessClaims {
            issuer: claims.iss,
            audiences: match claims.aud {
                Some(Audience::One(audience)) => vec![audience],
                Some(Audience::Several(audiences)) => audiences,
                None => Vec::new(),
            },
            expires: claims.exp,
            not_before: claims.nbf,
            issued: claims.iat,
            email: claims.email,
        })
    }
}

/// A public key for [`ALGORITHM`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey {
    /// Its name in its set.
    pub id: String,
    modulus: String,
    exponent: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: String,
    n: String,
    e: String,
    alg: Option<String>,
    r#use: Option<String>,
}

impl PublicKey {
    /// The keys of a set that can verify; others are left out. `None` when the text is no set.
    pub fn read_set(text: &str) -> Option<Vec<Self>> {
        let set: KeySet = serde_json::from_str(text).ok()?;
        Some(set.keys.into_iter().take(MOST_KEYS).filter_map(Self::read).collect())
    }

    fn read(value: serde_json::Value) -> Option<Self> {
        let key: Key = serde_json::from_value(value).ok()?;
        let length = URL_SAFE_NO_PAD.decode(&key.n).ok()?.len();
        URL_SAFE_NO_PAD.decode(&key.e).ok()?;
        let verifies = key.kty == "RSA"
            && key.alg.is_none_or(|algorithm| algorithm == ALGORITHM)
            && key.r#use.is_none_or(|purpose| purpose == "sig")
            && (SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&length);
        verifies.then_some(Self { id: key.kid, modulus: key.n, exponent: key.e })
    }

    /// The key and nothing else, as JSON.
    pub fn to_json(&self) -> String {
        serde_json::json!({ "kty": "RSA", "alg": ALGORITHM, "n": self.modulus, "e": self.exponent }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn encode(value: &serde_json::Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn token(header: &serde_json::Value, claims: &serde_json::Value) -> String {
        format!("{}.{}.{}", encode(header), encode(claims), URL_SAFE_NO_PAD.encode([1, 2, 3]))
    }

    #[test]
    fn a_token_is_read_only_if_it_names_the_one_algorithm_and_a_key() {
        #[track_caller]
        fn check(header: serde_json::Value, expected: Result<&str, AccessRefusal>) {
            let text = token(&header, &json!({}));
            let parsed = SignedToken::parse(&text).map(|token| token.key_id);
            assert_eq!(parsed.as_deref(), expected.as_ref().copied(), "{header}");
        }
        use AccessRefusal::{Algorithm, Malformed, UnknownKey};
        check(json!({ "alg": "RS256", "kid": "a", "typ": "JWT" }), Ok("a"));
        check(json!({ "alg": "RS256" }), Err(UnknownKey));
        check(json!({ "alg": "RS256", "kid": "" }), Err(UnknownKey));
        check(json!({ "alg": "RS256", "kid": 1 }), Err(Malformed));
        check(json!({ "kid": "a" }), Err(Malformed));
        check(json!({ "alg": "RS256", "kid": "a", "crit": ["exp"] }), Err(Malformed));
        for algorithm in ["none", "None", "", "HS256", "RS384", "rs256", "PS256", "ES256"] {
            check(json!({ "alg": algorithm, "kid": "a" }), Err(Algorithm));
        }
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        let good = token(&json!({ "alg": "RS256", "kid": "a" }), &json!({}));
        for text in [
            "",
            ".",
            "..",
            "a.b.c",
            &good.replace('.', ""),
            &format!("{good}.x"),
            &format!("{good}="),
            &format!(" {good}"),
        ] {
            assert_eq!(SignedToken::parse(text), Err(AccessRefusal::Malformed), "{text}");
        }
        assert_eq!(SignedToken::parse(&format!("{good}{}", "A".repeat(16_384))), Err(AccessRefusal::Malformed));
        let parsed = SignedToken::parse(&good).unwrap();
        assert_eq!(
            (parsed.signature.as_slice(), format!("{}.AQID", parsed.signed)),
            ([1, 2, 3].as_slice(), good.clone())
        );
    }

    #[test]
    fn claims_are_read_as_they_are_and_others_are_left_alone() {
        let header = json!({ "alg": "RS256", "kid": "a" });
        let text = token(
            &header,
            &json!({ "iss": "i", "aud": ["a", "b"], "exp": 1, "nbf": 2, "iat": 3, "email": "e", "sub": "s", "type": "app" }),
        );
        let expected = AccessClaims {
            issuer: Some("i".to_owned()),
            audiences: vec!["a".to_owned(), "b".to_owned()],
            expires: Some(1),
            not_before: Some(2),
            issued: Some(3),
            email: Some("e".to_owned()),
        };
        assert_eq!(SignedToken::parse(&text).unwrap().claims(), Ok(expected));
        let one = token(&header, &json!({ "aud": "a" }));
        assert_eq!(SignedToken::parse(&one).unwrap().claims().unwrap().audiences, ["a"]);
        for claims in
            [json!({ "exp": "1" }), json!({ "exp": 1.5 }), json!({ "email": {} }), json!({ "aud": 1 }), json!([])]
        {
            let text = token(&header, &claims);
            assert_eq!(SignedToken::parse(&text).unwrap().claims(), Err(AccessRefusal::Malformed), "{claims}");
        }
    }

    #[test]
    fn of_a_set_the_keys_are_taken_that_can_verify() {
        let modulus = |bytes: usize| URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
        let key = |change: serde_json::Value| {
            let mut key =
                json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "a", "e": "AQAB", "n": modulus(256) });
            if let (Some(key), Some(change)) = (key.as_object_mut(), change.as_object()) {
                key.extend(change.clone());
            }
            key
        };
        let taken = |key: serde_json::Value| PublicKey::read_set(&json!({ "keys": [key] }).to_string()).unwrap().len();
        assert_eq!(taken(key(json!({}))), 1);
        assert_eq!(taken(key(json!({ "alg": null, "use": null }))), 1);
        for wrong in [
            json!({ "kty": "oct" }),
            json!({ "alg": "HS256" }),
            json!({ "use": "enc" }),
            json!({ "n": modulus(128) }),
            json!({ "n": modulus(1025) }),
            json!({ "n": "!" }),
            json!({ "kid": null }),
        ] {
            assert_eq!(taken(key(wrong.clone())), 0, "{wrong}");
        }
        assert_eq!(PublicKey::read_set("{}"), None);
        assert_eq!(PublicKey::read_set("nonsense"), None);
        let many = json!({ "keys": vec![key(json!({})); 20], "public_certs": [] }).to_string();
        assert_eq!(PublicKey::read_set(&many).unwrap().len(), 16);
    }
}
