//! Patterns of conditions, and a matcher whose cost has a bound.
//!
//! `*` is any run of bytes within one segment of a path, `**` as a whole segment is any number of segments, `?` is one
//! byte other than a slash, and everything else stands for itself. `**/` may also stand for nothing; `**` inside a
//! segment is no more than `*`.
//!
//! **Invariant**: matching takes a number of steps that is linear in the value. Patterns come from whoever manages roles
//! and values from whoever sends requests, so that a matcher that goes back and tries again would let one of them stop
//! everybody's work. What lies before the first star and behind the last one is compared once, in its place. Between
//! them stands a set of bits, one for each byte of the pattern that may be matched so far, which each byte of the value
//! moves on: a step for each byte and each 64 of such bits.

/// How many bytes of a pattern one step looks at.
const WORD: usize = 64;
/// The most words of a pattern: a pattern of a condition has at most 255 characters, of at most four bytes each.
const MOST_WORDS: usize = 16;
const SLASH: u8 = b'/';

/// One thing that a pattern is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token {
    Byte(u8),
    /// One byte other than a slash.
    One,
    /// Any bytes other than slashes.
    WithinSegment,
    Anything,
    /// Nothing, or any bytes up to a slash and the slash.
    Segments,
}

impl Token {
    const fn is_star(self) -> bool {
        matches!(self, Self::WithinSegment | Self::Anything | Self::Segments)
    }

    const fn accepts(self, byte: u8) -> bool {
        match self {
            Self::Byte(expected) => expected == byte,
            Self::One => byte != SLASH,
            Self::WithinSegment | Self::Anything | Self::Segments => false,
        }
    }
}

/// Whether a pattern matches the whole of a value.
pub fn matches(pattern: &str, value: &str) -> bool {
    let tokens = tokens(pattern.as_bytes());
    let value = value.as_bytes();
    let (before, between, behind) = parts(&tokens);
    if between.is_empty() {
        return is_exactly(before, value);
    }
    let Some(length) = value.len().checked_sub(before.len().saturating_add(behind.len())) else { return false };
    let (start, rest) = value.split_at(before.len());
    let (middle, end) = rest.split_at(length);
    is_exactly(before, start) && is_exactly(behind, end) && is_between(between, middle)
}

/// Whether the first pattern matches everything that the second one does. `false` when that is not certain.
pub fn covers(wide: &str, narrow: &str) -> bool {
    let is_below = |parent: &str| !has_wildcard(parent) && literal_head(narrow).starts_with(parent);
    wide == narrow || wide == "**" || wide.strip_suffix("**").is_some_and(|head| head.ends_with('/') && is_below(head))
}

/// Whether no value is matched by both. `false` when that is not certain.
pub fn exclude(one: &str, other: &str) -> bool {
    let (one, other) = (literal_head(one), literal_head(other));
    !one.starts_with(other) && !other.starts_with(one)
}

fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?'])
}

/// What every value that the pattern matches begins with.
fn literal_head(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or_default()
}

/// How many steps a pattern can take for each byte of a value: one for each begun 64 bytes from its first star to its
/// last, and none when there is one star at most.
pub fn steps_for_each_byte(pattern: &str) -> usize {
    let tokens = tokens(pattern.as_bytes());
    match parts(&tokens) {
        (_, [] | [_], _) => 0,
        (_, between, _) => words(between),
    }
}

/// No fewer than [`steps_for_each_byte`], from the pattern's length alone.
pub const fn most_steps_for_each_byte(pattern: &str) -> usize {
    words_of(pattern.len())
}

/// What stands before the first star, from there to the last one, and behind that.
fn parts(tokens: &[Token]) -> (&[Token], &[Token], &[Token]) {
    let Some(first) = tokens.iter().position(|token| token.is_star()) else { return (tokens, &[], &[]) };
    let last = tokens.iter().rposition(|token| token.is_star()).unwrap_or(first);
    let (before, rest) = tokens.split_at(first);
    let (between, behind) = rest.split_at((last - first).saturating_add(1));
    (before, between, behind)
}

/// How many words hold the places of what stands from the first star to the last.
fn words(between: &[Token]) -> usize {
    // Place 0 is one more. `Segments` takes a place, any other star none.
    words_of(between.iter().filter(|token| !token.is_star() || **token == Token::Segments).count())
}

const fn words_of(places: usize) -> usize {
    match places / WORD {
        few @ 0..4 => few.saturating_add(1),
        _ => MOST_WORDS + 1,
    }
}

/// The pattern as tokens. Stars that stand beside one another and mean no more together become one.
fn tokens(pattern: &[u8]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut at_start_of_segment = true;
    while let Some((&byte, behind)) = rest.split_first() {
        if byte != b'*' {
            tokens.push(if byte == b'?' { Token::One } else { Token::Byte(byte) });
            at_start_of_segment = byte == SLASH;
            rest = behind;
            continue;
        }
        let stars = rest.iter().take_while(|byte| **byte == b'*').count();
        let (_, behind) = rest.split_at(stars);
        let is_segment = stars == 2 && at_start_of_segment;
        let (token, behind) = match behind.split_first() {
            None if is_segment => (Token::Anything, behind),
            Some((&SLASH, below)) if is_segment => (Token::Segments, below),
            Some(_) | None => (Token::WithinSegment, behind),
        };
        if token == Token::Anything && tokens.last() == Some(&Token::Segments) {
            tokens.pop();
        }
        if tokens.last() != Some(&token) {
            tokens.push(token);
        }
        at_start_of_segment = token == Token::Segments;
        rest = behind;
    }
    tokens
}

fn is_exactly(tokens: &[Token], value: &[u8]) -> bool {
    steps::took(tokens.len());
    tokens.len() == value.len() && tokens.iter().zip(value).all(|(token, byte)| token.accepts(*byte))
}

/// Whether a value is what stands from the first star of a pattern to its last.
fn is_between(between: &[Token], value: &[u8]) -> bool {
    match between {
        [Token::Anything] => true,
        [Token::WithinSegment] => {
            steps::took(value.len() / size_of::<usize>());
            !value.contains(&SLASH)
        }
        [Token::Segments] => value.last().is_none_or(|byte| *byte == SLASH),
        _ => match words(between) {
            1 => search::<1>(between, value),
            2 => search::<2>(between, value),
            3 => search::<3>(between, value),
            4 => search::<4>(between, value),
            _ => search::<{ MOST_WORDS + 1 }>(between, value),
        },
    }
}

/// A set of places in a pattern: place 0 stands before its first byte, each byte leads to the next place.
type Places<const WORDS: usize> = [u64; WORDS];

/// What happens to places, for each byte that can come.
struct Moves<const WORDS: usize> {
    /// The places that a byte leads to from the place before.
    forward: Vec<Places<WORDS>>,
    /// Those of them from which the next place is reached without a byte.
    skip: Places<WORDS>,
    /// The places where every byte but a slash may be passed over.
    stay: Places<WORDS>,
    /// The places where a slash may be passed over.
    stay_at_slash: Places<WORDS>,
}

fn search<const WORDS: usize>(between: &[Token], value: &[u8]) -> bool {
    let mut moves =
        Moves { forward: vec![[0; WORDS]; 256], skip: [0; WORDS], stay: [0; WORDS], stay_at_slash: [0; WORDS] };
    let mut place = 0;
    let mut one = [0; WORDS];
    for token in between {
        match token {
            Token::WithinSegment => add(&mut moves.stay, place),
            Token::Anything => {
                add(&mut moves.stay, place);
                add(&mut moves.stay_at_slash, place);
            }
            Token::Segments => {
                add(&mut moves.stay, place);
                add(&mut moves.stay_at_slash, place);
                add(&mut moves.skip, place);
                place += 1;
                moves.forward.get_mut(usize::from(SLASH)).into_iter().for_each(|places| add(places, place));
            }
            Token::Byte(byte) => {
                place += 1;
                moves.forward.get_mut(usize::from(*byte)).into_iter().for_each(|places| add(places, place));
            }
            Token::One => {
                place += 1;
                add(&mut one, place);
            }
        }
    }
    // Once for all of them: a pattern can have hundreds.
    if one.iter().any(|word| *word != 0) {
        let others = (0..=u8::MAX).zip(&mut moves.forward).filter(|(byte, _)| *byte != SLASH);
        others.for_each(|(_, places)| places.iter_mut().zip(&one).for_each(|(places, one)| *places |= one));
    }
    steps::took(WORDS.saturating_mul(256 / 8).saturating_add(between.len()));

    let mut reached = [0; WORDS];
    add(&mut reached, 0);
    if between.first() == Some(&Token::Segments) {
        add(&mut reached, 1);
    }
    for (at, byte) in value.iter().enumerate() {
        let Some(forward) = moves.forward.get(usize::from(*byte)) else { return false };
        let stay = if *byte == SLASH { &moves.stay_at_slash } else { &moves.stay };
        if !advance(&mut reached, forward, &moves.skip, stay) {
            steps::took(at.saturating_mul(WORDS));
            return false;
        }
    }
    steps::took(value.len().saturating_mul(WORDS));
    reached.get(place / WORD).is_some_and(|word| word & (1 << (place % WORD)) != 0)
}

/// Moves the places on; whether there are any left. One loop over plain words, because everything rests on its speed.
fn advance<const WORDS: usize>(
    reached: &mut Places<WORDS>,
    forward: &Places<WORDS>,
    skip: &Places<WORDS>,
    stay: &Places<WORDS>,
) -> bool {
    let (mut carried, mut carried_skip, mut any) = (0, 0, 0);
    for (((word, forward), skip), stay) in reached.iter_mut().zip(forward).zip(skip).zip(stay) {
        let arrived = ((*word << 1) | carried) & forward;
        carried = *word >> (WORD - 1);
        let skipping = arrived & skip;
        *word = arrived | (skipping << 1) | carried_skip | (*word & stay);
        carried_skip = skipping >> (WORD - 1);
        any |= *word;
    }
    any != 0
}

fn add<const WORDS: usize>(places: &mut Places<WORDS>, place: usize) {
    if let Some(word) = places.get_mut(place / WORD) {
        *word |= 1 << (place % WORD);
    }
}

/// How much work matching was. Counted in tests only.
pub mod steps {
    #[cfg(any(test, feature = "test-support"))]
    use std::cell::Cell;

    #[cfg(any(test, feature = "test-support"))]
    thread_local! {
        static TAKEN: Cell<u64> = const { Cell::new(0) };
    }

    #[cfg(not(any(test, feature = "test-support")))]
    pub(super) const fn took(_steps: usize) {}

    #[cfg(any(test, feature = "test-support"))]
    pub(super) fn took(steps: usize) {
        TAKEN.set(TAKEN.get() + steps as u64);
    }

    /// The steps that this takes.
    #[cfg(any(test, feature = "test-support"))]
    pub fn of<T>(work: impl FnOnce() -> T) -> (T, u64) {
        let before = TAKEN.get();
        let result = work();
        (result, TAKEN.get() - before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::request_path::LONGEST_PATH;
    use proptest::prelude::*;

    #[test]
    fn a_pattern_matches_what_it_describes() {
        #[track_caller]
        fn check(pattern: &str, yes: &[&str], no: &[&str]) {
            for value in yes {
                assert!(matches(pattern, value), "{pattern} {value}");
            }
            for value in no {
                assert!(!matches(pattern, value), "{pattern} {value}");
            }
        }
        check("", &[""], &["a"]);
        check("/a", &["/a"], &["/A", "/a/", "/", ""]);
        check("/?/b", &["/a/b"], &["///b", "//b", "/aa/b"]);
        check("/orders/*", &["/orders/7", "/orders/"], &["/orders", "/orders/7/x", "/orders2/7"]);
        check("/orders/**", &["/orders/7", "/orders/", "/orders/7/x"], &["/orders", "/orders2/7"]);
        check("/a/**/b", &["/a/b", "/a/x/b", "/a/x/y/b"], &["/ab", "/a/xb", "/a/b/c"]);
        check("**", &["", "/", "/a/b"], &[]);
        check("**/b", &["b", "/b", "a/b"], &["ab", "a/b/c"]);
        check("/**/*.json", &["/a.json", "/a/b.json", "/.json"], &["/a.json/b", "a.json"]);
        check("/*/x/*", &["/a/x/b", "//x/"], &["/a/y/b", "/a/x/b/c"]);
        check("/a**", &["/a", "/ab"], &["/a/b"]);
        check("/a/***", &["/a/", "/a/b"], &["/a/b/c"]);
        check("/**/**/a", &["/a", "/x/a", "/x/y/a"], &["/xa"]);
        check("/**/**", &["/", "/a/b"], &["a"]);
        check("*a*b*", &["ab", "xaxbx"], &["ba", "a/b"]);
        check("a*a", &["aa", "aba"], &["a"]);
    }

    /// What the documentation says, written down without a thought for what it costs.
    fn plainly(tokens: &[Token], value: &[u8]) -> bool {
        let Some((first, rest)) = tokens.split_first() else { return value.is_empty() };
        let tails = || (0..=value.len()).map(|length| value.split_at(length));
        match first {
            Token::Byte(_) | Token::One => {
                value.split_first().is_some_and(|(byte, tail)| first.accepts(*byte) && plainly(rest, tail))
            }
            Token::WithinSegment => tails().any(|(skipped, tail)| !skipped.contains(&SLASH) && plainly(rest, tail)),
            Token::Anything => tails().any(|(_, tail)| plainly(rest, tail)),
            Token::Segments => {
                tails().any(|(skipped, tail)| skipped.last().is_none_or(|last| *last == SLASH) && plainly(rest, tail))
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn the_fast_way_finds_what_the_plain_way_finds(pattern in "[ab/?*]{0,12}", value in "[ab/]{0,12}") {
            prop_assert_eq!(matches(&pattern, &value), plainly(&tokens(pattern.as_bytes()), value.as_bytes()));
        }

        #[test]
        fn it_agrees_with_the_library_that_decided_before(
            pattern in "(/(a|b|ab|[*]|a[*]|[*]b|[?]|[*][*])){0,5}", value in "(/(a|b|ab|aab)){1,5}"
        ) {
            prop_assert_eq!(matches(&pattern, &value), fast_glob::glob_match(&pattern, &value), "{} {}", pattern, value);
        }

    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn long_patterns_are_matched_over_the_borders_of_words(
            front in 0_usize..200, back in 0_usize..200, value in "[ab]{0,8}"
        ) {
            let (front, back) = ("a".repeat(front), "b".repeat(back));
            let pattern = format!("*{front}?*{back}*");
            let value = format!("{value}{front}{value}{back}{value}");
            prop_assert_eq!(matches(&pattern, &value), plainly(&tokens(pattern.as_bytes()), value.as_bytes()));
        }
    }

    #[test]
    fn the_work_is_linear_in_the_value_whatever_the_pattern() {
        let path = format!("/{}", "a".repeat(LONGEST_PATH - 1));
        for (pattern, words) in [
            (format!("/*{}b*", "a".repeat(40)), 1),
            (format!("/*{}b*", "*a".repeat(40)), 1),
            (format!("/**/*{}b*", "?*".repeat(60)), 1),
            (format!("/*{}b*", "a".repeat(250)), 4),
            (format!("{}b", "*a".repeat(127)), 2),
            ("/**/**/**/*a*b*".to_owned(), 1),
            (format!("*{}*", "a".repeat(1_020)), 17),
        ] {
            let (_, taken) = steps::of(|| matches(&pattern, &path));
            let bound = (LONGEST_PATH + 256 / 8) * words + 2 * pattern.len();
            assert!(taken <= bound as u64, "{pattern}: {taken} > {bound}");
            assert_eq!(steps_for_each_byte(&pattern), words, "{pattern}");
            assert!(most_steps_for_each_byte(&pattern) >= words, "{pattern}");
        }
        for pattern in ["/*", "/**", "/a*", "/?*a", "/*/b"] {
            let (_, taken) = steps::of(|| matches(pattern, &path));
            assert!(taken <= (LONGEST_PATH / 8 + 10) as u64, "{pattern}: {taken}");
            assert_eq!(steps_for_each_byte(pattern), 0, "{pattern}");
        }
    }
}
