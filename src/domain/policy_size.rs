//! How large the policy of an organization may become, and which part of it one project may take.
//!
//! The policy is one record: every isolate that decides about a request of the organization fetches it and keeps it, and
//! it is made anew after each change. A store that takes 25 MiB would refuse a larger one for good, every isolate would
//! then ask the authority each time, and what one project writes would slow down all the others. At
//! [`MAXIMUM_OF_ORGANIZATION`] a record is read in some ten milliseconds and 20 of them fit into an isolate's memory
//! several times over. It is room for 500 routes of 500 bytes and for 5,000 rules. Eight projects can fill it, one
//! cannot.
//!
//! **Invariant**: the sizes here are never less than what the record holds, counted in bytes.

use crate::domain::condition::Requirement;
use crate::domain::permission::{Rule, Scope};
use crate::domain::policy::RequestRole;
use crate::domain::role_slug::MAXIMUM_SLUG_CHARACTERS;
use crate::domain::route::Route;

/// The most bytes that the policy of an organization may take.
pub const MAXIMUM_OF_ORGANIZATION: u64 = 1024 * 1024;
/// The most bytes of it that one project may take: an eighth.
pub const MAXIMUM_OF_PROJECT: u64 = MAXIMUM_OF_ORGANIZATION / 8;

/// Of what a role says about other things than requests nothing is replicated, and all of it is read on the way: a byte
/// of it counts as this part of one.
const OTHERS_WEIGH_ONE_IN: u64 = 16;

/// Names of fields, punctuation, ids, numbers and truth values.
const FRAME_OF_ROUTE: u64 = 320;
/// With the longest slug, so that another slug does not change it.
const FRAME_OF_ROLE: u64 = 80 + MAXIMUM_SLUG_CHARACTERS as u64;
const FRAME_OF_RULE: u64 = 64;
const FRAME_OF_REQUIREMENT: u64 = 20;

/// What the policy takes before a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// All of it, with what the changed project adds to it or would add if it had a route.
    pub organization: u64,
    /// What the changed project takes.
    pub project: u64,
}

/// A change would make the policy too large.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyTooLarge {
    /// The project would take more than its part.
    Project {
        /// How many bytes it would take.
        size: u64,
    },
    /// All projects together would take too much.
    Organization {
        /// How many bytes they would take.
        size: u64,
    },
}

/// Goes on only when there is room for `new` in the place of what took `gone`. What takes no more than before always fits.
///
/// # Errors
/// [`PolicyTooLarge`].
pub const fn check(taken: Taken, gone: u64, new: u64) -> Result<(), PolicyTooLarge> {
    if new <= gone {
        return Ok(());
    }
    let growth = new.saturating_sub(gone);
    let project = taken.project.saturating_add(growth);
    let organization = taken.organization.saturating_add(growth);
    if project > MAXIMUM_OF_PROJECT {
        Err(PolicyTooLarge::Project { size: project })
    } else if organization > MAXIMUM_OF_ORGANIZATION {
        Err(PolicyTooLarge::Organization { size: organization })
    } else {
        Ok(())
    }
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
            FRAME_OF_ROLE + replicated + stored / OTHERS_WEIGH_ONE_IN
        }
    }
}

fn of_rule(rule: &Rule) -> u64 {
    let fields = rule.conditions.fields().map(|(field, requirements)| {
        of_text(field) + FRAME_OF_REQUIREMENT + requirements.iter().map(of_requirement).sum::<u64>()
    });
    FRAME_OF_RULE + of_scope(&rule.subject) + of_scope(&rule.actions) + fields.sum::<u64>()
}

fn of_scope(scope: &Scope) -> u64 {
    match scope {
        Scope::Every => 4,
        Scope::Names(names) => of_texts(names),
    }
}

fn of_requirement(requirement: &Requirement) -> u64 {
    FRAME_OF_REQUIREMENT
        + match requirement {
            Requirement::Equal(text) | Requirement::NotEqual(text) | Requirement::Glob(text) => of_text(text),
            Requirement::OneOf(texts) => of_texts(texts),
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
    fn what_a_project_adds_must_fit_into_its_part_and_into_the_whole() {
        #[track_caller]
        fn check_room(taken: (u64, u64), gone: u64, new: u64, expected: Result<(), PolicyTooLarge>) {
            let (organization, project) = taken;
            assert_eq!(check(Taken { organization, project }, gone, new), expected);
        }
        let (all, part) = (MAXIMUM_OF_ORGANIZATION, MAXIMUM_OF_PROJECT);
        check_room((0, 0), 0, part, Ok(()));
        check_room((0, 0), 0, part + 1, Err(PolicyTooLarge::Project { size: part + 1 }));
        check_room((part, part), 100, 100, Ok(()));
        check_room((part, part), 100, 101, Err(PolicyTooLarge::Project { size: part + 1 }));
        check_room((all - 10, 0), 0, 10, Ok(()));
        check_room((all - 10, 0), 0, 11, Err(PolicyTooLarge::Organization { size: all + 1 }));
        // What became too large before there was a bound can be made smaller, step by step.
        check_room((2 * all, 2 * part), 100, 99, Ok(()));
    }

    #[test]
    fn the_policy_of_an_organization_fits_into_the_store_and_eight_projects_share_it() {
        assert_eq!((MAXIMUM_OF_ORGANIZATION, MAXIMUM_OF_PROJECT), (1_048_576, 131_072));
    }
}
