//! The challenges of an origin (RFC 9110 §11.6.1) that its clients get.
//!
//! For some schemes a browser shows a dialog in the name of the host that it called, and sends that host the password,
//! again and again. `Authorization` belongs to the gateway: no origin gets an answer to such a challenge. The dialog
//! could only collect passwords of people who trust the host.

use super::field_elements::elements;

/// Schemes for which browsers show a dialog, or answer with what the system knows about its user.
const ASKED_OF_PEOPLE: &[&str] = &["basic", "digest", "negotiate", "ntlm", "kerberos"];

/// What becomes of the challenges of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Challenges {
    /// All of them are for programs.
    AsTheyAre,
    /// These are, the others not.
    Only(String),
    /// None is, or nobody can say where one ends and the next begins.
    None,
}

/// The challenges in a `WWW-Authenticate` that are for programs; several of one name are joined by a comma.
pub fn for_programs(value: &str) -> Challenges {
    let Some(parts) = elements(value) else { return Challenges::None };
    let (mut passing, mut is_passing, mut dropped) = (Vec::new(), None, false);
    for part in parts {
        if let Some(scheme) = scheme_that_begins(part) {
            is_passing = Some(!is_asked_of_people(scheme));
        }
        match is_passing {
            Some(true) => passing.push(part),
            Some(false) => dropped = true,
            // A parameter of no challenge.
            None => return Challenges::None,
        }
    }
    match (passing.is_empty(), dropped) {
        (true, _) => Challenges::None,
        (false, false) => Challenges::AsTheyAre,
        (false, true) => Challenges::Only(passing.join(", ")),
    }
}

fn is_asked_of_people(scheme: &str) -> bool {
    ASKED_OF_PEOPLE.iter().any(|asked| scheme.eq_ignore_ascii_case(asked))
}

/// The scheme, if a challenge begins here: `scheme`, `scheme token68` or `scheme name=value`, and not `name=value`, unless
/// a browser could take the name for the scheme of a dialog.
fn scheme_that_begins(part: &str) -> Option<&str> {
    match part.split_once([' ', '\t']) {
        Some((name, rest)) if rest.trim_start().starts_with('=') && !is_asked_of_people(name) => None,
        Some((scheme, _)) => (!scheme.contains(['=', '"'])).then_some(scheme),
        None => (!part.contains(['=', '"'])).then_some(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_challenge_for_people_is_left_out_and_those_for_programs_stay() {
        #[track_caller]
        fn check(value: &str, expected: Challenges) {
            assert_eq!(for_programs(value), expected, "{value}");
        }
        for program in [
            "Bearer",
            "Bearer realm=\"a, Basic b\", error=\"invalid_token\"",
            "DPoP algs=\"ES256\", Bearer realm=\"x\"",
            "AWS4-HMAC-SHA256",
            "Basics realm=x",
            "Custom abc==",
            "Bearer realm = \"x\" , scope=\"a\"",
            "Bearer realm=\"\\\", Basic\"",
        ] {
            check(program, Challenges::AsTheyAre);
        }
        for people in [
            "Basic",
            "Basic realm=\"a\"",
            "bAsIc realm=a, charset=\"UTF-8\"",
            "Digest realm=\"a\", nonce=\"b\", qop=\"auth,auth-int\"",
            "Negotiate",
            "Negotiate YII=",
            "NTLM",
            "Basic realm=a, Digest realm=b, NTLM, Negotiate",
        ] {
            check(people, Challenges::None);
        }
        let only = |text: &str| Challenges::Only(text.to_owned());
        check("Basic realm=\"a\", Bearer realm=\"b\", error=\"c\"", only("Bearer realm=\"b\", error=\"c\""));
        check("Bearer realm=\"b\", Basic realm=\"a\"", only("Bearer realm=\"b\""));
        check("Bearer realm=\"b\", Basic = \"a\"", only("Bearer realm=\"b\""));
        check("\\,Basic =", only("\\"));
        check("Negotiate, NTLM, , Bearer", only("Bearer"));
        check("Digest nonce = \"x\", realm=y, DPoP algs=\"ES256\", Basic", only("DPoP algs=\"ES256\""));
        for nonsense in ["", ",", "realm=\"x\"", "realm = x, Bearer", "Bearer realm=\"x", "\"Basic\""] {
            check(nonsense, Challenges::None);
        }
    }

    proptest! {
        #[test]
        fn no_challenge_for_people_is_left_behind(value in "(Basic|Bearer|NTLM| |,|=|\"|\\\\|realm|a){0,10}") {
            let told = match for_programs(&value) {
                Challenges::AsTheyAre => value,
                Challenges::Only(told) => told,
                Challenges::None => String::new(),
            };
            let left = elements(&told).unwrap();
            prop_assert!(left.iter().all(|part| !part.starts_with("Basic ") && *part != "Basic" && *part != "NTLM"), "{}", told);
        }
    }
}
