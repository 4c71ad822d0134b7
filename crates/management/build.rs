//! Makes of `openapi.json` what the Worker serves: the same without white space, and a page for people.

#[path = "src/openapi/page.rs"]
mod page;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=../../openapi.json");
    println!("cargo:rerun-if-changed=src/openapi/page.rs");
    let document: serde_json::Value = serde_json::from_str(&fs::read_to_string("../../openapi.json")?)?;
    let output = env::var("OUT_DIR")?;
    let output = Path::new(&output);
    fs::write(output.join("openapi.json"), serde_json::to_string(&document)?)?;
    fs::write(output.join("documentation.html"), page::render(&document))?;
    Ok(())
}
