//! The id by which a caller and a log line speak of the same request.

use domain::value::randomness::Randomness;

/// Characters after the prefix.
const CHARACTERS: usize = 14;
/// Letters and digits that cannot be mistaken for one another.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// Makes an id: `req-` and 14 characters, 70 random bits.
pub fn new_request_id(randomness: &mut Randomness) -> String {
    let mut id = String::from("req-");
    for byte in randomness.next_32().iter().take(CHARACTERS) {
        let character = ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or(b'2');
        id.push(char::from(character));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_the_form_that_clients_know() {
        let mut randomness = Randomness::from_seed([1; 32]);
        let (first, second) = (new_request_id(&mut randomness), new_request_id(&mut randomness));
        assert_eq!(first.len(), 18);
        assert!(first.starts_with("req-"));
        assert_ne!(first, second);
    }
}
