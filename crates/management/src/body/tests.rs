//! What the lists of fields have in common, by a list that has one of each kind.

use serde_json::{Value, json};

use super::numbers::{Whole, WholeText};
use super::{Choice, Circumstances, Flat, List, Nullable, OneOf, read};
use crate::error::ManagementError;

/// Two texts.
struct Letter;

impl Choice for Letter {
    type Value = char;

    fn choices() -> impl Iterator<Item = (&'static str, char)> {
        [("a", 'a'), ("b", 'b')].into_iter()
    }
}

/// What was read.
#[derive(PartialEq, Debug)]
struct Everything {
    name: String,
    number: u64,
    page: u64,
    maybe: Option<Option<bool>>,
    list: Vec<(u64, u64)>,
    letter: char,
}

body! {
    /// One of each kind.
    EverythingRequest -> Everything {
        name: String,
        number ["aNumber"]: Whole<1, 9> = 3,
        page: Flat<Page>,
        maybe: Option<Nullable<bool>>,
        list: List<Pair, 0, 2> = [],
        letter: OneOf<Letter> = "a",
    }

    /// In the same object.
    Page -> u64 {
        limit: WholeText<1, 9> = 5,
    } => |_reader| Some(limit);

    /// Two numbers, the second of which is the greater.
    Pair -> (u64, u64) {
        /// It is smaller.
        low: Whole<0, 9>,
        high: Whole<0, 9>,
    } => |reader| {
        if low < high {
            return Some((low, high));
        }
        reader.at("high", |reader| reader.refuse_because("Not greater"))
    };
}

fn issues(sent: &Value) -> Result<Everything, Vec<String>> {
    match read::<EverythingRequest>(sent, Circumstances::ANY) {
        Ok(value) => Ok(value),
        Err(ManagementError::Invalid(issues)) => {
            let shown = serde_json::to_value(issues).unwrap();
            let line = |issue: &Value| format!("{} {}", issue["path"], issue["message"].as_str().unwrap());
            Err(shown.as_array().unwrap().iter().map(line).collect())
        }
        Err(other) => panic!("{sent}: {other:?}"),
    }
}

#[test]
fn what_is_left_out_is_read_as_if_its_default_had_been_sent() {
    let all = Everything { name: "x".to_owned(), number: 3, page: 5, maybe: None, list: vec![], letter: 'a' };
    assert_eq!(issues(&json!({ "name": "x" })), Ok(all));
    let all =
        Everything { name: String::new(), number: 9, page: 1, maybe: Some(None), list: vec![(0, 1)], letter: 'b' };
    let sent = json!({ "name": "", "aNumber": 9.0, "limit": " 1", "maybe": null, "list": [{ "low": 0, "high": 1 }],
        "letter": "b", "unknown": 7 });
    assert_eq!(issues(&sent), Ok(all));
}

#[test]
fn every_wrong_field_is_named_at_once_in_the_order_of_the_list() {
    #[track_caller]
    fn check(sent: Value, expected: &[&str]) {
        assert_eq!(issues(&sent).unwrap_err(), expected, "{sent}");
    }
    check(
        json!({ "letter": "c", "list": [{}, 1, { "low": 2, "high": "x" }], "limit": "x", "aNumber": 0 }),
        &[
            r#"["name"] Required"#,
            r#"["aNumber"] Number must be greater than or equal to 1"#,
            r#"["limit"] Expected number, received nan"#,
            r#"["list"] Array must contain at most 2 element(s)"#,
            r#"["letter"] Expected one of a, b"#,
        ],
    );
    check(
        json!({ "name": null, "maybe": 1, "list": [{ "high": -1 }, 1] }),
        &[
            r#"["name"] Expected string, received null"#,
            r#"["maybe"] Expected boolean, received number"#,
            r#"["list",0,"low"] Required"#,
            r#"["list",0,"high"] Number must be greater than or equal to 0"#,
            r#"["list",1] Expected object, received number"#,
        ],
    );
    // What is wrong only together is looked at when each alone is right.
    check(
        json!({ "name": "x", "list": [{ "low": 2, "high": 2 }, { "low": 3, "high": 10 }] }),
        &[r#"["list",0,"high"] Not greater"#, r#"["list",1,"high"] Number must be less than or equal to 9"#],
    );
    // A limit that would be dropped in silence comes last.
    check(
        json!({ "ttl": 60, "letter": null }),
        &[
            r#"["name"] Required"#,
            r#"["letter"] Expected string, received null"#,
            r#"["ttl"] This operation does not take this field, and it would have no effect"#,
        ],
    );
    for (whole, kind) in [(json!([]), "array"), (json!("x"), "string"), (json!(null), "null"), (json!(1), "number")] {
        check(whole, &[format!("[] Expected object, received {kind}").as_str()]);
    }
}

#[test]
fn a_whole_number_within_its_bounds_is_read_exactly() {
    body! {
        Number -> u64 {
            n: Whole<0, 9_007_199_254_740_991>,
        } => |_reader| Some(n);
    }
    #[track_caller]
    fn check(n: &str, expected: Result<u64, &str>) {
        let sent = serde_json::from_str(&format!("{{\"n\":{n}}}")).unwrap();
        match (read::<Number>(&sent, Circumstances::ANY), expected) {
            (Ok(number), Ok(expected)) => assert_eq!(number, expected, "{n}"),
            (Err(ManagementError::Invalid(issues)), Err(expected)) => {
                let shown = serde_json::to_value(&issues).unwrap();
                assert_eq!((issues.len(), shown[0]["message"].as_str()), (1, Some(expected)), "{n}");
            }
            (got, expected) => panic!("{n}: expected {expected:?}, got {got:?}"),
        }
    }
    let (too_small, too_big) =
        ("Number must be greater than or equal to 0", "Number must be less than or equal to 9007199254740991");
    let fraction = "Expected integer, received float";
    check("0", Ok(0));
    check("5.0", Ok(5));
    check("5e0", Ok(5));
    check("9007199254740991", Ok(9_007_199_254_740_991));
    check("9007199254740992", Err(too_big));
    check("18446744073709551615", Err(too_big));
    check("1e300", Err(too_big));
    check("-1", Err(too_small));
    check("-1e300", Err(too_small));
    check("5.5", Err(fraction));
    // It has become zero on its way, and zero says "no limit".
    check("1e-400", Err(fraction));
    check("-0.0", Err(fraction));
    check("\"5\"", Err("Expected number, received string"));
    check("null", Err("Expected number, received null"));
    check("[5]", Err("Expected number, received array"));
}
