//! Damping abuse: which answers count against a caller.
//!
//! Damping saves the authority work and slows down guessing. No other limit rests on it: the counts are approximate and
//! belong to one location of the edge network, and without the bindings nothing is damped.
//!
//! **A damped caller gets 429 in the place of a failure, never in the place of a success.** Addresses are shared: an
//! attacker behind the same address must not be able to lock out the bearer of a good token. The Worker checks the
//! token first, and a bad one costs next to nothing. It refuses only client secrets unchecked while their caller is
//! damped, because it cannot judge them without the authority; tokens that were obtained before go on working. Calls
//! that ask the authority each time (introspection, renewal, the status) have limits of their own, successes included;
//! a token whose renewal is refused lives on as it is.
//!
//! In forward auth the caller is the client that the proxy reports, never a proven proxy: that stands for all its clients.

use validation::damped_callers::MEMORY;

/// Seconds after which a damped caller may try again.
pub const RETRY_AFTER_SECONDS: u64 = MEMORY.get();

/// Whether an answer counts against its caller: something was not understood, not proven or not permitted.
pub const fn is_failure(status: u16) -> bool {
    matches!(status, 400 | 401 | 403)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_guesser_would_get_counts_as_a_failure() {
        for (status, expected) in [
            (200, false),
            (400, true),
            (401, true),
            (403, true),
            (404, false),
            (429, false),
            (500, false),
            (503, false),
        ] {
            assert_eq!(is_failure(status), expected, "{status}");
        }
    }
}
