//! What the document says of the keys that verify assertions.

use management::openapi::describe::{DescribedEndpoint, Description, Errors, Proof, Tag};
use protocol::family::JWKS_PATH;
use token_auth_edge::http::assertion::JsonWebKeySet;

pub fn endpoints() -> Vec<DescribedEndpoint> {
    let keys = |method: &'static str| DescribedEndpoint {
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
