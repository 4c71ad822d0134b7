//! The elements of a field whose value is a list (RFC 9110 §5.6.1).

/// What stands between commas that are not quoted, without what is empty. `None` where a quotation does not end.
pub(super) fn elements(value: &str) -> Option<Vec<&str>> {
    let (mut found, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (index, letter) in value.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                found.extend(value.get(start..index));
                start = index + 1;
            }
            _ => {}
        }
    }
    found.extend(value.get(start..));
    let elements = found.into_iter().map(str::trim).filter(|element| !element.is_empty()).collect();
    (!is_quoted).then_some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_separates_unless_it_is_quoted() {
        fn check(value: &str, expected: Option<&[&str]>) {
            assert_eq!(elements(value).as_deref(), expected, "{value}");
        }
        check("", Some(&[]));
        check(" , ,", Some(&[]));
        check("a", Some(&["a"]));
        check("a, b=\"c, d\" ,e", Some(&["a", "b=\"c, d\"", "e"]));
        check("a=\"\\\",\", b", Some(&["a=\"\\\",\"", "b"]));
        check("a\\, b", Some(&["a\\", "b"]));
        check("a=\"b, c", None);
        check("a=\"b\\\"", None);
    }
}
