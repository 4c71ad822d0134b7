//! Random bytes for one request, expanded from one seed.
//!
//! **Owns** the expansion. **Does not own** the seed: the edge draws it from the runtime's generator once per request,
//! so that every other layer is a function of its arguments and can be tested with a fixed seed.

use std::fmt;

use crate::token::secret::MacKey;

/// An endless supply of unpredictable bytes: HMAC-SHA256 in counter mode (NIST SP 800-108r1 §4.1) keyed by a seed that
/// is drawn once and used for one request only.
pub struct Randomness {
    key: MacKey,
    counter: u64,
}

impl Randomness {
    /// Starts from 32 bytes of a cryptographic random number generator. A seed must never be used twice.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { key: MacKey::new(&seed), counter: 0 }
    }

    /// The next 32 bytes.
    pub fn next_32(&mut self) -> [u8; 32] {
        self.counter = self.counter.wrapping_add(1);
        self.key.sign(&[b"token-auth-edge/randomness/v1", &self.counter.to_be_bytes()])
    }

    /// The next 16 bytes.
    pub fn next_16(&mut self) -> [u8; 16] {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = self.next_32();
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Randomness(REDACTED)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_and_no_two_seeds_agree() {
        let mut first = Randomness::from_seed([1; 32]);
        let mut second = Randomness::from_seed([2; 32]);
        let draws = [first.next_32(), first.next_32(), second.next_32(), second.next_32()];
        for (position, draw) in draws.iter().enumerate() {
            assert!(!draws[position + 1..].contains(draw));
        }
    }

    #[test]
    fn it_never_prints_its_seed() {
        assert_eq!(format!("{:?}", Randomness::from_seed([7; 32])), "Randomness(REDACTED)");
    }
}
