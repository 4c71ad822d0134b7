//! Deadlines: every wait for something outside the isolate has one.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use worker::Delay;

/// For a call to a Durable Object.
pub const OBJECT: Duration = Duration::from_secs(3);
/// For a rate limiter, which is on the same machine; nothing is limited when it passes.
pub const LIMITER: Duration = Duration::from_millis(500);
/// For a read of the replica; the authority is asked when it passes.
pub const REPLICA_READ: Duration = Duration::from_secs(2);
/// For a write to the replica; it is tried again when it passes.
pub const REPLICA_WRITE: Duration = Duration::from_secs(10);
/// For a body that is sent on to an origin: a client that stalls is given up then. 500 MB, the most that the network takes
/// of a request, need 4.4 Mbit/s.
pub const UPLOAD: Duration = Duration::from_secs(if cfg!(feature = "test-hooks") { 5 } else { 15 * 60 });
/// For the public keys of whoever vouches for operators.
pub const KEY_SET: Duration = Duration::from_secs(5);
/// For a file of the console.
pub const ASSET: Duration = Duration::from_secs(5);
/// For a request's body of at most 64 KiB.
pub const BODY: Duration = Duration::from_secs(10);

/// The deadline passed first; the outcome is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeadlinePassed;

/// Waits for `future`, but not longer than `deadline`.
pub async fn within<F: Future>(deadline: Duration, future: F) -> Result<F::Output, DeadlinePassed> {
    match select(pin!(future), pin!(Delay::from(deadline))).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(((), _)) => Err(DeadlinePassed),
    }
}
