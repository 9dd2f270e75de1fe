//! Installs by name what the browser tests need, and only what is missing.

use crate::failure::{Failure, Result};
use crate::house::{self, House};
use crate::steps::Outcome;
use crate::web;

/// All that a bare Debian lacks: browser, Chinese fonts, npm packages.
pub fn everything(house: &House) -> Result<()> {
    browser(house)?;
    web::install(house)?;
    println!("everything is there");
    Ok(())
}

/// Chromium, and fonts in which Chinese is not a row of boxes.
pub fn browser(house: &House) -> Result<Outcome> {
    let missing = missing_packages(house);
    if missing.is_empty() {
        return Ok(Outcome::Skipped("chromium and Chinese fonts are there".into()));
    }
    let names = missing.join(" ");
    let hint = format!("install by hand: {names}");
    if !house::has_program("apt-get") {
        return Err(Failure::new(format!("missing {names}, and there is no apt-get")).hint(hint));
    }
    let is_root = house::read(house.program("id", &house.root).arg("-u"))?.trim() == "0";
    if !is_root && !house::has_program("sudo") {
        return Err(Failure::new(format!("missing {names}; apt-get needs root or sudo")).hint(hint));
    }
    println!("installing {names}");
    apt_get(house, is_root, &["update", "--quiet=2"])?;
    apt_get(
        house,
        is_root,
        &[&["install", "--yes", "--quiet=2", "--no-install-recommends"], missing.as_slice()]
            .concat(),
    )?;
    match missing_packages(house).as_slice() {
        [] => Ok(Outcome::Passed),
        still => {
            Err(Failure::new(format!("apt-get ended well, yet {} is not found", still.join(" "))))
        }
    }
}

/// Debian names of what is not there.
fn missing_packages(house: &House) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if !house::has_program("chromium") {
        missing.push("chromium");
    }
    if !has_chinese_font(house) {
        missing.extend(["fontconfig", "fonts-noto-cjk"]);
    }
    missing
}

fn has_chinese_font(house: &House) -> bool {
    let list = house::has_program("fc-list")
        .then(|| house::read(house.program("fc-list", &house.root).arg(":lang=zh-cn")));
    matches!(list, Some(Ok(fonts)) if !fonts.trim().is_empty())
}

/// apt-get as root; `sudo -n` fails at once where a password would be asked.
fn apt_get(house: &House, is_root: bool, args: &[&str]) -> Result<()> {
    let mut command = if is_root {
        house.program("apt-get", &house.root)
    } else {
        let mut sudo = house.program("sudo", &house.root);
        sudo.args(["-n", "apt-get"]);
        sudo
    };
    house::run(command.args(args).env("DEBIAN_FRONTEND", "noninteractive"))
}
