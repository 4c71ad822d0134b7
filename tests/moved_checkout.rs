//! A checkout that was copied or moved is as much up to date as it was where it came from.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TOP: &str = env!("CARGO_MANIFEST_DIR");

/// A copy of what decides whether a build is up to date, in a folder of this name.
fn copy(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    for file in ["scripts/build.sh", "scripts/environment.sh", "Cargo.toml", "Cargo.lock", "src/lib.rs"] {
        let to = folder.join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(Path::new(TOP).join(file), to).unwrap();
    }
    folder
}

fn digest(folder: &Path) -> String {
    let output = Command::new("bash").arg(folder.join("scripts/build.sh")).arg("digest").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_tells_whether_a_build_is_up_to_date_is_the_same_wherever_the_checkout_is() {
    let (here, there) = (copy("here"), copy("another folder"));
    let before = digest(&here);
    assert_eq!(before.trim().len(), 64, "{before}");
    assert_eq!(before, digest(&there));
    fs::write(here.join("src/lib.rs"), "// changed").unwrap();
    assert_ne!(before, digest(&here), "and a change is noticed");
}

#[test]
fn no_flag_of_the_compiler_names_the_folder_of_the_checkout() {
    let environment = fs::read_to_string(Path::new(TOP).join("scripts/environment.sh")).unwrap();
    let flags: Vec<&str> = environment.lines().filter(|line| line.contains("RUSTFLAGS=")).collect();
    assert!(!flags.is_empty());
    for line in flags {
        assert!(!line.contains("PROJECT_ROOT") && !line.contains("PWD") && !line.contains("TOOLS"), "{line}");
    }
}
