//! One scheme ranks and another pays, recomputed by hand.

use super::*;
use engine::assess::DustSpell;
use standards::Span;

/// Four stations: two that are equal, one without a year before.
const FOUR: &Rows = &[
    ("A00000000000000000000001", "2025-03-01", "pm25", "50"),
    ("A00000000000000000000002", "2025-03-01", "pm25", "40"),
    ("A00000000000000000000003", "2025-03-01", "pm25", "40"),
    ("A00000000000000000000001", "2026-03-01", "pm25", "40"),
    ("A00000000000000000000002", "2026-03-01", "pm25", "50"),
    ("A00000000000000000000003", "2026-03-01", "pm25", "50"),
    ("A00000000000000000000004", "2026-03-01", "pm25", "30"),
    ("A00000000000000000000001", "2026-03-01", "pm10", "80"),
    ("A00000000000000000000002", "2026-03-01", "pm10", "60"),
    ("A00000000000000000000003", "2026-03-01", "pm10", "60"),
    ("A00000000000000000000004", "2026-03-01", "pm10", "100"),
];

/// The last three by Taiyuan's score pay; the score's inputs are an example.
fn chain() -> Value {
    json!({
        "scheme": "taiyuan-2019-money", "from": "2026-03-01", "to": "2026-03-01", "every": "day",
        "score": {"best": "low", "inputs": score()["inputs"]},
    })
}

/// The first input of a unit, what it pays, and its rank.
fn told<'a>(answer: &'a Value, key: &str) -> (Option<&'a str>, Option<&'a str>, Option<u64>) {
    let row = row(answer, 0, key);
    (inputs(row)[0], row["amount"].as_str(), row["rank"].as_u64())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_by_a_score_pay_and_what_has_no_score_says_which_of_its_inputs_is_missing() {
    let site = site(FOUR).await;
    let answer = replayed(&site, &chain()).await;
    // PM10 of (80 + 60 + 60 + 100) / 4 = 75 is the mean.
    // 0.16 × 40 − 0.24 × 20 + 0.24 × 5 + 0.36 × 3 = 3.88; 0.16 × 50 + 0.24 × 25 + 0.36 × 1 = 14.36, twice.
    let all = &answer["score"]["periods"][0];
    let scored =
        |key: &str| all["rows"].as_array().unwrap().iter().find(|row| row["key"] == key).unwrap();
    assert_eq!(all["references"], json!([null, null, "75", null]));
    for (key, amount, rank) in [("air-1", "3.88", 1), ("air-2", "14.36", 2), ("air-3", "14.36", 2)]
    {
        let row = scored(key);
        assert_eq!((&row["amount"], &row["rank"]), (&json!(amount), &json!(rank)), "{row}");
        assert_eq!(row["lines"].as_array().unwrap().len(), 4, "{row}");
        assert!(row["inputs"][0]["explain"][0].is_string(), "it opens to its inputs: {row}");
    }
    // Low is good: both that share the last place are the last, and the next is the third.
    assert_eq!(told(&answer, "air-2"), (Some("1"), Some("100"), Some(2)));
    assert_eq!(told(&answer, "air-3"), (Some("1"), Some("100"), Some(2)));
    assert_eq!(told(&answer, "air-1"), (Some("3"), Some("30"), Some(1)));
    assert_eq!(row(&answer, 0, "air-2")["inputs"][0]["value"], "14.36");
    // Without a year before there is no score, so no place and no amount, and never 0.
    assert_eq!(told(&answer, "air-4"), (None, None, None));
    let why = &row(&answer, 0, "air-4")["reason"];
    let en = why["en"].as_str().unwrap();
    assert!(en.contains("the input place_from_end (score)"), "{en}");
    assert!(en.contains("the input B (PM2.5)"), "{en}");
    assert!(why["zh"].as_str().unwrap().contains("缺输入 B（PM2.5）"), "{why}");
    assert_eq!(scored("air-4")["amount"], Value::Null);

    assert_eq!(answer["score"]["scheme"]["key"], "taiyuan-2019-score");
    assert_eq!((&answer["score"]["best"], &answer["best"]), (&json!("low"), &Value::Null));
    let input = &answer["inputs"][0];
    assert_eq!((&input["item"], &input["unit"]), (&json!("score"), &json!("points")), "{input}");
    assert_eq!(answer["score"]["inputs"][3]["takes"], "place");
    // What the source of the score does not say stays with the answer.
    assert!(answer["score"]["scheme"]["unknown"].to_string().contains("was not seen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_question_says_of_a_score_goes_before_what_documents_state() {
    let site = site(FOUR).await;
    // The other way round the first becomes the last, and the two at the other end are the second from it.
    let mut other = chain();
    other["score"]["best"] = json!("high");
    let answer = replayed(&site, &other).await;
    assert_eq!(told(&answer, "air-1"), (Some("1"), Some("100"), Some(3)));
    assert_eq!(told(&answer, "air-2"), (Some("2"), Some("50"), Some(1)));
    // A score may be a document that nobody adopted, which states its best end itself.
    let toml = answer["score"]["scheme"]["toml"].as_str().unwrap();
    let toml = toml.replace("[formula]", "best = \"low\"\n\n[formula]");
    other["score"] = json!({"toml": toml, "inputs": score()["inputs"]});
    assert_eq!(told(&replayed(&site, &other).await, "air-1"), (Some("3"), Some("30"), Some(1)));
    other["score"]["best"] = json!("high");
    other["inputs"] = json!([source("place_from_end", "score", "place")]);
    assert_eq!(told(&replayed(&site, &other).await, "air-2"), (Some("1"), Some("100"), Some(1)));
    // By another item it needs no score.
    let mut plain = chain();
    plain["score"].take();
    plain["item"] = json!("PM10");
    let answer = replayed(&site, &plain).await;
    assert_eq!(told(&answer, "air-4"), (Some("1"), Some("100"), Some(4)));
    assert_eq!(answer["score"], Value::Null);
}

/// A scheme over inputs of these names and weights.
fn weighted(key: &str, direction: &str, terms: &[(&str, &str)]) -> String {
    let term = |(input, weight): &(&str, &str)| {
        format!("[[formula.term]]\ninput = \"{input}\"\nweight = \"{weight}\"\n")
    };
    let terms: String = terms.iter().map(term).collect();
    format!(
        "key = \"{key}\"\nname = {{ zh = \"样例\", en = \"Example\" }}\nvalid_from = \"2026-01-01\"\n\
         confidence = \"O\"\nsource = \"a test\"\nunit = \"points\"\ndirection = \"{direction}\"\n\n\
         [formula]\nform = \"weighted\"\n{terms}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_stands_beside_what_is_measured_and_against_the_year_before() {
    let site = site(FOUR).await;
    let terms = [("P", "1"), ("Q", "1"), ("R", "0.1"), ("S", "10")];
    let mut above = source("S", "score", "excess");
    above["reference"] = json!("mean");
    let [p, q, r] = [("P", "PM10", "value"), ("Q", "score", "change"), ("R", "score", "value")]
        .map(|(name, item, takes)| source(name, item, takes));
    // Twice PM2.5; nobody needs to say which end is good when no place is taken.
    let twice = weighted("twice", "score", &[("A", "2")]);
    let body = json!({
        "toml": weighted("payer", "penalty", &terms), "from": "2026-03-01", "to": "2026-03-01", "every": "span",
        "inputs": [p, q, r, above],
        "score": {"toml": twice, "inputs": [source("A", "PM2.5", "value")]},
    });
    let answer = replayed(&site, &body).await;
    // Scores 80, 100, 100, 60 (mean 85); a year before 100, 80, 80 and none.
    assert_eq!(inputs(row(&answer, 0, "air-1")), ["80", "-20", "80", "0"].map(Some));
    assert_eq!(inputs(row(&answer, 0, "air-2")), ["60", "25", "100", "15"].map(Some));
    assert_eq!(row(&answer, 0, "air-1")["amount"], "68", "80 − 20 + 8");
    assert_eq!(row(&answer, 0, "air-2")["amount"], "245", "60 + 25 + 10 + 150");
    assert_eq!(answer["periods"][0]["references"], json!([null, null, null, "85"]));
    let four = row(&answer, 0, "air-4");
    assert_eq!(inputs(four), [Some("100"), None, Some("60"), Some("0")]);
    assert!(four["reason"]["en"].as_str().unwrap().contains("year before has no value"), "{four}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_that_can_be_read_in_two_ways_says_which_one_pays() {
    let site = site(FOUR).await;
    let steps = weighted("steps", "score", &[("A", "2")]);
    let (head, _) = steps.split_once("[formula]").unwrap();
    let steps = format!(
        "{head}[formula]\nform = \"steps\"\ninput = \"A\"\nedge = \"included\"\nedge_unknown = true\n\
         step = [{{ from = 40, amount = 7 }}]\n"
    );
    let body = json!({
        "toml": weighted("payer", "penalty", &[("P", "3")]), "from": "2026-03-01", "to": "2026-03-01", "every": "day",
        "inputs": [source("P", "score", "value")],
        "score": {"toml": steps, "inputs": [source("A", "PM2.5", "value")]},
    });
    let answer = replayed(&site, &body).await;
    // 40 lies on the step: 7 or nothing. 50 is above it either way.
    let note = |key: &str| row(&answer, 0, key)["inputs"][0]["note"].clone();
    assert_eq!(told(&answer, "air-1"), (Some("7"), Some("21"), None));
    assert!(note("air-1")["en"].as_str().unwrap().starts_with("0 by the other reading"));
    assert!(note("air-1")["zh"].as_str().unwrap().contains("另一种读法得 0"));
    assert_eq!((told(&answer, "air-2").0, note("air-2")), (Some("7"), Value::Null));
    assert_eq!(row(&answer["score"], 0, "air-1")["other"], "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_of_sections_pays_too() {
    let site = site(WATER).await;
    let mut body = chain();
    body["by"] = json!("section");
    body["to"] = json!("2026-03-02");
    body["every"] = json!("span");
    let mut nh3n = source("B", "nh3n", "value");
    nh3n["days_percent_min"] = json!(40);
    let [cod, cods, nh3ns] = [("A", "cod", "value"), ("C", "cod", "place"), ("D", "nh3n", "place")]
        .map(|(name, item, takes)| source(name, item, takes));
    body["score"]["inputs"] = json!([cod, nh3n, cods, nh3ns]);
    let answer = replayed(&site, &body).await;
    // 0.16 × 25 + 0.24 × 0.5 + 0.24 + 0.36; 0.16 × 60 + 0.24 × 1 + 0.24 × 2 + 0.36 × 2.
    let scores = answer["score"]["periods"][0]["rows"].as_array().unwrap();
    let amounts: Vec<_> = scores.iter().map(|row| row["amount"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["4.72", "11.04"]);
    assert_eq!(told(&answer, "w2"), (Some("1"), Some("100"), Some(2)));
    assert_eq!(told(&answer, "w1"), (Some("2"), Some("50"), Some(1)));
    let shares = answer["score"]["inputs"].as_array().unwrap();
    let shares: Vec<_> = shares.iter().map(|own| own["days_percent_min"].as_u64()).collect();
    assert_eq!(shares, [75, 40, 75, 75].map(Some));
    assert_eq!(answer["inputs"][0]["days_percent_min"], Value::Null, "a score is no mean of days");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_exemptions_the_rank_is_by_the_score_without_them() {
    let rows: &Rows = &[
        ("A00000000000000000000001", "2026-03-01", "pm10", "80"),
        ("A00000000000000000000001", "2026-03-02", "pm10", "80"),
        ("A00000000000000000000002", "2026-03-01", "pm10", "60"),
        ("A00000000000000000000002", "2026-03-02", "pm10", "140"),
    ];
    let day = "2026-03-02".parse().unwrap();
    let dust = DustSpell {
        span: Span::new(day, day).unwrap(),
        area: None,
        document: "Dust 1".to_owned(),
        approver: "City bureau".to_owned(),
    };
    let site = site_with(rows, |config| config.dust.push(dust)).await;
    let twice = weighted("twice", "score", &[("A", "2")]);
    let body = json!({
        "scheme": "taiyuan-2019-money", "from": "2026-03-01", "to": "2026-03-02", "every": "span",
        "score": {"toml": twice, "best": "low", "inputs": [source("A", "PM10", "value")]},
    });
    let answer = replayed(&site, &body).await;
    // Of the first day 80 and 60; of both 80 and 100.
    assert_eq!(told(&answer, "air-1"), (Some("1"), Some("100"), Some(2)));
    let two = row(&answer, 0, "air-2");
    assert_eq!(two["inputs"][0]["value"], "120");
    assert_eq!((&two["rank"], &two["rank_without_exemptions"]), (&json!(1), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_score_is_named_in_both_languages() {
    let site = site(&[]).await;
    let check = async |change: fn(&mut Value), status: u16, code: &str, says: &str| {
        let mut body = chain();
        change(&mut body);
        let reply = site.post("/schemes/replay", &body).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{body} {reply:?}");
        let error = reply.json()["error"].to_string();
        assert!(error.contains(says), "{body} {error}");
        assert!(!reply.json()["error"]["message"]["zh"].as_str().unwrap().is_ascii(), "{error}");
    };
    let best = "score.best";
    check(|body| drop(body["score"]["best"].take()), 400, "missing_best", best).await;
    check(|body| drop(body["score"].take()), 400, "missing_best", "taiyuan-2019-score").await;
    check(|body| body["score"]["best"] = json!("middle"), 400, "bad_parameter", best).await;
    check(|body| body["score"]["inputs"] = json!([]), 400, "missing_input", "score.inputs").await;
    check(|body| body["item"] = json!("PM2.5"), 400, "unused_score", "leave out the score").await;
    let no_score: fn(&mut Value) = |body| body["score"]["scheme"] = json!("hebei-counties");
    check(no_score, 400, "not_a_score", "its direction is another").await;
    check(no_score, 400, "not_a_score", "taiyuan-2019-score").await;
    check(|body| body["score"]["scheme"] = json!("fog"), 404, "unknown_scheme", "fog").await;
    let open: fn(&mut Value) = |body| {
        body["scheme"] = json!("hebei-counties");
        body["item"] = json!("score");
    };
    check(open, 400, "missing_score", "score.scheme").await;
    let of_score: fn(&mut Value) =
        |body| body["score"]["inputs"][1] = source("B", "score", "value");
    check(of_score, 400, "score_chain", "the input B of the score taiyuan-2019-score").await;
    let load: fn(&mut Value) =
        |body| body["inputs"] = json!([source("place_from_end", "score", "load")]);
    check(load, 400, "bad_input", "a score has no load").await;
    let fog: fn(&mut Value) = |body| body["score"]["inputs"][0]["item"] = json!("fog");
    check(fog, 400, "bad_parameter", "score.inputs.A.item").await;
    let much: fn(&mut Value) = |body| body["score"]["inputs"][0]["reference"] = json!("35");
    check(much, 400, "bad_input", "the input score.A: value takes no reference").await;
    let both: fn(&mut Value) = |body| {
        body["score"]["scheme"] = json!("taiyuan-2019-score");
        body["score"]["toml"] = json!("key = 1");
    };
    check(both, 400, "missing_parameter", "score.scheme").await;
}
