//! Bad configurations and what is said about them. Each file in `tests/config/bad` has the message it
//! must give beside it; `BLESS=1` writes the messages anew.

use app::config::{self, Sources};
use std::fs;
use std::path::{Path, PathBuf};

fn bad_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/bad");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).collect();
    files.sort();
    files
}

/// What is said about a file; registry files are those whose name begins with `registry-`.
fn said(path: &Path) -> String {
    let name = path.file_name().unwrap().to_str().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let result = if name.starts_with("registry-") {
        config::read_registry(name, &text).map(|_| ())
    } else {
        let file = Some((Path::new(name), text.as_str()));
        config::read(Sources { file, ..Sources::default() }).map(|_| ())
    };
    result.unwrap_err().to_string()
}

#[test]
fn each_bad_file_gets_the_message_beside_it() {
    let files = bad_files();
    assert!(files.len() >= 15, "{} files", files.len());
    for path in files {
        let beside = path.with_extension("txt");
        let said = said(&path);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&beside, &said).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(said, expected, "{}", path.display());
    }
}

#[test]
fn later_sources_win_over_earlier_ones() {
    let text =
        "[http]\nlisten = \"127.0.0.1:1\"\n[store]\ndir = \"from-file\"\n[log]\nlevel = \"warn\"\n";
    let environment = [
        ("SKYRIVER_HTTP_LISTEN".to_owned(), "127.0.0.1:2".to_owned()),
        ("SKYRIVER_LOG_LEVEL".to_owned(), "debug".to_owned()),
        ("HOME".to_owned(), "/root".to_owned()),
    ];
    let flags = [("http.listen", "--http-listen", "127.0.0.1:3".to_owned())];
    let file = Some((Path::new("etc/skyriver.toml"), text));
    let loaded = config::read(Sources { file, environment: &environment, flags: &flags }).unwrap();
    assert_eq!(loaded.config.http.listen.to_string(), "127.0.0.1:3");
    assert_eq!(loaded.config.log.level.0, "debug");
    assert_eq!(loaded.config.store.dir, Path::new("etc/from-file"));
    assert_eq!(loaded.config.store.seal_after_h, 48);
}

#[test]
fn what_is_printed_gives_the_same_configuration() {
    let text = "[district]\nname_zh = \"清\\\"河\"\nbbox = [113, 22.5, 114, 23]\nregistry = \"r.toml\"\n\
                [hj212.clock]\ncalibrate = false\n[log]\nformat = \"json\"\n\
                [[dust]]\nfrom = 2026-03-21\nto = 2026-03-22\narea = \"north\"\n\
                document = \"环办〔2026〕1号\"\napprover = \"市局\"\n\
                [[dust]]\nfrom = \"2026-04-01\"\ndocument = \"d\"\napprover = \"a\"\n";
    let file = Some((Path::new("skyriver.toml"), text));
    let loaded = config::read(Sources { file, ..Sources::default() }).unwrap();
    let mut printed = Vec::new();
    config::print(&loaded, &mut printed).unwrap();
    let printed = String::from_utf8(printed).unwrap();
    let file = Some((Path::new("printed.toml"), printed.as_str()));
    let again = config::read(Sources { file, ..Sources::default() }).unwrap();
    assert_eq!(again.config, loaded.config);
    assert_eq!(loaded.config.dust.len(), 2);
    assert!(printed.contains("(skyriver.toml:8)"), "{printed}");
    assert!(printed.contains("name_zh = '清\"河'"), "{printed}");
    assert!(printed.contains("(skyriver.toml:3)"), "{printed}");
}

#[test]
fn a_wrong_environment_variable_and_a_wrong_flag_are_named() {
    let environment = [
        ("SKYRIVER_HTTP_LISTNE".to_owned(), "127.0.0.1:2".to_owned()),
        ("SKYRIVER_STORE_SEAL_AFTER_H".to_owned(), "soon".to_owned()),
        ("SKYRIVER_REAL_DATA".to_owned(), "/x".to_owned()),
    ];
    let flags = [("http.listen", "--http-listen", "here".to_owned())];
    let problems =
        config::read(Sources { file: None, environment: &environment, flags: &flags }).unwrap_err();
    let said = problems.to_string();
    assert_eq!(problems.0.len(), 3, "{said}");
    assert!(said.contains("did you mean SKYRIVER_HTTP_LISTEN?"), "{said}");
    assert!(
        said.contains(
            "environment variable SKYRIVER_STORE_SEAL_AFTER_H: store.seal_after_h: \"soon\""
        ),
        "{said}"
    );
    assert!(said.contains("参数 --http-listen：http.listen：不接受 \"here\""), "{said}");
}

#[test]
fn a_missing_file_is_told_with_its_path() {
    let problems = config::load(Some(Path::new("/nowhere/skyriver.toml")), &[], &[]).unwrap_err();
    assert!(problems.to_string().contains("/nowhere/skyriver.toml: the file cannot be read"));
}

#[test]
fn a_registry_is_written_as_it_is_read() {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/registry.toml"),
    )
    .unwrap();
    let file = config::read_registry("registry.toml", &text).unwrap();
    assert_eq!(
        (file.areas.len(), file.lines.len(), file.places.len(), file.devices.len()),
        (1, 1, 2, 2)
    );
    let written = config::write_registry(&file).unwrap();
    assert_eq!(config::read_registry("again", &written).unwrap(), file);
}

#[test]
fn check_reads_the_registry_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("skyriver.toml");
    fs::write(&path, "[district]\nregistry = \"registry.toml\"\n").unwrap();
    let check = |registry: &str| {
        fs::write(folder.path().join("registry.toml"), registry).unwrap();
        let mut out = Vec::new();
        let is_sound = config::check(Some(&path), &[], &[], &mut out).unwrap();
        (is_sound, String::from_utf8(out).unwrap())
    };
    let (is_sound, said) = check("");
    assert!(is_sound && said.contains("0 places"), "{said}");
    let (is_sound, said) = check("[[place]]\n");
    assert!(
        !is_sound && said.contains("registry.toml:1:1: place: the entry cannot be read"),
        "{said}"
    );
}

#[test]
fn dust_weather_of_an_area_that_the_registry_does_not_have_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let registry = "[[area]]\nkey = \"north\"\nname = { zh = \"北片\" }\n\
                    ring = [[114.0, 22.5], [114.1, 22.5], [114.1, 22.6], [114.0, 22.5]]\n";
    fs::write(dir.path().join("registry.toml"), registry).unwrap();
    let file = dir.path().join("skyriver.toml");
    let check = |area: &str| {
        let text = format!(
            "[district]\nregistry = \"registry.toml\"\n[[dust]]\nfrom = 2026-03-21\n\
             area = \"{area}\"\ndocument = \"d\"\napprover = \"a\"\n"
        );
        fs::write(&file, text).unwrap();
        let mut said = Vec::new();
        let sound = config::check(Some(&file), &[], &[], &mut said).unwrap();
        (sound, String::from_utf8(said).unwrap())
    };
    assert!(check("north").0);
    let (sound, said) = check("nort");
    assert!(!sound);
    assert!(said.contains("skyriver.toml:3:") && said.contains("did you mean north?"), "{said}");
}
