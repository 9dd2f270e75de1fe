//! The page: packages are installed and the bundle is built only when something changed since the last time.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::failure::{Failure, Result};
use crate::house::{self, House};
use crate::steps::Outcome;

const NODE_MAJOR_MIN: u32 = 20;
/// Folders of `web/` that are no input of the bundle.
const NOT_INPUT: [&str; 3] = ["node_modules", "dist", "tests"];

/// Refuses to go on without a Node that is new enough.
pub fn check_node(house: &House) -> Result<()> {
    let hint = format!("install Node {NODE_MAJOR_MIN} or newer with npm: https://nodejs.org");
    if !house::has_program("node") || !house::has_program("npm") {
        return Err(Failure::new("Node is not installed; it builds the page").hint(hint));
    }
    let version = house::read(house.program("node", &house.root).arg("--version"))?;
    match major(&version) {
        Some(found) if found >= NODE_MAJOR_MIN => Ok(()),
        _ => Err(Failure::new(format!("Node {} is too old for building the page", version.trim()))
            .hint(hint)),
    }
}

/// `npm ci`, unless the packages of this very lock file are already there.
pub fn install(house: &House) -> Result<Outcome> {
    check_node(house)?;
    let (lock_path, stamp_path) =
        (house.web().join("package-lock.json"), house.web().join("node_modules/.skyriver-lock"));
    let lock = fs::read(&lock_path)
        .map_err(|error| Failure::new(format!("{}: {error}", lock_path.display())))?;
    if fs::read(&stamp_path).is_ok_and(|stamp| stamp == lock) {
        return Ok(Outcome::Skipped("packages are up to date".into()));
    }
    house::run(&mut house.npm(&["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp_path, lock)
        .map_err(|error| Failure::new(format!("{}: {error}", stamp_path.display())))?;
    Ok(Outcome::Passed)
}

/// `npm run build`, unless `web/dist` is newer than everything it is made from.
pub fn build(house: &House) -> Result<Outcome> {
    let web = house.web();
    let built = modified(&web.join("dist/index.html"));
    if built.is_some_and(|built| newest_input(&web).is_some_and(|input| input < built)) {
        return Ok(Outcome::Skipped("web/dist is up to date".into()));
    }
    house::run(&mut house.npm(&["run", "build"]))?;
    Ok(Outcome::Passed)
}

/// The time of the last change of any input, folders included: a file that was taken away changes its folder.
fn newest_input(web: &Path) -> Option<SystemTime> {
    let inputs = fs::read_dir(web).ok()?.flatten();
    let inputs = inputs.filter(|entry| !NOT_INPUT.iter().any(|name| entry.file_name() == *name));
    inputs.filter_map(|entry| newest(&entry.path())).max()
}

fn newest(path: &Path) -> Option<SystemTime> {
    let within = fs::read_dir(path).into_iter().flatten().flatten();
    within.filter_map(|entry| newest(&entry.path())).chain(modified(path)).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
