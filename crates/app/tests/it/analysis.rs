//! Plots, forecast and effect over HTTP: what is answered, and what is refused with a reason.

use crate::world::{text, world};
use serde_json::Value;

const DAYS: &str = "from=2026-03-10&to=2026-03-11";

#[tokio::test]
async fn a_plot_is_given_as_numbers_as_a_picture_and_as_a_table() {
    let world = world();
    let question = format!("/plots/variation?places=air-1,air-2&parameter=pm25&{DAYS}");
    let made = world.json(&question).await;
    assert_eq!(made["plot"]["numbers"]["variation"]["hour"].as_array().unwrap().len(), 24);
    assert_eq!(made["plot"]["summary"]["hours"], 96, "two places, two whole days");
    assert_eq!(
        made["command"],
        "skyriver plot variation --dir DIR --place air-1 --place air-2 --parameter pm25 --from 2026-03-10 --to 2026-03-11 --svg variation.svg"
    );
    assert!(!made["doubts"].as_array().unwrap().is_empty(), "half of the days is a gap");
    for (format, media, begin) in
        [("svg", "image/svg+xml", "<svg"), ("csv", "text/csv", "panel,weekday,hour")]
    {
        let answer = world.ask(&format!("{question}&format={format}&lang=zh")).await;
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(media));
        assert!(text(answer).await.starts_with(begin));
    }
}

#[tokio::test]
async fn what_cannot_be_plotted_says_why_in_both_languages() {
    let world = world();
    for (question, code) in [
        ("/plots/pie?places=air-1", "unknown_plot"),
        ("/plots/trend?places=nowhere", "unknown_place"),
        ("/plots/trend", "missing_parameter"),
        ("/plots/trend?places=air-1&parameter=magic", "bad_parameter"),
        ("/plots/trend?places=air-1&format=png", "bad_parameter"),
        ("/plots/cpf?places=air-1&percentile=101", "bad_parameter"),
        ("/plots/trend?places=air-1&from=1900-01-01&to=2026-03-11", "range_too_long"),
        ("/plots/trend?places=air-1&from=2026-03-12&to=2026-03-11", "bad_parameter"),
        ("/plots/trend?places=air-1&from=2026-03-10&to=2026-03-11", "not_enough_data"),
        ("/plots/polar?places=air-1&from=2026-03-10&to=2026-03-11", "not_enough_data"),
        ("/plots/capture?places=air-1&from=2020-03-10&to=2020-03-11", "not_enough_data"),
        ("/forecast?place=air-1", "not_enough_data"),
        ("/forecast?place=", "missing_parameter"),
        (
            "/effect?places=air-1&from=2026-03-10&since=2026-03-10&until=2026-03-11",
            "not_enough_data",
        ),
        ("/effect?places=air-1&from=2026-03-10&since=2026-03-10", "missing_parameter"),
    ] {
        let body: Value = serde_json::from_str(&text(world.ask(question).await).await).unwrap();
        let error = &body["error"];
        assert_eq!(error["code"], code, "{question}: {body}");
        for language in ["zh", "en"] {
            assert!(!error["message"][language].as_str().unwrap().is_empty(), "{question}");
        }
    }
}
