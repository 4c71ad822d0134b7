//! To create, change or delete a route, an actor must hold in its project, for good, every action on every request that
//! the route takes, or took. A route says where requests go and what they carry. An actor that could redirect requests
//! which it may not send itself would gain from that.

use crate::gateway::proxied_request::PATH;
use crate::gateway::route::PathPrefix;
use crate::permission::ability::{Ability, Action, Rule, Subject};
use crate::permission::condition::{Conditions, FieldCondition};

const EVERY_ACTION: &[Action] = &[Action::Read, Action::Create, Action::Edit, Action::Delete];

/// Every action on the requests to a prefix and to what is below it.
pub fn every_request_below(prefix: &PathPrefix) -> Ability {
    let about = |test: FieldCondition| Rule {
        conditions: Conditions::none().and(PATH, test),
        ..Rule::allow(EVERY_ACTION, Subject::Requests)
    };
    // A star in a path is a star; as a pattern it matches that and more, which is on the safe side.
    let below = |parent: &str| about(FieldCondition::Glob(format!("{parent}/**")));
    Ability::new(match prefix.as_str() {
        "/" => vec![below("")],
        other => vec![about(FieldCondition::Equal(other.to_owned())), below(other)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::request_method::RequestMethod;
    use crate::permission::privilege_boundary::check_boundary;

    #[test]
    fn who_may_not_send_one_of_the_requests_itself_does_not_hold_them_all() {
        let allow = |test: Option<FieldCondition>| {
            let conditions = test.map_or_else(Conditions::none, |test| Conditions::none().and(PATH, test));
            Rule { conditions, ..Rule::allow(EVERY_ACTION, Subject::Requests) }
        };
        let glob = |pattern: &str| Some(FieldCondition::glob(pattern).unwrap());
        let equal = |value: &str| Some(FieldCondition::Equal(value.to_owned()));
        let deny = |test: Option<FieldCondition>| Rule { inverted: true, ..allow(test) };
        #[track_caller]
        fn check(rules: &[Rule], prefix: &str, expected: bool) {
            let prefix = PathPrefix::parse(prefix).unwrap();
            let held = Ability::new(rules.to_vec());
            assert_eq!(check_boundary(&held, &every_request_below(&prefix)).is_ok(), expected, "{rules:?} {prefix}");
        }
        for prefix in ["/", "/v1", "/v1/orders", "/a*b"] {
            check(&[], prefix, false);
            check(&[Rule::allow_everything()], prefix, true);
            check(&[allow(None)], prefix, true);
            check(&[allow(glob("/**"))], prefix, true);
            check(&[allow(glob("**"))], prefix, true);
            check(&[allow(None), deny(glob("/**/secret"))], prefix, false);
            check(&[deny(glob("/**/secret")), allow(None)], prefix, true);
        }
        for method in RequestMethod::ALL {
            let others: Vec<Action> = EVERY_ACTION.iter().copied().filter(|one| *one != method.action()).collect();
            check(&[Rule::allow(&others, Subject::Requests)], "/v1", false);
        }
        check(&[allow(glob("/v1/**"))], "/v1", false);
        check(&[allow(glob("/v1/**")), allow(equal("/v1"))], "/v1", true);
        check(&[allow(glob("/v1/**"))], "/v1/orders", true);
        check(&[allow(glob("/v1/**"))], "/v1x", false);
        check(&[allow(glob("/v1/*"))], "/v1/orders", false);
        check(&[allow(glob("/v*/**"))], "/v1/orders", false);
        check(&[allow(equal("/v1/orders"))], "/v1/orders", false);
        check(&[allow(None), deny(glob("/v2/**"))], "/v1", true);
        check(&[allow(None), deny(glob("/v2/**"))], "/", false);
        check(&[allow(None), deny(equal("/v1/a"))], "/v1", false);
        check(&[allow(None), deny(equal("/v2/a"))], "/v1", true);
    }
}
