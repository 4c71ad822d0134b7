//! Conditions of a permission rule: which things of its subject a rule is about.
//!
//! A condition names a field of the thing and what its value must be: equal, not equal, one of several, or matching a
//! glob. All conditions of a rule must hold. Besides matching a thing, two sets of conditions can be compared: does one
//! cover everything that the other does (for the privilege boundary), and could both be about the same thing?

use std::collections::{BTreeMap, BTreeSet};

use crate::permission::glob;

/// What one field's value must be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FieldCondition {
    /// `$eq`: exactly this.
    Equal(String),
    /// `$ne`: anything but this.
    NotEqual(String),
    /// `$in`: one of these.
    OneOf(BTreeSet<String>),
    /// `$glob`: something that this pattern matches.
    Glob(String),
}

/// The conditions of one rule; none at all is "everything".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Conditions {
    tests: BTreeMap<String, Vec<FieldCondition>>,
    verbatim: Option<String>,
    spelling: Option<String>,
}

/// The fields of the thing that a permission is needed for.
pub type Attributes<'a> = &'a [(&'a str, &'a str)];

/// How a rule's conditions relate to a thing of which perhaps not every field is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applies {
    Yes,
    No,
    /// They are about a field that is not known.
    Unknown,
}

impl Conditions {
    /// The rule is about everything.
    pub fn none() -> Self {
        Self::default()
    }

    /// Conditions that are kept as they were sent and mean nothing here: those of rules that nothing here is decided by.
    /// Of two texts that differ nobody knows whether one covers the other.
    pub fn verbatim(text: &str) -> Self {
        Self { verbatim: Some(text.to_owned()), ..Self::default() }
    }

    /// The text of conditions that are kept as they were sent.
    pub fn as_verbatim(&self) -> Option<&str> {
        self.verbatim.as_deref()
    }

    /// The same conditions, to be shown in these words. Whoever compares what it wrote with what it reads wants them back;
    /// they mean nothing.
    #[must_use]
    pub fn spelled(self, text: String) -> Self {
        Self { spelling: Some(text), ..self }
    }

    /// The words in which they are to be shown, where these are not the usual ones.
    pub fn spelling(&self) -> Option<&str> {
        self.spelling.as_deref()
    }

    /// Adds a test of a field.
    #[must_use]
    pub fn and(mut self, field: impl Into<String>, test: FieldCondition) -> Self {
        self.tests.entry(field.into()).or_default().push(test);
        self
    }

    /// Whether the rule is about everything.
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty() && self.verbatim.is_none()
    }

    /// Every field with its tests, in a fixed order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &[FieldCondition])> {
        self.tests.iter().map(|(field, tests)| (field.as_str(), tests.as_slice()))
    }

    /// Whether the rule is about a thing with these fields.
    pub fn apply(&self, thing: Attributes<'_>) -> Applies {
        let mut applies = if self.verbatim.is_some() { Applies::Unknown } else { Applies::Yes };
        for (field, tests) in &self.tests {
            match thing.iter().find(|(known, _)| known == field) {
                Some((_, value)) if tests.iter().all(|test| test.accepts(value)) => {}
                Some(_) => return Applies::No,
                None => applies = Applies::Unknown,
            }
        }
        applies
    }

    /// How much there is to compare.
    pub fn extent(&self) -> Extent {
        let mut extent = match &self.verbatim {
            // Compared as a whole.
            Some(text) => Extent { tests: 1, values: text.len() as u64 / 64, ..Extent::default() },
            None => Extent::default(),
        };
        for test in self.tests.values().flatten() {
            extent.tests = extent.tests.saturating_add(1);
            let (values, bytes, patterns) = match test {
                FieldCondition::Equal(value) | FieldCondition::NotEqual(value) => (1, value.len(), 0),
                FieldCondition::OneOf(values) => (values.len(), values.iter().map(String::len).sum(), 0),
                FieldCondition::Glob(pattern) => (0, 0, glob::most_steps_for_each_byte(pattern).saturating_add(1)),
            };
            extent.values = extent.values.saturating_add(values as u64);
            extent.bytes = extent.bytes.saturating_add(bytes as u64);
            extent.patterns = extent.patterns.saturating_add(patterns as u64);
        }
        extent
    }

    /// Whether everything that `other` is about is also something that this is about. `false` when that is not certain.
    pub fn cover(&self, other: &Self) -> bool {
        if self.verbatim.is_some() && self.verbatim != other.verbatim {
            return false;
        }
        self.tests.iter().all(|(field, tests)| {
            let others = other.tests.get(field).map_or(&[][..], Vec::as_slice);
            tests.iter().all(|test| others.iter().any(|narrower| test.covers(narrower)))
        })
    }

    /// Whether nothing can be what both are about. `false` when that is not certain.
    pub fn exclude(&self, other: &Self) -> bool {
        self.tests.iter().any(|(field, tests)| {
            let others = other.tests.get(field).map_or(&[][..], Vec::as_slice);
            tests.iter().any(|test| others.iter().any(|their| test.excludes(their)))
        })
    }
}

/// How much there is to compare in the conditions of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Extent {
    tests: u64,
    values: u64,
    bytes: u64,
    patterns: u64,
}

/// What looking at one more rule takes, conditions aside.
const STEPS_OF_A_RULE: u64 = 2;
/// What making a pattern ready takes for each 64 bytes of it.
const STEPS_OF_A_PATTERN: u64 = 100;

impl Extent {
    /// The most steps that comparing these conditions with others takes, in whichever direction.
    pub const fn steps_with(self, other: Self) -> u64 {
        let both_ways = self.searching(other).saturating_add(other.searching(self));
        STEPS_OF_A_RULE
            .saturating_add(self.tests.saturating_mul(other.tests).saturating_mul(4))
            .saturating_add(if self.tests == 0 { 0 } else { self.values.saturating_add(other.values) })
            .saturating_add(both_ways)
    }

    /// Matching the values of others with the patterns here.
    const fn searching(self, other: Self) -> u64 {
        let of_each_word = STEPS_OF_A_PATTERN.saturating_mul(other.values).saturating_add(other.bytes);
        self.patterns.saturating_mul(of_each_word)
    }
}

/// Characters that mean something in other patterns. Somebody would mean it.
const NOT_IN_A_GLOB: [char; 6] = ['[', ']', '{', '}', '!', '\\'];

impl FieldCondition {
    /// A pattern of `*` (any run of characters within one path segment), `**` (any number of segments), `?` (one
    /// character) and other characters that stand for themselves. `None` when there is anything else in it.
    pub fn glob(pattern: &str) -> Option<Self> {
        (!pattern.contains(NOT_IN_A_GLOB)).then(|| Self::Glob(pattern.to_owned()))
    }

    fn accepts(&self, value: &str) -> bool {
        match self {
            Self::Equal(expected) => expected == value,
            Self::NotEqual(unwanted) => unwanted != value,
            Self::OneOf(expected) => expected.contains(value),
            Self::Glob(pattern) => glob::matches(pattern, value),
        }
    }

    /// Whether it accepts everything that `narrower` accepts.
    fn covers(&self, narrower: &Self) -> bool {
        match (self, narrower) {
            (Self::OneOf(wide), Self::OneOf(values)) => values.is_subset(wide),
            (_, Self::Equal(value)) => self.accepts(value),
            (_, Self::OneOf(values)) => values.iter().all(|value| self.accepts(value)),
            (Self::Glob(wide), Self::Glob(narrow)) => glob::covers(wide, narrow),
            // Of exclusions only the same one is certain to be covered.
            (_, Self::NotEqual(_) | Self::Glob(_)) => {
                self == narrower || matches!(self, Self::Glob(pattern) if pattern == "**")
            }
        }
    }

    /// Whether no value is accepted by both.
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::OneOf(values), Self::OneOf(others)) => values.is_disjoint(others),
            (Self::Equal(value), _) => !other.accepts(value),
            (_, Self::Equal(value)) => !self.accepts(value),
            (Self::OneOf(values), _) => !values.iter().any(|value| other.accepts(value)),
            (_, Self::OneOf(values)) => !values.iter().any(|value| self.accepts(value)),
            (Self::Glob(one), Self::Glob(another)) => glob::exclude(one, another),
            (Self::NotEqual(_), Self::NotEqual(_) | Self::Glob(_)) | (Self::Glob(_), Self::NotEqual(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one_of(values: &[&str]) -> FieldCondition {
        FieldCondition::OneOf(values.iter().map(|value| (*value).to_owned()).collect())
    }

    fn equal(value: &str) -> FieldCondition {
        FieldCondition::Equal(value.to_owned())
    }

    fn not_equal(value: &str) -> FieldCondition {
        FieldCondition::NotEqual(value.to_owned())
    }

    fn glob(pattern: &str) -> FieldCondition {
        FieldCondition::Glob(pattern.to_owned())
    }

    #[test]
    fn a_test_accepts_the_values_it_describes() {
        #[track_caller]
        fn check(test: FieldCondition, value: &str, expected: bool) {
            assert_eq!(test.accepts(value), expected, "{test:?} {value:?}");
        }
        check(equal("a"), "a", true);
        check(equal("a"), "A", false);
        check(not_equal("a"), "b", true);
        check(not_equal("a"), "a", false);
        check(one_of(&["a", "b"]), "b", true);
        check(one_of(&["a", "b"]), "c", false);
        check(one_of(&[]), "", false);
        check(glob("/orders/*"), "/orders/7", true);
        check(glob("/orders/*"), "/orders/7/items", false);
        check(glob("/orders/**"), "/orders/7/items", true);
        check(glob("/orders/*"), "/orders2/7", false);
        check(glob("**"), "/anything/at/all", true);
    }

    #[test]
    fn a_rule_is_about_a_thing_when_every_field_fits_and_unsure_when_a_field_is_unknown() {
        let conditions = Conditions::none().and("identityId", equal("1")).and("path", glob("/a/**"));
        assert_eq!(conditions.apply(&[("identityId", "1"), ("path", "/a/b")]), Applies::Yes);
        assert_eq!(conditions.apply(&[("identityId", "1"), ("path", "/b")]), Applies::No);
        assert_eq!(conditions.apply(&[("identityId", "1")]), Applies::Unknown);
        assert_eq!(conditions.apply(&[("identityId", "2")]), Applies::No);
        assert_eq!(Conditions::none().apply(&[]), Applies::Yes);
    }

    #[test]
    fn conditions_cover_others_only_when_that_is_certain() {
        #[track_caller]
        fn check(wide: Option<FieldCondition>, narrow: Option<FieldCondition>, expected: bool) {
            let conditions = |test: Option<FieldCondition>| match test {
                Some(test) => Conditions::none().and("field", test),
                None => Conditions::none(),
            };
            let (wide, narrow) = (conditions(wide), conditions(narrow));
            assert_eq!(wide.cover(&narrow), expected, "{wide:?} {narrow:?}");
        }
        check(None, None, true);
        check(None, Some(equal("a")), true);
        check(Some(equal("a")), None, false);
        check(Some(equal("a")), Some(equal("a")), true);
        check(Some(equal("a")), Some(equal("b")), false);
        check(Some(equal("a")), Some(one_of(&["a"])), true);
        check(Some(one_of(&["a", "b"])), Some(equal("a")), true);
        check(Some(one_of(&["a", "b"])), Some(one_of(&["a", "c"])), false);
        check(Some(not_equal("a")), Some(equal("b")), true);
        check(Some(not_equal("a")), Some(not_equal("a")), true);
        check(Some(not_equal("a")), Some(not_equal("b")), false);
        check(Some(not_equal("a")), Some(glob("b*")), false);
        check(Some(glob("/a/*")), Some(equal("/a/b")), true);
        check(Some(glob("/a/*")), Some(one_of(&["/a/b", "/c"])), false);
        check(Some(glob("/a/*")), Some(glob("/a/*")), true);
        check(Some(glob("**")), Some(glob("/a/*")), true);
        check(Some(glob("/a/**")), Some(glob("/a/*")), true);
        check(Some(glob("/a/**")), Some(glob("/a/b/**")), true);
        check(Some(glob("/a/**")), Some(glob("/a/**/b")), true);
        check(Some(glob("/a/**")), Some(glob("/a*")), false);
        check(Some(glob("/a/**")), Some(glob("/**/a/b")), false);
        check(Some(glob("/a?/**")), Some(glob("/ab/c/*")), false);
        check(Some(glob("/a**")), Some(glob("/ab/*")), false);
    }

    #[test]
    fn conditions_that_nobody_reads_never_apply_and_cover_only_themselves() {
        let verbatim = |text: &str| Conditions::verbatim(text);
        let read = Conditions::none().and("a", equal("b"));
        assert_eq!(verbatim("{}").apply(&[]), Applies::Unknown);
        assert_eq!(verbatim("{}").apply(&[("a", "b")]), Applies::Unknown);
        assert!(!verbatim("{}").is_empty());
        assert!(verbatim("x").cover(&verbatim("x")));
        assert!(Conditions::none().cover(&verbatim("x")));
        for other in [Conditions::none(), verbatim("y"), read.clone()] {
            assert!(!verbatim("x").cover(&other));
            assert!(!verbatim("x").exclude(&other) && !other.exclude(&verbatim("x")));
        }
        assert!(!read.cover(&verbatim("x")));
    }

    const VALUES: [&str; 4] = ["a", "b", "a/b", "c"];

    fn any_requirement() -> impl Strategy<Value = FieldCondition> {
        let value = proptest::sample::select(VALUES.to_vec());
        prop_oneof![
            value.clone().prop_map(equal),
            value.clone().prop_map(not_equal),
            proptest::collection::btree_set(value.prop_map(str::to_owned), 0..3).prop_map(FieldCondition::OneOf),
            proptest::sample::select(vec!["a*", "*", "**", "a/*", "a/**", "a/**/b", "b*", "a/b"]).prop_map(glob),
        ]
    }

    fn any_conditions() -> impl Strategy<Value = Conditions> {
        proptest::collection::vec((proptest::sample::select(vec!["x", "y"]), any_requirement()), 0..3).prop_map(
            |tests| tests.into_iter().fold(Conditions::none(), |conditions, (field, test)| conditions.and(field, test)),
        )
    }

    proptest! {
        #[test]
        fn what_covers_and_what_excludes_agrees_with_every_thing_there_is(
            one in any_conditions(), other in any_conditions()
        ) {
            for x in VALUES {
                for y in VALUES {
                    let thing = [("x", x), ("y", y)];
                    let (first, second) = (one.apply(&thing), other.apply(&thing));
                    if one.cover(&other) {
                        prop_assert!(second != Applies::Yes || first == Applies::Yes);
                    }
                    if one.exclude(&other) {
                        prop_assert!(first != Applies::Yes || second != Applies::Yes);
                    }
                }
            }
        }
    }
}
