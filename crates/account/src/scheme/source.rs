//! Where an input of a scheme comes from: an item that was measured at a unit in a span, and what is taken of it.

use crate::Text;
use serde::{Deserialize, Serialize};
use standards::{Exact, ExactError};

/// Of the days of a span so many per cent have to be there, unless a source states another share: our own design.
const DAYS_PERCENT: u8 = 75;

/// The item of an input that is the result of another scheme.
const SCORE: &str = "score";

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Which input.
    pub name: String,
    /// What is measured: `PM2.5`, `composite`; `cod` of a section; or `score`: what another scheme comes to.
    pub item: String,
    /// Of a score: the key of its scheme; none: whoever replays it says which.
    #[serde(default)]
    pub of: Option<String>,
    /// What is taken of it.
    pub takes: Takes,
    /// `mean` of all units that have a value, or a decimal: the target.
    #[serde(default)]
    pub reference: Option<String>,
    /// Of a section: this share of the days has to be measured, 1 to 100; 75 unless stated.
    #[serde(default)]
    pub days_percent_min: Option<u8>,
}

/// What is taken of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    /// The value.
    Value,
    /// By how much it is above the reference, not below 0.
    Excess,
    /// The same, in per cent of the reference.
    Percent,
    /// The same, in multiples of the reference.
    Multiple,
    /// The place among all; the best is 1, equals share it.
    Place,
    /// The same, counted from the worst: the worst is 1, equals share it.
    PlaceFromEnd,
    /// Against the same span of the year before, in per cent of it; a rise is above 0.
    Change,
    /// What flows past a section: concentration times flow, in tonnes.
    Load,
    /// The same of what is above a target, not below 0.
    LoadExcess,
}

/// What values are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The mean of all that have a value.
    Mean,
    /// A target, above 0.
    Target(Exact),
}

/// What an item came to at a unit that has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The value; of a load tonnes.
    pub value: Exact,
    /// The same span of the year before.
    pub before: Option<Exact>,
    /// The mean of all, or the target.
    pub reference: Exact,
    /// Its rank; the best is 1, equals share it. None where nobody said which end is the best.
    pub rank: Option<u32>,
    /// Its rank counted from the worst, which is 1; equals share it, so that it does not follow from the other.
    pub rank_from_end: Option<u32>,
}

/// Why a value gives no input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInput {
    /// Something that it needs is not there.
    #[error("{}", .0.en)]
    Lacking(Text),
    /// A number cannot be computed with.
    #[error(transparent)]
    Number(#[from] ExactError),
}

impl Takes {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Value,
        Self::Excess,
        Self::Percent,
        Self::Multiple,
        Self::Place,
        Self::PlaceFromEnd,
        Self::Change,
        Self::Load,
        Self::LoadExcess,
    ];

    /// Its stable name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Excess => "excess",
            Self::Percent => "percent",
            Self::Multiple => "multiple",
            Self::Place => "place",
            Self::PlaceFromEnd => "place_from_end",
            Self::Change => "change",
            Self::Load => "load",
            Self::LoadExcess => "load_excess",
        }
    }

    /// From its stable name.
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.key() == key)
    }

    /// What it is, for people.
    pub fn words(self) -> Text {
        match self {
            Self::Value => Text::new("数值", "the value"),
            Self::Excess => {
                Text::new("高于参照值的部分", "by how much the value is above the reference")
            }
            Self::Percent => Text::new(
                "高于参照值的百分比",
                "by how many per cent the value is above the reference",
            ),
            Self::Multiple => {
                Text::new("超过参照值的倍数", "by how many times the reference is exceeded")
            }
            Self::Place => Text::new("从最好一端数起的名次", "the place, counted from the best"),
            Self::PlaceFromEnd => {
                Text::new("从最差一端数起的名次", "the place, counted from the worst")
            }
            Self::Change => Text::new(
                "比上年同期变化的百分比（升为正）",
                "change against the same span of the year before, in per cent; a rise is above 0",
            ),
            Self::Load => {
                Text::new("通量（浓度 × 流量），t", "the load: concentration times flow, in tonnes")
            }
            Self::LoadExcess => Text::new(
                "超过目标浓度的通量，t",
                "the load of what is above the target concentration, in tonnes",
            ),
        }
    }

    /// Whether a value is compared with a reference.
    pub fn is_compared(self) -> bool {
        matches!(self, Self::Excess | Self::Percent | Self::Multiple | Self::LoadExcess)
    }

    /// Whether it is a load.
    pub fn is_load(self) -> bool {
        matches!(self, Self::Load | Self::LoadExcess)
    }

    /// The input that a value gives.
    ///
    /// # Errors
    /// [`NoInput`].
    pub fn input(self, of: &Measured) -> Result<Exact, NoInput> {
        let above = || of.value.minus(&of.reference).map(|above| above.max(Exact::ZERO));
        let hundred = Exact::whole(100);
        match self {
            Self::Value | Self::Load | Self::LoadExcess => Ok(of.value),
            Self::Excess => Ok(above()?),
            Self::Percent => over(&above()?.times(&hundred)?, &of.reference),
            Self::Multiple => over(&above()?, &of.reference),
            Self::Place => place(of.rank),
            Self::PlaceFromEnd => place(of.rank_from_end),
            Self::Change => {
                let Some(before) = of.before else {
                    return Err(NoInput::Lacking(Text::new(
                        "上年同期没有数值",
                        "the same span of the year before has no value",
                    )));
                };
                over(&of.value.minus(&before)?.times(&hundred)?, &before)
            }
        }
    }
}

fn place(rank: Option<u32>) -> Result<Exact, NoInput> {
    let unsaid = || {
        NoInput::Lacking(Text::new(
            "未说明哪端为好，没有名次",
            "nobody said which end is the best, and there is no place",
        ))
    };
    rank.map(|rank| Exact::whole(rank.into())).ok_or_else(unsaid)
}

/// A share of something above 0: of a score that may be below, a share would turn its sign.
fn over(part: &Exact, of: &Exact) -> Result<Exact, NoInput> {
    if *of <= Exact::ZERO {
        return Err(NoInput::Lacking(Text::new(
            "相比的数值是 0 或以下，无从得出比例",
            "what it is compared with is 0 or below, and there is no share of that",
        )));
    }
    Ok(part.over(of)?)
}

impl Source {
    /// Whether it is what another scheme comes to.
    pub fn is_score(&self) -> bool {
        self.item == SCORE
    }

    /// What values are compared with; of what needs none, their mean.
    ///
    /// # Errors
    /// A reference that is none, is missing or is not needed; a share of days that is none; what a score has not.
    pub fn reference(&self) -> Result<Reference, Text> {
        if let Some(text) = self.flaw_of_score() {
            return Err(text);
        }
        let share = self.days_percent_min;
        if share.is_some_and(|share| share == 0 || share > 100) {
            return Err(Text::new("days_percent_min 为 1 至 100", "days_percent_min is 1 to 100"));
        }
        let takes = self.takes.key();
        match self.reference.as_deref() {
            Some(_) if !self.takes.is_compared() => Err(Text::new(
                format!("{takes} 不需要 reference"),
                format!("{takes} takes no reference"),
            )),
            None | Some("mean") if self.takes == Takes::LoadExcess => Err(Text::new(
                "load_excess 的 reference 须写目标浓度（大于 0 的十进制数）",
                "load_excess needs a target concentration as its reference: a decimal above 0",
            )),
            None | Some("mean") => Ok(Reference::Mean),
            Some(target) => match Exact::parse(target) {
                Ok(target) if target > Exact::ZERO => Ok(Reference::Target(target)),
                _ => Err(Text::new(
                    format!("reference 不接受 {target:?}：写 mean，或大于 0 的十进制数"),
                    format!("reference is {target:?}: write mean, or a decimal above 0"),
                )),
            },
        }
    }

    fn flaw_of_score(&self) -> Option<Text> {
        let takes = self.takes.key();
        if !self.is_score() {
            let text = || {
                Text::new(
                    "of 只用于 item 为 score 的输入",
                    "of belongs to an input whose item is score",
                )
            };
            return self.of.as_ref().map(|_| text());
        }
        if self.takes.is_load() {
            return Some(Text::new(
                format!("得分没有 {takes}：通量只有测得的浓度有"),
                format!("a score has no {takes}: only a concentration that is measured has a load"),
            ));
        }
        self.days_percent_min.map(|_| {
            Text::new(
                "得分没有 days_percent_min：写在得分的输入里",
                "a score has no days_percent_min: it stands at the inputs of the score",
            )
        })
    }

    /// The share of days that has to be measured, per cent.
    pub fn days_percent_min(&self) -> u8 {
        self.days_percent_min.unwrap_or(DAYS_PERCENT)
    }
}

impl Reference {
    /// The number: the target, or the mean of the values; none where there is no value.
    ///
    /// # Errors
    /// When the numbers do not fit exact arithmetic.
    pub fn of(self, values: &[Exact]) -> Result<Option<Exact>, ExactError> {
        match self {
            Self::Mean => standards::statistics::mean(values),
            Self::Target(target) => Ok(Some(target)),
        }
    }
}

/// What is wrong with the sources that a document states for inputs of these names.
pub(super) fn flaw(sources: &[Source], names: &[String]) -> Option<String> {
    let mut scores = sources.iter().filter_map(|source| source.of.as_deref());
    if let Some(first) = scores.next()
        && let Some(other) = scores.find(|other| *other != first)
    {
        return Some(format!(
            "its inputs are of two scores, {first:?} and {other:?}; one is the most"
        ));
    }
    for (at, source) in sources.iter().enumerate() {
        let name = &source.name;
        if !names.contains(name) {
            return Some(format!("no input is called {name:?}; it takes {}", names.join(", ")));
        }
        if sources[..at].iter().any(|other| other.name == *name) {
            return Some(format!("the input {name:?} has two sources"));
        }
        if let Err(text) = source.reference() {
            return Some(format!("the input {name:?}: {}", text.en));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::shortest;

    fn number(text: &str) -> Exact {
        Exact::parse(text).unwrap()
    }

    fn check(takes: Takes, value: &str, expected: &str) {
        let of = Measured {
            value: number(value),
            before: Some(number("40")),
            reference: number("30"),
            rank: Some(2),
            rank_from_end: Some(4),
        };
        assert_eq!(
            takes.input(&of).map(|input| shortest(&input)),
            Ok(expected.into()),
            "{takes:?}"
        );
    }

    #[test]
    fn each_way_takes_what_it_says() {
        check(Takes::Value, "37.5", "37.5");
        check(Takes::Excess, "37.5", "7.5");
        check(Takes::Excess, "29", "0");
        check(Takes::Percent, "37.5", "25");
        check(Takes::Multiple, "37.5", "0.25");
        check(Takes::Place, "37.5", "2");
        check(Takes::PlaceFromEnd, "37.5", "4");
        check(Takes::Change, "37.5", "-6.25");
        check(Takes::Change, "50", "25");
        check(Takes::Load, "3", "3");
        for takes in Takes::ALL {
            assert_eq!(Takes::named(takes.key()), Some(takes));
            let name = toml::Value::try_from(takes).unwrap();
            assert_eq!(name.as_str(), Some(takes.key()), "one name in documents and answers");
        }
    }

    #[test]
    fn what_cannot_be_divided_or_compared_is_a_reason_and_no_number() {
        let of = Measured {
            value: number("3"),
            before: None,
            reference: Exact::ZERO,
            rank: None,
            rank_from_end: None,
        };
        let lacks = |takes: Takes, of: &Measured| match takes.input(of) {
            Err(NoInput::Lacking(text)) => text.en,
            other => panic!("{other:?}"),
        };
        assert!(lacks(Takes::Percent, &of).contains("is 0"));
        assert!(lacks(Takes::Change, &of).contains("year before has no value"));
        let of = Measured { before: Some(Exact::ZERO), ..of };
        assert!(lacks(Takes::Change, &of).contains("is 0"));
        // A score may be below 0: from -4 to 3 is a rise, and 7 over -4 would be a fall.
        let of = Measured { before: Some(number("-4")), reference: number("-2"), ..of };
        for takes in [Takes::Change, Takes::Percent, Takes::Multiple] {
            assert!(lacks(takes, &of).contains("0 or below"), "{takes:?}");
        }
        assert_eq!(Takes::Excess.input(&of), Ok(number("5")));
        for takes in [Takes::Place, Takes::PlaceFromEnd] {
            assert!(lacks(takes, &of).contains("which end is the best"), "{takes:?}");
        }
    }

    #[test]
    fn a_reference_fits_what_is_taken() {
        let check = |takes, reference: Option<&str>, share, says: &str| {
            let source = Source {
                name: "A".into(),
                item: "PM2.5".into(),
                of: None,
                takes,
                reference: reference.map(str::to_owned),
                days_percent_min: share,
            };
            match source.reference() {
                Ok(_) => assert_eq!(says, "", "{source:?}"),
                Err(text) => {
                    assert!(!says.is_empty() && text.en.contains(says), "{source:?} {text:?}");
                    assert!(!text.zh.is_empty());
                }
            }
        };
        check(Takes::Excess, None, None, "");
        check(Takes::Excess, Some("35"), Some(100), "");
        check(Takes::Percent, Some("0"), None, "a decimal above 0");
        check(Takes::Percent, Some("much"), None, "a decimal above 0");
        check(Takes::Value, Some("35"), None, "takes no reference");
        check(Takes::LoadExcess, None, None, "needs a target");
        check(Takes::LoadExcess, Some("mean"), None, "needs a target");
        check(Takes::LoadExcess, Some("20"), None, "");
        check(Takes::Value, None, Some(0), "1 to 100");
        check(Takes::Value, None, Some(101), "1 to 100");
    }

    #[test]
    fn a_score_has_neither_a_load_nor_days_and_only_a_score_is_of_a_scheme() {
        let check = |item: &str, of: Option<&str>, takes, share, says: &str| {
            let source = Source {
                name: "A".into(),
                item: item.into(),
                of: of.map(str::to_owned),
                takes,
                reference: None,
                days_percent_min: share,
            };
            let said = source.reference().err().map_or_else(String::new, |text| text.en);
            assert!(said.contains(says) && said.is_empty() == says.is_empty(), "{source:?} {said}");
            assert_eq!(source.is_score(), item == "score");
        };
        check("score", None, Takes::PlaceFromEnd, None, "");
        check("score", Some("s"), Takes::Change, None, "");
        check("score", None, Takes::Load, None, "a score has no load");
        check("score", None, Takes::Value, Some(50), "a score has no days_percent_min");
        check("PM2.5", Some("s"), Takes::Value, None, "whose item is score");
    }
}
