//! Reports set as PDF with the fonts of this machine.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use account::Text;
use account::report::{Made, Number, Part, Report, Section};
use pdf::{Error, Language, TEMPLATE, Wish, typeset};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn number(value: &str, made: Made) -> Number {
    Number {
        name: Text::new("已回迁村", "villages moved back"),
        value: value.into(),
        unit: Text::new("个村", "villages"),
        basis: None,
        made,
        decimals: Some(1),
        source: Text::new("年度会议", "annual meeting"),
        explain: "/api/v1/assess/explain?place=air-1&item=PM2.5".into(),
    }
}

fn report() -> Report {
    let text = Text::new("{N2}中 {N1}已回迁，占 {N3}。", "{N1} of {N2} moved back, {N3}.");
    let share = Made::Share { of: "N1".into(), over: "N2".into() };
    let numbers = [
        ("N1".to_owned(), number("26", Made::Given)),
        ("N2".to_owned(), number("39", Made::Given)),
        ("N3".to_owned(), number("66.7", share)),
    ];
    Report {
        kind: "founding".into(),
        title: Text::new("年度报告", "annual report"),
        span: ("2020-01-01".parse().unwrap(), "2020-12-31".parse().unwrap()),
        sequence: 7,
        made: "2021-01-28 08:00".into(),
        simulated: true,
        editions: vec![],
        sections: vec![Section {
            title: Text::new("安置", "Resettlement"),
            parts: vec![Part::Sentence { text: text.clone() }, Part::Doubt { text }],
        }],
        numbers: BTreeMap::from(numbers),
    }
}

fn json() -> Vec<u8> {
    serde_json::to_vec(&report()).unwrap()
}

/// Sets the report by a template in a folder of the test's own.
fn with_template(own: &str, text: &str) -> Result<Vec<u8>, Error> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(own);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("beside.typ"), "#let word = \"beside\"").unwrap();
    let path = folder.join("mine.typ");
    fs::write(&path, text).unwrap();
    typeset(json(), &Wish { template: Some(path), ..Wish::default() })
}

#[test]
fn a_report_is_set_in_both_languages_and_the_same_bytes_come_out_again() {
    for language in [Language::Zh, Language::En] {
        let wish = Wish { language, ..Wish::default() };
        let pdf = typeset(json(), &wish).unwrap();
        assert!(pdf.starts_with(b"%PDF-"), "{language:?}");
        assert_eq!(pdf, typeset(json(), &wish).unwrap(), "{language:?}");
    }
}

#[test]
fn a_number_that_its_inputs_do_not_make_is_not_printed() {
    let mut report = report();
    report.numbers.get_mut("N3").unwrap().value = "59".into();
    let refused = typeset(serde_json::to_vec(&report).unwrap(), &Wish::default());
    assert!(matches!(refused, Err(Error::Content(_))), "{refused:?}");
}

#[test]
fn what_is_no_report_is_refused() {
    assert!(matches!(typeset(b"{}".to_vec(), &Wish::default()), Err(Error::Report(_))));
}

#[test]
fn a_template_of_ones_own_reads_the_report_and_what_lies_beside_it() {
    let text = "#import \"beside.typ\": word\n#word #json(\"report.json\").title.zh";
    assert!(with_template("own", text).unwrap().starts_with(b"%PDF-"));
    assert!(with_template("built-in", TEMPLATE).is_ok());
}

#[test]
fn a_mistake_in_a_template_is_told_with_its_line() {
    let told = with_template("mistake", "= Title\n#nothing").unwrap_err().to_string();
    assert!(told.contains("mine.typ:2:2: unknown variable: nothing"), "{told}");
}

#[test]
fn a_template_reads_nothing_outside_its_folder_and_fetches_nothing() {
    for text in
        ["#read(\"/etc/hostname\")", "#read(\"../mine.typ\")", "#import \"@preview/a:1.0.0\": b"]
    {
        assert!(matches!(with_template("outside", text), Err(Error::Set(_))), "{text}");
    }
}

#[test]
fn a_template_that_is_not_there_is_named() {
    let wish = Wish { template: Some("nowhere/mine.typ".into()), ..Wish::default() };
    let told = typeset(json(), &wish).unwrap_err().to_string();
    assert_eq!(told, "the template nowhere/mine.typ cannot be read");
}

#[test]
fn the_program_reads_standard_input_and_says_what_it_does_not_understand() {
    use std::io::Write;
    let program = env!("CARGO_BIN_EXE_skyriver-pdf");
    let mut child = Command::new(program)
        .args(["--language", "en"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&json()).unwrap();
    assert!(child.wait_with_output().unwrap().stdout.starts_with(b"%PDF-"));
    let refused = Command::new(program).arg("--langauge").output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--langauge is not understood"));
}
