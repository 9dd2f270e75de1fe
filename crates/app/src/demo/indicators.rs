//! Indicators of the demo: the examples that are built in, with made-up targets, marked so.

use crate::cli::Failure;
use crate::indicators::KIND;
use crate::serve::Server;
use account::indicator::Indicator;
use model::Act;
use store::Known;

/// Who adopted them.
const WHO: &str = "the demo";
/// Key, target, and from where it is not far.
const TARGETS: [(&str, &str, &str); 7] = [
    ("back-villages", "74", "60"),
    ("back-people", "74", "55"),
    ("good-days", "65", "60"),
    ("pm25", "45", "52"),
    ("heavy-days", "10", "15"),
    ("on-time", "95", "85"),
    ("class-3-days", "75", "60"),
];

/// Adopts them where none is adopted.
pub async fn enter(server: &Server) -> Result<(), Failure> {
    if server.reader.acts(KIND, Known::Now)?.is_empty() {
        server.act(acts()).await?;
    }
    Ok(())
}

fn acts() -> Vec<Act> {
    let of = |(key, value, amber): &(&str, &str, &str)| {
        let named = format!("key = \"{key}\"");
        let all = Indicator::built_in_documents();
        let toml = all.iter().find(|toml| toml.lines().next() == Some(&named))?;
        let document = format!(
            "simulated = true\ntarget = {{ value = \"{value}\", amber = \"{amber}\", document = \"模拟目标 simulated target\" }}\n{toml}"
        );
        Some(Act { kind: KIND.to_owned(), key: (*key).to_owned(), who: WHO.to_owned(), document })
    };
    TARGETS.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use account::programme::Template;

    #[test]
    fn what_the_demo_adopts_is_what_anybody_may_adopt() {
        let templates = Template::built_in().unwrap();
        let acts = acts();
        assert_eq!(acts.len(), TARGETS.len());
        for act in acts {
            let own = Indicator::parse(&act.document, &templates).unwrap();
            assert!(own.simulated && own.target.is_some() && own.key == act.key, "{}", act.key);
        }
    }
}
