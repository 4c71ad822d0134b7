//! What can be wrong with a command about a project or its environments.

use domain::value::identifiers::ProjectId;
use domain::value::project_slug::ProjectSlug;

/// Why a command about this was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProjectsError {
    /// There is no such project in the actor's organization.
    NotFound {
        /// What it was asked for by.
        by: &'static str,
        /// The id or the slug as it was sent.
        key: String,
    },
    /// The actor is not a member of the project.
    NotAMember { project: ProjectId },
    /// Another project of the organization has this slug.
    SlugTaken { slug: ProjectSlug },
    /// The project is protected against deletion.
    DeleteProtected,
    /// There is no such environment in the project.
    EnvironmentNotFound {
        /// What it was asked for by.
        by: &'static str,
        /// The id or the slug as it was sent.
        key: String,
    },
    /// Another environment of the project has this slug.
    EnvironmentSlugTaken { slug: String },
    /// The project has as many environments as it may have.
    TooManyEnvironments,
    /// What a list would show of environments and roles does not fit into `ResponseBudget`.
    ListTooLong,
}
