//! Makes the binary anew when the page that it carries was built anew. Never runs Node.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let crate_dir =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    let dist = crate_dir.join("../../web/dist");
    // A path that is not there would make every build a new one. An empty folder is what the page's own
    // build begins with; where it cannot be made the page was shipped with the source.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
