//! `GET /api/status` and `GET /healthz`, which the Worker answers by itself.

use crate::status::{Health, response};
use domain::value::timestamp::Timestamp;
use protocol::settings::Settings;

use crate::tests::world::{REQUEST_ID, START, World};

fn settings(variables: &'static [(&'static str, &'static str)]) -> Settings {
    Settings::read(|name| {
        let secret = ("AUTH_SECRET", "0123456789abcdef0123456789abcdef");
        variables.iter().chain([&secret]).find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
    .unwrap()
}

#[test]
fn status_unchanged() {
    let health = Health { authority: true, failing_puts: 0 };
    let answer = response(&settings(&[]), health, Timestamp::from_milliseconds(START), REQUEST_ID);
    assert_eq!((answer.status, answer.header("retry-after")), (200, None));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        answer.body,
        concat!(
            r#"{"date":"2023-11-14T22:13:20.000Z","message":"Ok","emailConfigured":false,"inviteOnlySignup":true,"#,
            r#""redisConfigured":false,"secretScanningConfigured":false,"maxIdentityAccessTokenTTL":315360000,"#,
            r#""maxStalenessSeconds":10,"degraded":[]}"#,
        )
    );
}

#[test]
fn degraded_parts_are_named_and_only_the_authority_stops_traffic() {
    #[track_caller]
    fn check(authority: bool, failing_puts: u64, status: u16, message: &str, degraded: &str) {
        let health = Health { authority, failing_puts };
        let answer = response(&settings(&[]), health, Timestamp::from_milliseconds(START), REQUEST_ID);
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("retry-after"), (status == 503).then_some("1"));
        assert!(answer.body.contains(&format!(r#""message":"{message}""#)), "{}", answer.body);
        assert!(answer.body.ends_with(&format!(r#""degraded":{degraded}}}"#)), "{}", answer.body);
    }
    check(true, 0, 200, "Ok", "[]");
    check(true, 3, 200, "Ok", r#"["replica"]"#);
    check(false, 0, 503, "The authority does not answer", r#"["authority"]"#);
    check(false, 1, 503, "The authority does not answer", r#"["authority","replica"]"#);
}

#[test]
fn the_operators_settings_show() {
    let set = settings(&[("MAX_STALENESS_SECONDS", "0"), ("MAX_ACCESS_TOKEN_TTL_SECONDS", "7776000")]);
    let health = Health { authority: true, failing_puts: 0 };
    let body = response(&set, health, Timestamp::from_milliseconds(START), REQUEST_ID).body;
    assert!(body.contains(r#""maxIdentityAccessTokenTTL":7776000,"maxStalenessSeconds":0,"#), "{body}");
}

#[test]
fn the_directory_does_not_answer_for_the_worker() {
    let world = World::new();
    for path in ["/api/status", "/healthz"] {
        world.by_admin("GET", path).send().refused(500, "InternalServerError", "Something went wrong");
    }
}
