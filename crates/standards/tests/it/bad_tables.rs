//! A folder of broken tables, each with the message it must give.

use standards::Standards;
use std::fs;
use std::path::Path;

#[test]
fn every_broken_table_gives_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 12, "the folder lost its cases");
    for path in cases {
        let text = fs::read_to_string(&path).unwrap();
        let (head, table) = text.split_once("\n---\n").unwrap();
        let field = |name: &str| {
            head.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
        };
        let error = Standards::load_with(&[(&field("table:"), table)])
            .err()
            .unwrap_or_else(|| panic!("{} loads", path.display()));
        assert_eq!(error.to_string(), field("error:"), "{}", path.display());
    }
}
