//! Fixed-width base62: big-endian bytes as a number, written with `0-9A-Za-z`.
//!
//! A value has exactly one encoding and a decoder refuses every other one, so that a token cannot be respelled.

/// The digits, in order of value. WARNING: changing them invalidates every token that was ever issued.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Appends `bytes` to `text` as exactly `width` digits. `width` must be enough for `bytes.len()` bytes; digits that do
/// not fit are lost.
pub(super) fn encode(bytes: &[u8], width: usize, text: &mut String) {
    let mut number = bytes.to_vec();
    let mut digits = Vec::with_capacity(width);
    for _ in 0..width {
        let mut remainder = 0u32;
        for byte in &mut number {
            let value = (remainder << 8) | u32::from(*byte);
            // `remainder` is below 62, so `value / 62` is below 256.
            *byte = (value / 62) as u8;
            remainder = value % 62;
        }
        digits.push(DIGITS.get(remainder as usize).copied().unwrap_or(b'0'));
    }
    text.extend(digits.iter().rev().map(|digit| char::from(*digit)));
}

/// The `N` bytes that `text` encodes; `None` when a character is not a digit or the number does not fit.
pub(super) fn decode<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut number = [0u8; N];
    for character in text {
        let mut carry = u32::from(digit_value(*character)?);
        for byte in number.iter_mut().rev() {
            let value = u32::from(*byte) * 62 + carry;
            *byte = (value & 0xff) as u8;
            carry = value >> 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(number)
}

const fn digit_value(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'A'..=b'Z' => Some(character - b'A' + 10),
        b'a'..=b'z' => Some(character - b'a' + 36),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values_are_encoded_as_ever() {
        #[track_caller]
        fn check(bytes: &[u8], width: usize, expected: &str) {
            let mut text = String::new();
            encode(bytes, width, &mut text);
            assert_eq!(text, expected);
        }
        check(&[0; 8], 11, "00000000000");
        check(&[0, 0, 0, 0, 0, 0, 0, 61], 11, "0000000000z");
        check(&[0, 0, 0, 0, 0, 0, 0, 62], 11, "00000000010");
        check(&[0xff; 8], 11, "LygHa16AHYF");
    }

    #[test]
    fn a_number_too_large_or_a_foreign_character_is_refused() {
        assert_eq!(decode::<8>(b"LygHa16AHYF"), Some([0xff; 8]));
        assert_eq!(decode::<8>(b"LygHa16AHYG"), None);
        assert_eq!(decode::<8>(b"zzzzzzzzzzz"), None);
        assert_eq!(decode::<8>(b"0000000000-"), None);
        assert_eq!(decode::<8>("0000000000é".as_bytes()), None);
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(bytes: [u8; 32]) {
            let mut text = String::new();
            encode(&bytes, 43, &mut text);
            prop_assert_eq!(text.len(), 43);
            prop_assert_eq!(decode::<32>(text.as_bytes()), Some(bytes));
        }

        #[test]
        fn every_text_that_decodes_is_the_one_encoding_of_its_value(text in "[0-9A-Za-z]{22}") {
            if let Some(bytes) = decode::<16>(text.as_bytes()) {
                let mut again = String::new();
                encode(&bytes, 22, &mut again);
                prop_assert_eq!(again, text);
            }
        }
    }
}
