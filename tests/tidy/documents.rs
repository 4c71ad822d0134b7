//! What the documents say of the code: the files they name are there, and the log's events are in `docs/operation.md`.

use super::{Source, is_name, repository};

/// Files of the program, of tests and of scripts; others, such as those of an operator, may be anywhere.
const ENDINGS: [&str; 3] = [".rs", ".mjs", ".sh"];

/// The texts in back-quotes, outside of blocks.
fn quoted(document: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (position, outside_of_blocks) in document.split("```").enumerate() {
        if position % 2 == 0 {
            found.extend(outside_of_blocks.split('`').skip(1).step_by(2));
        }
    }
    found
}

/// Each file that a document names is there. A name may be the end of a path, and leave `tests/` out.
fn named_files(document: &Source, sources: &[Source]) -> Vec<String> {
    let is_the_end_of = |path: &str, name: &str| path == name || path.ends_with(&format!("/{name}"));
    let is_there = |name: &str| {
        sources.iter().any(|source| {
            is_the_end_of(&source.path, name) || is_the_end_of(&source.path.replace("/tests/", "/"), name)
        })
    };
    let is_file = |text: &&str| {
        let ends = ENDINGS.iter().any(|ending| text.len() > ending.len() && text.ends_with(ending));
        ends && text.chars().all(|character| is_name(character) || "/.-".contains(character))
    };
    let missing = quoted(&document.text).into_iter().filter(is_file).filter(|name| !is_there(name));
    missing.map(|name| format!("{}: there is no {name}", document.path)).collect()
}

/// The variants of `Event`, as they stand in a log line.
fn events(log: &str) -> Vec<String> {
    let variants = log.split_once("pub enum Event {").and_then(|(_, rest)| rest.split_once('}'));
    let lines = variants.map(|(variants, _)| variants).unwrap_or_default().lines().map(str::trim);
    lines.filter(|line| !line.starts_with("///")).filter_map(|line| line.strip_suffix(',')).map(in_snake_case).collect()
}

fn in_snake_case(name: &str) -> String {
    let capital = |letter: char| format!("_{}", letter.to_ascii_lowercase());
    let text: String =
        name.chars().map(|letter| if letter.is_uppercase() { capital(letter) } else { letter.into() }).collect();
    text.trim_start_matches('_').to_owned()
}

/// The table of log lines in `docs/operation.md` has a row for each event, and no other rows.
fn logged_events(log: &str, readme: &str) -> Vec<String> {
    let logged = events(log);
    let table = readme.split_once("| `event` | `code` |\n").map(|(_, rest)| rest.split("\n\n").next().unwrap_or(rest));
    let rows = table.unwrap_or_default().lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next());
    let rows: Vec<&str> = rows.collect();
    let missing = logged.iter().filter(|event| !rows.contains(&event.as_str()));
    let mut complaints: Vec<String> =
        missing.map(|event| format!("docs/operation.md: the log's event {event} is in no row")).collect();
    let gone = rows.iter().filter(|row| !logged.iter().any(|event| event == *row));
    complaints.extend(gone.map(|row| format!("docs/operation.md: nothing logs {row}")));
    complaints
}

#[test]
fn the_documents_speak_of_what_is_there() {
    let repository = repository();
    let documents: Vec<&Source> = repository.iter().filter(|source| source.path.ends_with(".md")).collect();
    assert!(documents.iter().map(|document| quoted(&document.text).len()).sum::<usize>() > 1_000);
    let mut complaints: Vec<String> =
        documents.iter().flat_map(|document| named_files(document, &repository)).collect();
    let operation = documents.iter().find(|document| document.path == "docs/operation.md").unwrap();
    let log = repository.iter().find(|source| source.path == "crates/runtime/src/log.rs").unwrap();
    assert!(!events(&log.text).is_empty());
    complaints.extend(logged_events(&log.text, &operation.text));
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn a_name_of_a_file_that_is_not_there_is_complained_of() {
    #[track_caller]
    fn check(text: &str, missing: &[&str]) {
        let paths = ["src/http/a.rs", "src/http/b/tests/c.rs", "tests/runtime/d.test.mjs", "scripts/e.sh"];
        let sources = paths.map(|path| Source::new(path, ""));
        let expected: Vec<String> = missing.iter().map(|name| format!("A.md: there is no {name}")).collect();
        assert_eq!(named_files(&Source::new("A.md", text), &sources), expected, "{text}");
    }
    check("`src/http/a.rs`, `http/a.rs`, `a.rs`, `d.test.mjs` and `e.sh`", &[]);
    check("`b/tests/c.rs` and `b/c.rs`", &[]);
    check("`gone.rs`, `http/d.test.mjs` and\n`gone.sh`", &["gone.rs", "http/d.test.mjs", "gone.sh"]);
    check("`tp/a.rs`", &["tp/a.rs"]);
    check("gone.rs, `*.test.mjs`, `pipeline/…`, `.rs` and `bash gone.sh`", &[]);
    check("a\n```sh\necho `gone.sh`\n```\n`gone.mjs`", &["gone.mjs"]);
}

#[test]
fn an_event_without_a_row_and_a_row_without_an_event_are_complained_of() {
    #[track_caller]
    fn check(variants: &str, rows: &str, expected: &[&str]) {
        let log = format!("/// A\npub enum Event {{\n{variants}\n}}\n");
        let readme = format!("a\n\n| `event` | `code` |\n|---|---|\n{rows}\n\n| `other` | b |\n");
        assert_eq!(logged_events(&log, &readme), expected, "{variants}");
    }
    check("    /// A, b,\n    A,\n    BigEvent,", "| `a` | x |\n| `big_event` (error) | y |", &[]);
    check(
        "A,",
        "| `b` | a |",
        &["docs/operation.md: the log's event a is in no row", "docs/operation.md: nothing logs b"],
    );
}
