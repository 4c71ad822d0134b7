//! How much work a role's rules about requests may cause.
//!
//! Every request of an identity is compared with the rules of its roles in the route's project, and the sender chooses
//! the path. So the cost of a role is bounded when somebody writes it. A membership has a bounded number of roles, and
//! no combination of roles costs more than so many times that.
//!
//! The worst there can be: 10 roles × [`MAXIMUM_SEARCHES`] × 4,096 bytes of a path are 0.25 million steps, each of less
//! than 4 ns natively and of 2 to 5 ns in a runtime. All other rules are compared in place, or look for one slash, eight
//! bytes at a time; how many there can be follows from what a project may take of the policy
//! ([`policy_size`](crate::gateway::policy_size)): about 900, or half a million steps of a faster kind.

use crate::permission::ability::{Rule, Subject};
use crate::permission::condition::FieldCondition;
use crate::permission::glob;

/// The most patterns with more than one star that the rules of a role about requests may have. One that has more than
/// 64 bytes from its first star to its last counts once for each 64.
pub const MAXIMUM_SEARCHES: usize = 6;

/// The rules about requests have more patterns with several stars than [`MAXIMUM_SEARCHES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooManySearches {
    pub count: usize,
}

/// Goes on only when the rules of a role can be looked up for every request.
pub fn check(rules: &[Rule]) -> Result<(), TooManySearches> {
    let about_requests = rules.iter().filter(|rule| rule.subject.includes(Subject::Requests.name()));
    let count = about_requests.flat_map(|rule| rule.conditions.fields()).flat_map(|(_, tests)| tests).map(searches);
    let count = count.fold(0, usize::saturating_add);
    if count <= MAXIMUM_SEARCHES { Ok(()) } else { Err(TooManySearches { count }) }
}

fn searches(requirement: &FieldCondition) -> usize {
    match requirement {
        FieldCondition::Equal(_) | FieldCondition::NotEqual(_) | FieldCondition::OneOf(_) => 0,
        FieldCondition::Glob(pattern) => glob::steps_for_each_byte(pattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::ability::Action;
    use crate::permission::condition::Conditions;

    fn rule(subject: Subject, pattern: &str) -> Rule {
        let conditions = Conditions::none().and("path", FieldCondition::glob(pattern).unwrap());
        Rule { conditions, ..Rule::allow(&[Action::Read], subject) }
    }

    #[test]
    fn only_patterns_about_requests_with_several_stars_count() {
        #[track_caller]
        fn check_count(rules: &[Rule], expected: Result<(), usize>) {
            assert_eq!(check(rules).map_err(|error| error.count), expected);
        }
        let many = |subject, pattern: &str, count| vec![rule(subject, pattern); count];
        check_count(&[], Ok(()));
        for cheap in ["/a/*", "/a/**", "/a/?/*/b", "/a", "/**/b"] {
            check_count(&many(Subject::Requests, cheap, 500), Ok(()));
        }
        check_count(&many(Subject::Requests, "/*/a/*", MAXIMUM_SEARCHES), Ok(()));
        check_count(&many(Subject::Requests, "/*/a/*", MAXIMUM_SEARCHES + 1), Err(MAXIMUM_SEARCHES + 1));
        check_count(&many(Subject::Identity, "/*/a/*", 500), Ok(()));
        let long = format!("/*{}*", "a".repeat(200));
        check_count(&many(Subject::Requests, &long, 1), Ok(()));
        check_count(&many(Subject::Requests, &long, 2), Err(8));
        check_count(&[Rule::allow_everything()], Ok(()));
    }
}
