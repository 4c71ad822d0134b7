//! What the document says of the keys that verify assertions.

use management::openapi::describe::{Description, Endpoint, Errors, Proof, Tag};
use protocol::family::JWKS_PATH;
use token_auth_edge::http::assertion::JsonWebKeySet;

pub fn endpoints() -> Vec<Endpoint> {
    let keys = |method: &'static str| Endpoint {
        method,
        id: "getKeySet".to_owned(),
        needs: Vec::new(),
        path: JWKS_PATH,
        proof: Proof::Nothing,
        errors: Errors::Problem(&[500, 503]),
        description: Description::new::<JsonWebKeySet>(Tag::Gateway, "Get the keys that verify assertions")
            .details("A JSON Web Key Set (RFC 7517)."),
    };
    ["GET", "HEAD"].into_iter().map(keys).collect()
}
