//! The canonical path of a proxied request: accepted as it is, or refused; never rewritten.
//!
//! The path that is authorized is the path that is forwarded. Two programs could read some paths in two ways (one
//! decodes `%2e`, another merges `//`, a third cuts `;x`): we would authorize one path, and the origin would serve
//! another. So the gateway refuses them.
//!
//! Only the case of hexadecimal digits is free: `%c3` and `%C3` are the same (RFC 3986 §6.2.2.1). The gateway sends
//! such a path on as it came, and compares it with routes and conditions in upper case.
//!
//! **Invariant**: [`RequestPath::as_sent`] is the very text that was sent, and [`RequestPath::as_str`] differs from it in
//! the case of hexadecimal digits behind a `%` at most. A path has exactly one form that decides, survives the URL parser
//! of a browser unchanged, and no segment of it is `.`, `..` or, but for the last, empty.

use std::borrow::Cow;
use std::fmt;

/// The most bytes a path may have. An origin gets it twice, once within the assertion, where base64 makes a third more of
/// it: together that is 9.3 KiB, and many an origin takes no more than 16 KiB before a body.
pub const LONGEST_PATH: usize = 4 * 1024;

/// A path that can be read in one way only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestPath {
    deciding: String,
    /// What was sent, where that is not the same.
    sent: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AmbiguousPath {
    /// It does not begin with `/`.
    NotAbsolute,
    /// More than [`LONGEST_PATH`] bytes.
    TooLong,
    /// A byte that a path may not hold as it is (RFC 3986 §3.3): a control character, a space, a backslash, a byte of
    /// a non-ASCII character, or a `;`, behind which some servers cut a segment.
    Character,
    /// A `%` without two hexadecimal digits.
    PercentEncoding,
    /// An encoding of a character that needs none (RFC 3986 §2.3), so that two texts would name one resource.
    NeedlessEncoding,
    /// An encoded slash, backslash or control character.
    EncodedSeparator,
    /// An encoded `%` that together with what follows would be an encoding again.
    DoubleEncoding,
    /// Encoded bytes that are no UTF-8.
    NotUtf8,
    /// `//`.
    EmptySegment,
    /// `.` or `..`.
    DotSegment,
}

impl AmbiguousPath {
    /// What is wrong, for whoever sent the path.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::NotAbsolute => "the path does not begin with a slash",
            Self::TooLong => "the path is too long",
            Self::Character => {
                "the path holds a character that has to be percent-encoded, or a backslash or a semicolon"
            }
            Self::PercentEncoding => "a percent sign is not followed by two hexadecimal digits",
            Self::NeedlessEncoding => "a letter, digit, hyphen, dot, underscore or tilde is percent-encoded",
            Self::EncodedSeparator => "a slash, a backslash or a control character is percent-encoded",
            Self::DoubleEncoding => "a percent-encoding is encoded again",
            Self::NotUtf8 => "the percent-encoded bytes are no UTF-8",
            Self::EmptySegment => "the path holds two slashes in a row",
            Self::DotSegment => "the path holds the segment . or ..",
        }
    }
}

impl RequestPath {
    /// Checks a path, given without its query.
    pub fn parse(text: &str) -> Result<Self, AmbiguousPath> {
        let Some(below_root) = text.strip_prefix('/') else { return Err(AmbiguousPath::NotAbsolute) };
        if text.len() > LONGEST_PATH {
            return Err(AmbiguousPath::TooLong);
        }
        let mut segments = below_root.split('/').peekable();
        while let Some(segment) = segments.next() {
            check_segment(segment)?;
            if segment.is_empty() && segments.peek().is_some() {
                return Err(AmbiguousPath::EmptySegment);
            }
        }
        Ok(match with_upper_case_digits(text) {
            Cow::Borrowed(text) => Self { deciding: text.to_owned(), sent: None },
            Cow::Owned(deciding) => Self { deciding, sent: Some(text.to_owned()) },
        })
    }

    /// The path that decides: every percent-encoding in upper case. Nothing else may be compared with anything.
    pub fn as_str(&self) -> &str {
        &self.deciding
    }

    pub fn as_sent(&self) -> &str {
        self.sent.as_deref().unwrap_or(&self.deciding)
    }

    /// The same path as if it had been sent in the form that decides.
    #[must_use]
    pub fn canonical(self) -> Self {
        Self { sent: None, ..self }
    }
}

/// A text in which the hexadecimal digits of every percent-encoding are in upper case; everything else stays as it is.
pub fn with_upper_case_digits(text: &str) -> Cow<'_, str> {
    let mut digits_left = 0;
    let needs_upper_case = |letter: char| {
        let is_digit = digits_left > 0 && letter.is_ascii_hexdigit();
        digits_left = match letter {
            '%' => 2,
            _ if is_digit => digits_left - 1,
            _ => 0,
        };
        is_digit && letter.is_ascii_lowercase()
    };
    let lower: Vec<bool> = text.chars().map(needs_upper_case).collect();
    if !lower.contains(&true) {
        return Cow::Borrowed(text);
    }
    let upper =
        text.chars().zip(lower).map(|(letter, is_lower)| if is_lower { letter.to_ascii_uppercase() } else { letter });
    Cow::Owned(upper.collect())
}

fn check_segment(segment: &str) -> Result<(), AmbiguousPath> {
    if matches!(segment, "." | "..") {
        return Err(AmbiguousPath::DotSegment);
    }
    let mut decoded = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = if byte == b'%' {
            let (encoded, after) = read_encoding(after)?;
            decoded.push(encoded);
            after
        } else if is_plain(byte) {
            decoded.push(byte);
            after
        } else {
            return Err(AmbiguousPath::Character);
        };
    }
    std::str::from_utf8(&decoded).map(|_| ()).map_err(|_| AmbiguousPath::NotUtf8)
}

/// Reads what follows a `%`: the encoded byte, and the rest.
fn read_encoding(after: &[u8]) -> Result<(u8, &[u8]), AmbiguousPath> {
    let (encoded, rest) = read_byte(after).ok_or(AmbiguousPath::PercentEncoding)?;
    match encoded {
        byte if is_unreserved(byte) => Err(AmbiguousPath::NeedlessEncoding),
        b'/' | b'\\' | 0..=0x1f | 0x7f => Err(AmbiguousPath::EncodedSeparator),
        b'%' if starts_like_an_encoding(rest) => Err(AmbiguousPath::DoubleEncoding),
        byte => Ok((byte, rest)),
    }
}

fn read_byte(text: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], rest) = text.split_first_chunk::<2>()?;
    Some((digit(*high)? * 16 + digit(*low)?, rest))
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

fn starts_like_an_encoding(text: &[u8]) -> bool {
    matches!(text, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// RFC 3986 §2.3.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// `pchar` of RFC 3986 §3.3 without its encodings and without `;`.
const fn is_plain(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@')
}

impl fmt::Debug for RequestPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_sent(), formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_is_taken_as_it_is_or_refused() {
        #[track_caller]
        fn check(text: &str, expected: Result<(), AmbiguousPath>) {
            assert_eq!(RequestPath::parse(text).map(|path| assert_eq!(path.as_sent(), text)), expected, "{text:?}");
        }
        use AmbiguousPath::{
            Character, DotSegment, DoubleEncoding, EmptySegment, EncodedSeparator, NeedlessEncoding, NotAbsolute,
            NotUtf8, PercentEncoding,
        };
        for plain in ["/", "/a", "/a/", "/a/b.c/~d_e-f", "/v1/items:search", "/a@b,c=d+e!$&'()*", "/...", "/.a/..b"] {
            check(plain, Ok(()));
        }
        for encoded in [
            "/a%20b",
            "/%C3%A9",
            "/%c3%a9",
            "/%c3%A9",
            "/%3b",
            "/%3F%23%5B",
            "/100%25",
            "/%25zz",
            "/%25%20",
            "/%E2%82%AC",
            "/%3B",
        ] {
            check(encoded, Ok(()));
        }
        check("", Err(NotAbsolute));
        check("a/b", Err(NotAbsolute));
        check("*", Err(NotAbsolute));
        check("http://a/b", Err(NotAbsolute));
        check("//", Err(EmptySegment));
        check("//a", Err(EmptySegment));
        check("/a//b", Err(EmptySegment));
        check("/a//", Err(EmptySegment));
        for dots in ["/.", "/..", "/a/..", "/a/./b", "/../a", "/a/../"] {
            check(dots, Err(DotSegment));
        }
        for raw in ["/a\\b", "/\\..\\", "/a b", "/a\tb", "/a\u{0}", "/\u{7f}", "/é", "/a;b", "/..;/a", "/a[1]", "/a|b"]
        {
            check(raw, Err(Character));
        }
        for raw in ["/a\"b", "/<a>", "/{a}", "/a^b", "/a`b", "/a?b", "/a#b"] {
            check(raw, Err(Character));
        }
        for broken in ["/%", "/%2", "/%zz", "/%2g", "/%u002e", "/a%", "/%c3%a", "/%3"] {
            check(broken, Err(PercentEncoding));
        }
        for needless in
            ["/%2E%2E/a", "/%2E", "/%41", "/%7E", "/%61dmin", "/%2D", "/%5F", "/%2e%2e/a", "/%7e", "/%2E%2e"]
        {
            check(needless, Err(NeedlessEncoding));
        }
        for separator in ["/a%2Fb", "/%5C", "/%00", "/%0D%0A", "/%7F", "/%1F", "/%09", "/a%2fb", "/%5c", "/%0a"] {
            check(separator, Err(EncodedSeparator));
        }
        for double in ["/%252F", "/%252e", "/%252f", "/%25%32", "/%2541", "/%25ff"] {
            check(double, if double == "/%25%32" { Err(NeedlessEncoding) } else { Err(DoubleEncoding) });
        }
        for bytes in ["/%FF", "/%C0%AF", "/%C3", "/%ED%A0%80", "/%80", "/%ff", "/%c0%af"] {
            check(bytes, Err(NotUtf8));
        }
    }

    #[test]
    fn a_path_may_be_exactly_as_long_as_the_longest() {
        assert!(RequestPath::parse(&format!("/{}", "a".repeat(LONGEST_PATH - 1))).is_ok());
        let longer = format!("/{}", "a".repeat(LONGEST_PATH));
        assert_eq!(RequestPath::parse(&longer), Err(AmbiguousPath::TooLong));
    }

    #[test]
    fn only_the_case_of_hexadecimal_digits_is_not_compared() {
        #[track_caller]
        fn check(sent: &str, deciding: &str) {
            let path = RequestPath::parse(sent).unwrap();
            assert_eq!((path.as_sent(), path.as_str()), (sent, deciding));
            assert_eq!(path.canonical(), RequestPath::parse(deciding).unwrap());
        }
        check("/caf%c3%a9", "/caf%C3%A9");
        check("/caf%C3%a9/%25xyz/e9", "/caf%C3%A9/%25xyz/e9");
        check("/%c3%a9af/ef", "/%C3%A9af/ef");
        check("/plain/abcdef", "/plain/abcdef");
        check("/%3a%3A", "/%3A%3A");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_decodes_once_to_the_same_segments(
            text in "/([a-zA-Z0-9./;\\\\ é~_-]|%|%[0-9a-fA-F]{2}|%[cC]3%[aA][0-9a-fA-F]){0,16}",
        ) {
            if let Ok(path) = RequestPath::parse(&text) {
                prop_assert_eq!(path.as_sent(), &text);
                // What decides is the same but for the case of hexadecimal digits, is accepted too, and decodes alike.
                prop_assert!(path.as_str().eq_ignore_ascii_case(&text));
                prop_assert_eq!(percent_decode(path.as_str()), percent_decode(&text));
                let again = RequestPath::parse(path.as_str()).unwrap();
                prop_assert_eq!((again.as_sent(), again.as_str()), (path.as_str(), path.as_str()));
                let deciding = url::Url::parse(&format!("https://origin.example{}", path.as_str())).unwrap();
                prop_assert_eq!(deciding.path(), path.as_str());
                prop_assert!(!text.contains("//") && !text.contains('\\') && text.is_ascii());
                prop_assert!(text.split('/').all(|segment| segment != "." && segment != ".."));
                // What a URL parser makes of it is the same text.
                let url = url::Url::parse(&format!("https://origin.example{text}")).unwrap();
                prop_assert_eq!(url.path(), &text);
                // Decoding it makes no segment that was not there.
                let decoded = percent_decode(&text);
                prop_assert_eq!(decoded.matches('/').count(), text.matches('/').count());
                prop_assert!(decoded.split('/').all(|segment| segment != "." && segment != ".."));
            }
        }
    }

    fn percent_decode(text: &str) -> String {
        let encoded = text.replace('+', "%2B");
        let query = format!("a={}", encoded.replace('&', "%26").replace('=', "%3D"));
        form_urlencoded::parse(query.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap()
    }
}
