//! How large the policy of an organization may become: each project has a share of its own.
//!
//! The policy is one record. Every isolate that decides about a request of the organization fetches and keeps it, and
//! the Directory makes it anew after each change. KV takes 25 MiB and would refuse a larger record for good; every
//! isolate would then ask the authority each time, and one project would slow down all the others. At 1 MiB a record is
//! read in some ten milliseconds and 20 of them fit into an isolate's memory several times over.
//!
//! Only projects with a delegation are in it, and whoever creates delegations decides how many these are. At most
//! [`MAXIMUM_PROJECTS`] of them with [`MAXIMUM_OF_PROJECT`] each are 1 MiB, so the shares always fit. No project can
//! use up another one's share, and nobody can use up the number of projects from within a project.
//!
//! **Invariant**: the sizes here are never less than what the record holds, counted in bytes.

use crate::gateway::policy::RequestRole;
use crate::gateway::route::Route;
use crate::gateway::route_delegation::RouteDelegation;
use crate::permission::ability::{Rule, Selector};
use crate::permission::condition::FieldCondition;
use crate::permission::role_slug::MAXIMUM_SLUG_CHARACTERS;

/// The most projects of an organization that may have a delegation.
pub const MAXIMUM_PROJECTS: usize = 32;
/// The most bytes of the policy that one project may take: its delegations, its routes and the rules of its roles about
/// requests. It is room for 60 routes of 500 bytes, or for 150 rules.
pub const MAXIMUM_OF_PROJECT: u64 = 32 * 1024;

/// Names of fields, punctuation, ids, numbers and truth values.
const FRAME_OF_ROUTE: u64 = 320;
const FRAME_OF_DELEGATION: u64 = 180;
/// With the longest slug, so that another slug does not change it.
const FRAME_OF_ROLE: u64 = 124 + MAXIMUM_SLUG_CHARACTERS as u64;
const FRAME_OF_RULE: u64 = 64;
const FRAME_OF_FIELD_CONDITION: u64 = 20;

/// A project would take more of the policy than its share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PolicyTooLarge {
    /// How many bytes it would take.
    pub size: u64,
}

/// Goes on only if `new` bytes in the place of `replaced` ones fit into the share of a project that has `used` so many.
/// A change that takes no more than before always fits.
pub const fn check(used: u64, replaced: u64, new: u64) -> Result<(), PolicyTooLarge> {
    let size = used.saturating_add(new.saturating_sub(replaced));
    if new <= replaced || size <= MAXIMUM_OF_PROJECT { Ok(()) } else { Err(PolicyTooLarge { size }) }
}

/// What a delegation takes.
pub fn of_delegation(delegation: &RouteDelegation) -> u64 {
    FRAME_OF_DELEGATION
        + delegation.space.host().map_or(0, |host| of_text(host.as_str()))
        + of_text(delegation.space.path_prefix().as_str())
}

/// What a route takes.
pub fn of_route(route: &Route) -> u64 {
    let headers = route.options.headers.iter().map(|header| of_text(header.name()) + of_text(header.value()) + 4);
    FRAME_OF_ROUTE
        + route.host.as_ref().map_or(0, |host| of_text(host.as_str()))
        + of_text(route.path_prefix.as_str())
        + route.origin.as_ref().map_or(0, |origin| of_text(origin.as_str()))
        + headers.sum::<u64>()
}

/// What a role takes whose rules, all of them, are stored as so many bytes; nothing when none is about requests.
pub fn of_role(role: &RequestRole, stored: u64) -> u64 {
    match role.ability.rules() {
        [] => 0,
        rules => {
            let replicated: u64 = rules.iter().map(of_rule).sum();
            // What it says about other things is not replicated, and all of it is read on the way.
            FRAME_OF_ROLE + replicated.max(stored)
        }
    }
}

fn of_rule(rule: &Rule) -> u64 {
    let fields = rule.conditions.fields().map(|(field, requirements)| {
        of_text(field) + FRAME_OF_FIELD_CONDITION + requirements.iter().map(of_field_condition).sum::<u64>()
    });
    FRAME_OF_RULE + of_selector(&rule.subject) + of_selector(&rule.actions) + fields.sum::<u64>()
}

fn of_selector(selector: &Selector) -> u64 {
    match selector {
        Selector::Every => 4,
        Selector::Names(names) => of_texts(names),
    }
}

fn of_field_condition(requirement: &FieldCondition) -> u64 {
    FRAME_OF_FIELD_CONDITION
        + match requirement {
            FieldCondition::Equal(text) | FieldCondition::NotEqual(text) | FieldCondition::Glob(text) => of_text(text),
            FieldCondition::OneOf(texts) => of_texts(texts),
        }
}

fn of_texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> u64 {
    2 + texts.into_iter().map(|text| of_text(text) + 1).sum::<u64>()
}

/// A text between quotes, as JSON has it (RFC 8259 §7).
fn of_text(text: &str) -> u64 {
    let of_character = |character: char| match character {
        '"' | '\\' => 2,
        control if control < ' ' => 6,
        other => other.len_utf8() as u64,
    };
    2 + text.chars().map(of_character).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_project_adds_must_fit_into_its_share() {
        #[track_caller]
        fn check_size(used: u64, replaced: u64, new: u64, expected: Result<(), u64>) {
            assert_eq!(check(used, replaced, new).map_err(|error| error.size), expected);
        }
        let share = MAXIMUM_OF_PROJECT;
        check_size(0, 0, share, Ok(()));
        check_size(0, 0, share + 1, Err(share + 1));
        check_size(share, 100, 100, Ok(()));
        check_size(share, 100, 101, Err(share + 1));
        // What became too large before there was a bound can be made smaller, step by step.
        check_size(2 * share, 100, 99, Ok(()));
    }

    #[test]
    fn the_shares_of_as_many_projects_as_there_may_be_fit_into_the_policy() {
        assert_eq!(MAXIMUM_PROJECTS as u64 * MAXIMUM_OF_PROJECT, 1_048_576);
    }
}
