//! What the compiler cannot check: the layers, the names that a layer must not know, and the habits of this repository.
//!
//! Each rule is a function from a file to its complaints. One test applies all of them to the repository; the others give
//! each rule something bad and see it complain.

#![cfg(test)]

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/documents.rs"]
mod documents;

use std::fs;
use std::path::{Path, PathBuf};

/// The most lines a file may have, its inline tests aside.
const MOST_LINES: usize = 600;

/// A file, by its path from the top of the repository.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The text with comments and literals blanked out; every line stays where it is.
    fn code(&self) -> String {
        blank(&self.text)
    }

    /// Whether it is a part of a Worker, its tests included.
    fn is_of_the_program(&self) -> bool {
        ["src/", "control/src/", "crates/"].iter().any(|folder| self.path.starts_with(folder))
    }

    fn complaint(&self, line: usize, what: &str) -> String {
        format!("{}:{}: {what}", self.path, line + 1)
    }

    /// A complaint for each line of the code of which `wrong` says what is wrong.
    fn lines_of_code(&self, wrong: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let code = self.code();
        let lines = code.lines().enumerate();
        lines.filter_map(|(number, line)| wrong(line).map(|what| self.complaint(number, &what))).collect()
    }
}

// The rules.

/// Which crates of ours a crate may depend on; the compiler then holds it to that.
const LAYERS: [(&str, &[&str]); 9] = [
    ("crates/domain/Cargo.toml", &[]),
    ("crates/validation/Cargo.toml", &["domain"]),
    ("crates/directory/Cargo.toml", &["domain"]),
    ("crates/protocol/Cargo.toml", &["domain", "validation"]),
    ("crates/management/Cargo.toml", &["directory", "domain", "protocol", "validation"]),
    ("crates/runtime/Cargo.toml", &["domain", "protocol", "validation"]),
    ("crates/openapi/Cargo.toml", &["management", "protocol", "token-auth-edge"]),
    ("control/Cargo.toml", &["directory", "domain", "management", "protocol", "runtime", "validation"]),
    ("Cargo.toml", &["domain", "protocol", "runtime", "validation"]),
];

/// `edge, control → management → directory, validation → domain`: a crate depends on crates to its right.
fn layers(source: &Source) -> Vec<String> {
    let Some((_, allowed)) = LAYERS.iter().find(|(path, _)| *path == source.path) else { return Vec::new() };
    let of_ours: Vec<&str> =
        LAYERS.iter().filter_map(|(path, _)| path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")).collect();
    let is_ours = |name: &str| of_ours.contains(&name) || name.starts_with("token-auth-");
    let dependencies = source.text.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let dependencies = dependencies.split("\n[").next().unwrap_or_default().lines();
    let named = dependencies.filter_map(|line| line.split([' ', '.']).next());
    named
        .filter(|name| is_ours(name) && !allowed.contains(name))
        .map(|name| format!("{}: may not depend on {name}", source.path))
        .collect()
}

/// What the data plane says in HTTP knows no runtime.
fn runtime(source: &Source) -> Vec<String> {
    if !source.path.starts_with("src/http") {
        return Vec::new();
    }
    let crates = ["worker", "runtime", "wasm_bindgen", "js_sys", "web_sys"];
    source.lines_of_code(|line| names(line, &crates).map(|name| format!("names {name}")))
}

/// Time and randomness enter at one place.
fn one_clock(source: &Source) -> Vec<String> {
    let entrance = source.path == "crates/runtime/src/lib.rs";
    source.lines_of_code(|line| {
        let clocks = ["Date::now", "Utc::now", "performance"].into_iter().find(|clock| line.contains(clock));
        let found = clocks.or_else(|| names(line, &["getrandom"])).filter(|_| !entrance);
        found.or_else(|| names(line, &["SystemTime", "Instant"])).map(|name| format!("asks {name}"))
    })
}

/// What an operation needs is read in the table of operations, not made up where it is asked for.
fn one_table(source: &Source) -> Vec<String> {
    if !source.path.starts_with("crates/directory/src/") {
        return Vec::new();
    }
    source.lines_of_code(|line| {
        let makes_one = ["Permission::new", "Permission::on_identity"].into_iter().find(|name| line.contains(name));
        makes_one.map(|name| format!("says {name}; what operations need stands in operation.rs of the domain"))
    })
}

/// Small files.
fn length(source: &Source) -> Vec<String> {
    let program = source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = program.lines().count();
    if lines <= MOST_LINES {
        return Vec::new();
    }
    vec![format!("{}: {lines} lines without its tests; at most {MOST_LINES}", source.path)]
}

/// A module says first what it is.
fn documented(source: &Source) -> Vec<String> {
    let begins = source.text.lines().next().is_some_and(|line| line.starts_with("//! "));
    if begins { Vec::new() } else { vec![source.complaint(0, "does not begin with its documentation")] }
}

/// Nothing is left for later, and no test is left out.
fn finished(source: &Source) -> Vec<String> {
    let macros = source.lines_of_code(|line| {
        let attribute = line.trim_start().starts_with("#[") && names(line, &["ignore"]).is_some();
        let left = ["todo!", "unimplemented!"].into_iter().find(|left| line.contains(left));
        left.or(attribute.then_some("ignore")).map(|left| format!("says {left}"))
    });
    // Written in two halves, so that this file does not complain of itself.
    let marks = [concat!("FIX", "ME"), concat!("TO", "DO"), concat!("XX", "X")];
    let marked =
        source.text.lines().enumerate().filter_map(|(number, line)| {
            names(line, &marks).map(|mark| source.complaint(number, &format!("says {mark}")))
        });
    macros.into_iter().chain(marked).collect()
}

/// In these functions a new variant must not compile before somebody has chosen its answer.
const ERROR_SURFACES: [(&str, &[&str]); 3] = [
    ("crates/management/src/answer_error.rs", &["surface", "refused", "directory", "trusted_ips", "beyond_boundary"]),
    (
        "src/http/data_plane/error.rs",
        &["surface", "refusal_surface", "forward_auth_surface", "request_refusal_surface", "gateway_surface"],
    ),
    ("crates/management/src/oauth/error.rs", &["surface", "client_refused", "bearer_refused"]),
];

/// The error surfaces have no arm that catches everything.
fn exhaustive(source: &Source) -> Vec<String> {
    let surfaces = ERROR_SURFACES.iter().find(|(path, _)| *path == source.path);
    let functions = surfaces.map_or(&[] as &[&str], |(_, functions)| functions);
    let code = source.code();
    let mut complaints = Vec::new();
    for function in functions {
        let declared = [format!("\nfn {function}("), format!("\npub(super) fn {function}(")];
        let Some(start) = declared.iter().find_map(|declaration| code.find(declaration)) else {
            complaints.push(format!("{}: there is no fn {function}", source.path));
            continue;
        };
        let before = code[..=start].lines().count();
        let body = code[start + 1..].split("\n}").next().unwrap_or_default();
        for (number, line) in body.lines().enumerate() {
            if line.split_once("=>").is_some_and(|(pattern, _)| catches_everything(pattern)) {
                complaints.push(source.complaint(before + number, &format!("fn {function} has a catch-all arm")));
            }
        }
    }
    complaints
}

/// Whether one of the alternatives of a pattern is `_` or a name that binds anything.
fn catches_everything(pattern: &str) -> bool {
    let pattern = pattern.split(" if ").next().unwrap_or_default();
    pattern.split('|').map(str::trim).filter(|alternative| !alternative.is_empty()).any(|alternative| {
        let named = alternative.chars().all(is_name) && !["true", "false"].contains(&alternative);
        named && alternative.starts_with(|first: char| first == '_' || first.is_ascii_lowercase())
    })
}

/// Each deviation from Infisical is in the table of compatibility, and the table speaks of files that are there.
fn differences(sources: &[Source], table: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| source.is_of_the_program()) {
        // In back-quotes it is the word that is meant.
        let text = source.text.replace("`DIFFERENCE`", "");
        let marked = text.matches("DIFFERENCE: ").count();
        if text.matches("DIFFERENCE").count() != marked {
            complaints.push(format!("{}: DIFFERENCE without a reason", source.path));
        }
        let listed = table.matches(&source.path).count();
        if listed < marked {
            complaints.push(format!("{}: {marked} times DIFFERENCE, {listed} times in the table", source.path));
        }
    }
    for path in table.split('`').skip(1).step_by(2) {
        let is_of_the_program = Source::new(path, "").is_of_the_program();
        if is_of_the_program && path.ends_with(".rs") && !sources.iter().any(|source| source.path == path) {
            complaints.push(format!("the table names {path}, which is not there"));
        }
    }
    complaints
}

/// Where people and build machines keep their files. Each is written in two halves, so that this file does not complain
/// of itself.
const HOMES: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!(r"C:\Us", r"ers\"),
];

/// No file knows where somebody's home is.
fn homeless(source: &Source) -> Vec<String> {
    let lines = source.text.lines().enumerate();
    lines
        .filter_map(|(number, line)| {
            let home = HOMES.iter().find(|home| {
                // A home has an owner or something in it; the same word inside a longer path is none.
                line.match_indices(*home).any(|(start, _)| {
                    let before = line[..start].chars().next_back();
                    let after = line[start + home.len()..].chars().next();
                    !before.is_some_and(|before| is_name(before) || before == '.')
                        && after.is_some_and(|after| is_name(after) || after == '.')
                })
            });
            home.map(|home| source.complaint(number, &format!("names a path below {home}")))
        })
        .collect()
}

// Reading.

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The first of these names that stands in a line as a whole word.
fn names<'n>(line: &str, names: &[&'n str]) -> Option<&'n str> {
    let mut words = line.split(|character| !is_name(character));
    words.find_map(|word| names.iter().copied().find(|name| *name == word))
}

/// Rust code with comments, texts and characters blanked out.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_a_name = code.chars().next_back().is_some_and(is_name);
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => 1 + end_of_text(&rest[1..]),
            'r' if !after_a_name => raw_text(rest).unwrap_or(0),
            '\'' => character(rest).unwrap_or(0),
            _ => 0,
        };
        let (blanked, kept) = rest.split_at(length);
        code.extend(blanked.chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        let mut kept = kept.chars();
        if length == 0 {
            code.extend(kept.next());
        }
        rest = kept.as_str();
    }
    code
}

/// The length of a text up to and with its closing quote.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (position, character) in text.char_indices() {
        match character {
            '"' if !escaped => return position + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The length of `r"…"` or `r#"…"#`.
fn raw_text(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|character| *character == '#').count();
    let inside = text[1 + hashes..].strip_prefix('"')?;
    let end = inside.find(&format!("\"{}", "#".repeat(hashes)))?;
    Some(text.len() - inside.len() + end + 1 + hashes)
}

/// The length of `'x'` or `'\n'`; `None` for a lifetime.
fn character(text: &str) -> Option<usize> {
    let inside = &text[1..];
    let first = inside.chars().next()?;
    let length = if first == '\\' { 2 + inside[2..].find('\'')? } else { first.len_utf8() };
    inside[length..].starts_with('\'').then_some(length + 2)
}

/// Every file below a folder that git does not ignore.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let ignored = fs::read_to_string(top().join(".gitignore")).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("/{}", from_top(&path));
        let is_ignored = ignored.lines().any(|line| !line.is_empty() && line.trim_end_matches('/') == name);
        if is_ignored || name == "/.git" {
            continue;
        }
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn from_top(path: &Path) -> String {
    path.strip_prefix(top()).unwrap().to_str().unwrap().replace('\\', "/")
}

/// Every text file of the repository.
fn repository() -> Vec<Source> {
    let mut found = Vec::new();
    files(&top(), &mut found);
    found.sort();
    let read = |path: PathBuf| Some(Source::new(&from_top(&path), &fs::read_to_string(&path).ok()?));
    found.into_iter().filter_map(read).collect()
}

fn is_rust(source: &&Source) -> bool {
    source.path.ends_with(".rs") && (source.is_of_the_program() || source.path.starts_with("tests/"))
}

#[test]
fn the_repository_is_tidy() {
    let repository = repository();
    let of_the_program = [runtime, one_table, one_clock];
    let of_all_rust = [length, documented, finished, exhaustive];
    let mut complaints = Vec::new();
    for source in repository.iter().filter(is_rust) {
        complaints.extend(of_all_rust.iter().flat_map(|rule| rule(source)));
        if source.is_of_the_program() {
            complaints.extend(of_the_program.iter().flat_map(|rule| rule(source)));
        }
    }
    complaints.extend(repository.iter().flat_map(homeless));
    complaints.extend(repository.iter().flat_map(layers));
    if let Some(table) = repository.iter().find(|source| source.path == "tests/compat/README.md") {
        complaints.extend(differences(&repository, &table.text));
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn the_whole_program_is_looked_at() {
    let repository = repository();
    let has = |path: &str| repository.iter().any(|source| source.path == path);
    assert!(has("src/lib.rs") && has("control/src/lib.rs") && has("crates/domain/src/token/lifetime.rs"));
    assert!(has("tests/tidy.rs"));
    for (path, functions) in ERROR_SURFACES {
        assert!(has(path) && !functions.is_empty());
    }
    let manifests = repository.iter().filter(|source| source.path.ends_with("Cargo.toml"));
    let manifests: Vec<&str> =
        manifests.map(|source| source.path.as_str()).filter(|path| !path.starts_with("tests/")).collect();
    assert!(manifests.iter().all(|path| LAYERS.iter().any(|(known, _)| known == path)), "{manifests:?}");
    assert!(!repository.iter().any(|source| source.path.starts_with("target/")));
}

// The rules, given something bad.

/// A rule's complaints about a file, without its path.
#[track_caller]
fn check(rule: impl Fn(&Source) -> Vec<String>, path: &str, text: &str, expected: &[&str]) {
    let complaints = rule(&Source::new(path, text));
    let without_path: Vec<&str> = complaints
        .iter()
        .map(|complaint| complaint.strip_prefix(path).unwrap().trim_start_matches(':').trim())
        .collect();
    assert_eq!(without_path, expected, "{path}\n{text}");
}

#[test]
fn a_crate_depends_only_on_crates_to_its_right() {
    let manifest =
        |name: &str| format!("[package]\n\n[dependencies]\n{name}.workspace = true\nhex = \"1\"\n\n[lints]\n");
    for (path, name) in [
        ("crates/domain/Cargo.toml", "validation"),
        ("crates/validation/Cargo.toml", "directory"),
        ("crates/directory/Cargo.toml", "protocol"),
        ("Cargo.toml", "management"),
        ("Cargo.toml", "directory"),
        ("control/Cargo.toml", "token-auth-edge"),
    ] {
        check(layers, path, &manifest(name), &[&format!("may not depend on {name}")]);
    }
    check(layers, "Cargo.toml", &manifest("domain"), &[]);
    check(layers, "crates/management/Cargo.toml", &manifest("directory"), &[]);
    let for_tests = "\n[dependencies]\nhex = \"1\"\n\n[dev-dependencies]\nmanagement = { workspace = true }\n";
    check(layers, "crates/domain/Cargo.toml", for_tests, &[]);
}

#[test]
fn what_is_said_in_http_names_no_runtime() {
    for name in ["worker", "js_sys", "wasm_bindgen", "runtime"] {
        let text = format!("use {name}::Env;");
        check(runtime, "src/http/a.rs", &text, &[&format!("1: names {name}")]);
        check(runtime, "src/gateway.rs", &text, &[]);
    }
    check(runtime, "src/http/a.rs", "// worker\nlet worker_entry = \"worker\"; // worker", &[]);
}

#[test]
fn what_operations_need_is_said_in_one_table() {
    let text = "    actor.require(Permission::new(Action::Read, Subject::Role))?;";
    let complaint = "1: says Permission::new; what operations need stands in operation.rs of the domain";
    check(one_table, "crates/directory/src/a.rs", text, &[complaint]);
    check(one_table, "crates/domain/src/a.rs", text, &[]);
    check(
        one_table,
        "crates/directory/src/a.rs",
        "actor.require(Operation::GetOrganizationRole)?; // Permission::new",
        &[],
    );
}

#[test]
fn time_and_randomness_enter_in_one_file() {
    for (text, name) in [("getrandom::fill(&mut seed)", "getrandom"), ("worker::Date::now()", "Date::now")] {
        for path in ["src/validate.rs", "src/http/a.rs", "crates/domain/src/a.rs"] {
            check(one_clock, path, text, &[&format!("1: asks {name}")]);
        }
        check(one_clock, "crates/runtime/src/lib.rs", text, &[]);
    }
    check(one_clock, "crates/runtime/src/lib.rs", "std::time::Instant::now()", &["1: asks Instant"]);
    check(one_clock, "crates/runtime/src/usage.rs", "use std::time::Duration;", &[]);
}

#[test]
fn a_long_file_is_too_long_unless_it_is_its_tests_that_are_long() {
    let lines = |count: usize| "//\n".repeat(count);
    check(length, "src/a.rs", &lines(600), &[]);
    check(length, "src/a.rs", &lines(601), &["601 lines without its tests; at most 600"]);
    check(length, "src/a.rs", &format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(600), lines(100)), &[]);
    check(
        length,
        "src/a.rs",
        &format!("#[cfg(test)]\nmod tests;\n{}", lines(599)),
        &["601 lines without its tests; at most 600"],
    );
}

#[test]
fn a_module_without_documentation_is_complained_of() {
    let complaint = ["1: does not begin with its documentation"];
    check(documented, "src/a.rs", "//! What it is.\n", &[]);
    check(documented, "src/a.rs", "", &complaint);
    check(documented, "src/a.rs", "use a;\n//! Late.", &complaint);
    check(documented, "src/a.rs", "// Not for readers.\n", &complaint);
    check(documented, "src/a.rs", "//!\n", &complaint);
}

#[test]
fn what_is_left_for_later_is_complained_of() {
    check(finished, "src/a.rs", "todo!()", &["1: says todo!"]);
    check(finished, "src/a.rs", "\n    unimplemented!(\"later\")", &["2: says unimplemented!"]);
    check(finished, "tests/a.rs", "#[ignore]", &["1: says ignore"]);
    check(finished, "tests/a.rs", "    #[ignore = \"slow\"]", &["1: says ignore"]);
    check(finished, "tests/a.rs", "#[cfg_attr(debug_assertions, ignore)]", &["1: says ignore"]);
    for mark in [concat!("FIX", "ME"), concat!("TO", "DO"), concat!("XX", "X")] {
        check(finished, "src/a.rs", &format!("// {mark}: later"), &[&format!("1: says {mark}")]);
    }
    check(finished, "src/a.rs", "// Nothing of todo! here.\nlet ignore = \"#[ignore]\";", &[]);
}

#[test]
fn a_catch_all_arm_in_an_error_surface_is_complained_of() {
    #[track_caller]
    fn surface(arm: &str, catches: bool) {
        let path = "src/http/data_plane/error.rs";
        let text = format!(
            "//! A\n\nfn surface(error: &E) -> S {{\n    match error {{\n        E::A => a(),\n        {arm} => b(),\n    }}\n}}\n\n\
             fn refusal_surface(refusal: &R) -> S {{\n    match refusal {{\n        R::A | R::B => a(),\n    }}\n}}\n\n\
             fn forward_auth_surface(error: F) -> S {{\n    match error {{\n        F::A => a(),\n    }}\n}}\n\n\
             fn request_refusal_surface(error: D) -> S {{\n    match error {{\n        D::A => a(),\n    }}\n}}\n\n\
             fn gateway_surface(error: G) -> S {{\n    match error {{\n        G::A => a(),\n    }}\n}}\n\n\
             fn header(status: u16) -> H {{\n    match status {{\n        _ => none(),\n    }}\n}}\n"
        );
        let expected: &[&str] = if catches { &["6: fn surface has a catch-all arm"] } else { &[] };
        check(exhaustive, path, &text, expected);
    }
    surface("E::B", false);
    surface("E::B(_)", false);
    surface("E::B { .. }", false);
    surface("E::B(inner)", false);
    surface("E::B if rare", false);
    surface("| E::C", false);
    surface("_", true);
    surface("other", true);
    surface("_ if rare", true);
    surface("E::B | _", true);
    surface("_other", true);
    let missing = ["surface", "client_refused", "bearer_refused"].map(|function| format!("there is no fn {function}"));
    check(exhaustive, "crates/management/src/oauth/error.rs", "//! A\n", &missing.each_ref().map(String::as_str));
    check(exhaustive, "src/http/other.rs", "fn surface() {\n    match a {\n        _ => b,\n    }\n}\n", &[]);
}

#[test]
fn a_difference_that_the_table_does_not_have_is_complained_of() {
    #[track_caller]
    fn check(text: &str, table: &str, expected: &[&str]) {
        assert_eq!(differences(&[Source::new("src/a.rs", text)], table), expected);
    }
    let marked = "// DIFFERENCE: 0 is no limit.\n";
    check(marked, "| `src/a.rs` `limit` | other |", &[]);
    check(marked, "nothing", &["src/a.rs: 1 times DIFFERENCE, 0 times in the table"]);
    check(&marked.repeat(2), "`src/a.rs`", &["src/a.rs: 2 times DIFFERENCE, 1 times in the table"]);
    check("// DIFFERENCE\n", "`src/a.rs`", &["src/a.rs: DIFFERENCE without a reason"]);
    check("//! The word `DIFFERENCE` marks them.", "nothing", &[]);
    check("", "`src/a.rs` and `src/gone.rs`", &["the table names src/gone.rs, which is not there"]);
    check("", "`src/a/` and `src/a.rs`", &[]);
}

#[test]
fn a_path_into_somebodys_home_is_complained_of() {
    for home in HOMES {
        let complaint = format!("2: names a path below {home}");
        check(homeless, "README.md", &format!("a\ncd {home}somebody/project"), &[&complaint]);
        check(homeless, "README.md", &format!("a\nPATH={home}.cargo/bin"), &[&complaint]);
        check(homeless, "README.md", &format!("https://example.com{home}"), &[]);
        check(homeless, "README.md", &format!("src{home}page"), &[]);
    }
}

#[test]
fn comments_and_literals_are_no_code() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(blank(text).split_whitespace().collect::<Vec<_>>().join(" "), expected, "{text}");
    }
    check("a // b\nc", "a c");
    check("//! b\n/// c\nd", "d");
    check(r#"a("b // c", d)"#, "a( , d)");
    check(r#"a("b \" c", d)"#, "a( , d)");
    check(r#"a("\\", d)"#, "a( , d)");
    check("a(r\"b\\\", c)", "a( , c)");
    check("a(r#\"b \" c\"#, d)", "a( , d)");
    check("for_r(\"b\")", "for_r( )");
    check("a('\"', 'b', '\\'', '\\u{1F980}', c)", "a( , , , , c)");
    check("fn a<'b>(c: &'b str) {}", "fn a<'b>(c: &'b str) {}");
    check("a(\"two\nlines\") // b\nc", "a( ) c");
    assert_eq!(blank("\"a\nb\"\n").lines().count(), 2);
}
