//! Text that is reviewed: compared with a file, written anew with `BLESS=1`.

use std::fs;
use std::path::Path;

/// Compares `text` with a file of this crate.
pub fn check(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let differs = text.lines().zip(expected.lines()).position(|(now, then)| now != then);
    let line = differs.unwrap_or(text.lines().count().min(expected.lines().count()));
    assert!(
        text == expected,
        "{}:{}: differs; look, then write it anew with BLESS=1\n then: {}\n now:  {}",
        path.display(),
        line + 1,
        expected.lines().nth(line).unwrap_or("(end)"),
        text.lines().nth(line).unwrap_or("(end)"),
    );
}
