//! No file of a crate leads back to itself by what it imports: whoever reads one can begin with what it is made of.
//!
//! An import is a path of this crate that begins with `crate`, `super`, `self` or the name of a module below, in a `use`
//! or anywhere else. That a file declares the modules below it imports nothing. Tests are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, is_name, repository};

/// Which files each file imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The words and signs of code without tests. `::` is one sign.
fn words(source: &Source) -> Vec<String> {
    let code = source.code();
    let mut words: Vec<String> = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if is_name(first) => rest.find(|character| !is_name(character)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        let (word, after) = rest.split_at(length);
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    without_tests(&words)
}

/// Leaves out what stands below `#[cfg(test)]`, or below a condition that is met in tests only.
fn without_tests(words: &[String]) -> Vec<String> {
    let mut kept = Vec::with_capacity(words.len());
    let mut rest = words;
    while let [first, after @ ..] = rest {
        let attribute = attribute(rest);
        let condition = &rest[..attribute];
        let for_tests = condition.get(2).is_some_and(|name| name == "cfg")
            && condition.iter().any(|word| word == "test")
            && !condition.iter().any(|word| word == "describe" || word == "not");
        if for_tests {
            rest = &rest[attribute..];
            while attribute_follows(rest) {
                rest = &rest[self::attribute(rest)..];
            }
            rest = &rest[item(rest)..];
        } else {
            kept.push(first.clone());
            rest = after;
        }
    }
    kept
}

fn attribute_follows(words: &[String]) -> bool {
    matches!(words, [hash, bracket, ..] if hash == "#" && bracket == "[")
}

/// How many words the attribute has that stands here; 0 where there is none.
fn attribute(words: &[String]) -> usize {
    if attribute_follows(words) { 1 + group(&words[1..]) } else { 0 }
}

/// How many words an item has: up to its semicolon, or to the end of its body.
fn item(words: &[String]) -> usize {
    let mut position = 0;
    while let Some(word) = words.get(position) {
        match word.as_str() {
            ";" => return position + 1,
            "{" if words[..position].iter().any(|word| word == "use") => position += group(&words[position..]),
            "{" => return position + group(&words[position..]),
            "(" | "[" => position += group(&words[position..]),
            _ => position += 1,
        }
    }
    position
}

/// How many words stand from a bracket to the one that closes it.
fn group(words: &[String]) -> usize {
    let mut depth = 0_usize;
    for (position, word) in words.iter().enumerate() {
        match word.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return position + 1;
        }
    }
    words.len()
}

/// A module of a crate, and where its code stands.
struct Module {
    path: Vec<String>,
    file: String,
}

/// Reads a file and the files of the modules that it declares. `folder` is where these are.
fn read(sources: &[Source], file: &str, folder: &str, path: &[String], found: &mut Vec<(Module, Vec<String>)>) {
    let Some(source) = sources.iter().find(|source| source.path == file) else { return };
    let words = words(source);
    found.push((Module { path: path.to_vec(), file: file.to_owned() }, words.clone()));
    for declaration in words.windows(3).filter(|words| words[0] == "mod" && words[2] == ";") {
        let name = &declaration[1];
        let below = [path, std::slice::from_ref(name)].concat();
        for file in [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")] {
            read(sources, &file, &format!("{folder}/{name}"), &below, found);
        }
    }
}

/// The paths that stand at the beginning of `words`, a group in braces being several, and how many words they take.
fn paths(words: &[String]) -> (Vec<Vec<String>>, usize) {
    let mut path = Vec::new();
    let mut position = 0;
    while let Some(word) = words.get(position) {
        if word == "{" {
            let end = position + group(&words[position..]);
            let mut inside = &words[position + 1..end.saturating_sub(1).max(position + 1)];
            let mut all = Vec::new();
            while !inside.is_empty() {
                let (tails, taken) = paths(inside);
                all.extend(tails.into_iter().map(|tail| [path.clone(), tail].concat()));
                inside = &inside[taken..];
                // What a name is renamed to, and the comma.
                let next = inside.iter().position(|word| word == ",").map_or(inside.len(), |comma| comma + 1);
                inside = &inside[next..];
            }
            return (all, end);
        }
        if word.chars().all(is_name) || word == "*" {
            path.push(word.clone());
            position += 1;
        }
        if words.get(position).is_none_or(|word| word != "::") {
            break;
        }
        position += 1;
    }
    (vec![path], position.max(1))
}

/// The paths of this crate that a module names, from the crate's root.
fn named(module: &Module, words: &[String], below: &BTreeSet<&str>) -> Vec<Vec<String>> {
    let mut named = Vec::new();
    // The modules that are open, and at which depth of braces each began.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut depth = 0_usize;
    let mut position = 0;
    while let Some(word) = words.get(position) {
        let before = |distance: usize| position.checked_sub(distance).and_then(|at| words.get(at)).map(String::as_str);
        let begins = before(1) != Some("::") && before(1) != Some(".");
        let is_visibility = before(1) == Some("in") && before(2) == Some("(");
        let goes_on = words.get(position + 1).is_some_and(|next| next == "::");
        let is_ours = ["crate", "super", "self"].contains(&word.as_str()) || below.contains(word.as_str());
        match word.as_str() {
            "{" => {
                depth += 1;
                if before(2) == Some("mod") {
                    open.extend(before(1).map(|name| (depth, name.to_owned())));
                }
            }
            "}" => {
                open.retain(|(began, _)| *began < depth);
                depth = depth.saturating_sub(1);
            }
            _ if is_ours && begins && goes_on && !is_visibility => {
                let (found, taken) = paths(&words[position..]);
                let inside = open.iter().map(|(_, name)| name.clone());
                let here: Vec<String> = module.path.iter().cloned().chain(inside).collect();
                named.extend(found.iter().map(|path| from_the_root(&here, path)));
                position += taken;
                continue;
            }
            _ => {}
        }
        position += 1;
    }
    named
}

fn from_the_root(here: &[String], path: &[String]) -> Vec<String> {
    let mut absolute = here.to_vec();
    for (position, name) in path.iter().enumerate() {
        match name.as_str() {
            "crate" if position == 0 => absolute.clear(),
            "super" => drop(absolute.pop()),
            "self" | "*" => {}
            name => absolute.push(name.to_owned()),
        }
    }
    absolute
}

/// What the files of a crate import, from its first file on.
fn imports(sources: &[Source], root: &str) -> Imports {
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut modules = Vec::new();
    read(sources, root, folder, &[], &mut modules);
    let files: BTreeMap<&[String], &str> =
        modules.iter().map(|(module, _)| (module.path.as_slice(), module.file.as_str())).collect();
    let mut imports = Imports::new();
    for (module, words) in &modules {
        let below: BTreeSet<&str> = files
            .keys()
            .filter_map(|path| path.strip_prefix(module.path.as_slice()))
            .filter_map(|path| path.first().map(String::as_str))
            .collect();
        let imported = imports.entry(module.file.clone()).or_default();
        for path in named(module, words, &below) {
            // The longest beginning that is a file; what follows stands in it.
            let file = (0..=path.len()).rev().find_map(|length| files.get(&path[..length]));
            imported.extend(file.filter(|file| **file != module.file).map(|file| (*file).to_owned()));
        }
    }
    imports
}

/// The shortest way from a file back to itself.
fn circle(imports: &Imports, start: &str) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = std::collections::VecDeque::from([vec![start.to_owned()]]);
    while let Some(way) = ways.pop_front() {
        for next in way.last().and_then(|last| imports.get(last)).into_iter().flatten() {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

/// A complaint for each circle, of those that have a file in common for one of the shortest only.
fn circles(imports: &Imports) -> Vec<String> {
    let mut ways: Vec<Vec<String>> = imports.keys().filter_map(|file| circle(imports, file)).collect();
    ways.sort_by_key(Vec::len);
    let mut complained: BTreeSet<String> = BTreeSet::new();
    let mut complaints = Vec::new();
    for way in ways {
        if way.iter().any(|file| complained.contains(file)) {
            continue;
        }
        complaints.push(format!("a circle of imports: {} → {}", way.join(" → "), way[0]));
        complained.extend(way);
    }
    complaints
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let repository = repository();
    let is_root = |path: &str| path.ends_with("src/lib.rs") && !path.starts_with("tests/");
    let roots = repository.iter().map(|source| source.path.as_str()).filter(|path| is_root(path));
    let roots: Vec<&str> = roots.collect();
    assert!(roots.len() >= 9, "{roots:?}");
    let of_directory = imports(&repository, "crates/directory/src/lib.rs");
    assert!(of_directory.get("crates/directory/src/journal.rs").is_some_and(|imports| {
        imports.contains("crates/directory/src/audit.rs") && !imports.contains("crates/directory/src/test_support.rs")
    }));
    let complaints: Vec<String> = roots.iter().flat_map(|root| circles(&imports(&repository, root))).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn a_circle_of_imports_is_complained_of() {
    #[track_caller]
    fn check(a: &str, b: &str, expected: &[&str]) {
        let files = [("src/lib.rs", "mod a;\nmod b;\nmod c;"), ("src/a.rs", a), ("src/b.rs", b), ("src/c.rs", "")];
        let below = [("src/a/low.rs", ""), ("src/b/low.rs", "use super::Item;")];
        let sources: Vec<Source> = files.into_iter().chain(below).map(|(path, text)| Source::new(path, text)).collect();
        assert_eq!(circles(&imports(&sources, "src/lib.rs")), expected, "{a}\n{b}");
    }
    let circle = ["a circle of imports: src/a.rs → src/b.rs → src/a.rs"];
    check("use crate::b::Item;", "use crate::a::Item;", &circle);
    check("use super::b;", "fn item() { crate::a::item() }", &circle);
    check("use crate::{c::{Item, Other as Mine}, b::{self, Item}};", "use crate::{a, c};", &circle);
    check("mod inner { use super::super::b::Item; }", "pub(in crate::c) use crate::a::*;", &circle);
    check("use crate::c;", "use crate::a;", &[]);
    check("use crate::b;", "// use crate::a;\nlet text = \"crate::a::item\";", &[]);
    check("use crate::b;", "pub(in crate::a) fn item() {}", &[]);
    check("use crate::b;", "#[cfg(test)]\nmod tests { use crate::a; }\n#[cfg(test)]\nuse crate::a;", &[]);
    check("use crate::b;", "#[cfg(any(test, feature = \"x\"))]\n#[path]\npub fn a() -> crate::a::B { b() }", &[]);
    check("use crate::b;", "#[cfg(test)]\nuse crate::{c, a};\nuse crate::a;", &circle);
    check("", "mod low;", &[]);
    let own = ["a circle of imports: src/b.rs → src/b/low.rs → src/b.rs"];
    check("", "mod low;\npub use low::Item;", &own);
    check("", "mod low;\nfn item() { self::low::item() }", &own);
    check("mod low;\nuse low::Item;", "use crate::a::low::Item;", &[]);
}
