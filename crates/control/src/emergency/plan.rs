//! The plan: what each level calls for, from whom, and how long an order may take.

use super::{Check, Level};
use crate::Text;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One measure of the plan: of a level in general, or of one plant (one plant, one policy).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The place that is ordered: an enterprise, a stack, a building site; empty: a general measure of the level.
    #[serde(default)]
    pub place: String,
    /// From which level on.
    pub level: Level,
    /// The unit that answers for it and receives the order.
    pub unit: String,
    /// What is to be done.
    pub text: Text,
    /// What readings must show, when readings can show it.
    #[serde(default)]
    pub check: Option<Check>,
    /// The first civil day on which it is in force.
    pub from: Date,
    /// The last civil day, included; none: without an end.
    #[serde(default)]
    pub to: Option<Date>,
    /// The document that it stands in.
    pub source: String,
}

/// A measure as the plan has it: its key, and the version that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Names the measure in the plan.
    pub entry: String,
    /// The sequence of its version.
    pub sequence: u64,
    /// The measure.
    pub measure: Measure,
}

/// What is wrong with a measure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The district does not use the level.
    #[error("the district does not use the level {}; it uses {}", .0.name(), names(.1))]
    Level(Level, Vec<Level>),
    /// A field is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// It ends before it begins.
    #[error("to is before from")]
    Backwards,
    /// A reduction that cannot be.
    #[error("check.reduction_percent is above 0 and at most 100")]
    Reduction,
}

impl Flaw {
    /// For people.
    pub fn words(&self) -> Text {
        let zh = match self {
            Self::Level(level, used) => {
                format!("本区不使用 {} 级，使用 {}", level.name(), names(used))
            }
            Self::Empty(field) => format!("{field} 为空"),
            Self::Backwards => "to 早于 from".to_owned(),
            Self::Reduction => "check.reduction_percent 须大于 0、至多 100".to_owned(),
        };
        Text { zh, en: self.to_string() }
    }
}

fn names(levels: &[Level]) -> String {
    levels.iter().map(|level| level.name()).collect::<Vec<_>>().join(", ")
}

impl Measure {
    /// What is wrong with it, as far as it can be told without knowing the district's places and units.
    ///
    /// # Errors
    /// The first flaw.
    pub fn check(&self, rule: &Rule) -> Result<(), Flaw> {
        if !rule.levels.contains(&self.level) {
            return Err(Flaw::Level(self.level, rule.levels.clone()));
        }
        for (field, text) in [
            ("unit", &self.unit),
            ("text.zh", &self.text.zh),
            ("text.en", &self.text.en),
            ("source", &self.source),
        ] {
            if text.trim().is_empty() {
                return Err(Flaw::Empty(field));
            }
        }
        if self.to.is_some_and(|to| to < self.from) {
            return Err(Flaw::Backwards);
        }
        let is_real =
            |check: &Check| check.reduction_percent > 0.0 && check.reduction_percent <= 100.0;
        if self.check.as_ref().is_some_and(|check| !is_real(check)) {
            return Err(Flaw::Reduction);
        }
        Ok(())
    }

    /// Whether it is in force on a civil day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// What one addressee is called to do: a unit in general, or a unit for one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// The unit that receives the order.
    pub unit: String,
    /// The place that is ordered; empty: the unit's general measures.
    pub place: String,
    /// The measures, at least one.
    pub measures: Vec<Planned>,
}

/// Whom a level calls on that day, sorted by unit and place. A unit gets the general measures of the level and of all milder
/// ones; a place gets those of its strictest level only, since they stand for the milder ones.
pub fn called(plan: &[Planned], level: Level, day: Date) -> Vec<Called> {
    let in_force =
        |planned: &&Planned| planned.measure.level <= level && planned.measure.is_in_force(day);
    let all: Vec<&Planned> = plan.iter().filter(in_force).collect();
    let strictest = |place: &str| {
        let own = all.iter().filter(|planned| planned.measure.place == place);
        own.map(|planned| planned.measure.level).max()
    };
    let mut chosen: Vec<Called> = vec![];
    for planned in &all {
        let Measure { unit, place, level, .. } = &planned.measure;
        if !place.is_empty() && strictest(place) != Some(*level) {
            continue;
        }
        match chosen.iter_mut().find(|known| known.unit == *unit && known.place == *place) {
            Some(known) => known.measures.push((*planned).clone()),
            None => chosen.push(Called {
                unit: unit.clone(),
                place: place.clone(),
                measures: vec![(*planned).clone()],
            }),
        }
    }
    chosen.sort_by(|a, b| (&a.unit, &a.place).cmp(&(&b.unit, &b.place)));
    for one in &mut chosen {
        one.measures.sort_by(|a, b| (b.measure.level, &a.entry).cmp(&(a.measure.level, &b.entry)));
    }
    chosen
}

/// What a district's emergency response works by; configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The levels that the district uses.
    pub levels: Vec<Level>,
    /// An order is to be received within so many minutes.
    pub receive_minutes: u32,
    /// Its measures are to be in place so many minutes after the level begins; readings before that are no sign.
    pub act_minutes: u32,
    /// It is to be reported done so many minutes after the level begins.
    pub done_minutes: u32,
    /// An order that is late is reminded of each time so many minutes have passed.
    pub remind_minutes: u32,
    /// Hours before the order with which readings are compared.
    pub before_hours: u32,
    /// How sure it has to be that an order is kept, or is not, before it is called so, per cent.
    pub sure_percent: f64,
    /// Whose forecast a warning rests on unless somebody names another: the name of a source outside, or `own`, the house's own.
    #[serde(default = "own", skip_serializing_if = "is_own")]
    pub forecast: String,
    /// Where these numbers were taken from.
    pub source: String,
}

/// The name that means the house's own forecast: no source outside may have it.
pub const OWN_FORECAST: &str = "own";

fn own() -> String {
    OWN_FORECAST.to_owned()
}

fn is_own(name: &str) -> bool {
    name == OWN_FORECAST
}

/// What is wrong with the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub String);

/// Minutes of a week: no time of an order is longer.
const MINUTES_MAX: u32 = 7 * 24 * 60;
/// Hours of two weeks.
const HOURS_MAX: u32 = 14 * 24;

impl Rule {
    /// What comes with the program: what a district begins from.
    pub const TEXT: &str = include_str!("../../data/emergency.toml");

    /// Reads the rule that is built in.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in() -> Result<Self, RuleError> {
        let rule: Self = toml::from_str(Self::TEXT).map_err(|e| RuleError(e.to_string()))?;
        rule.check()?;
        Ok(rule)
    }

    /// Whether it can be worked by.
    ///
    /// # Errors
    /// Names the field, and what it may be.
    pub fn check(&self) -> Result<(), RuleError> {
        let flaw = |what: String| Err(RuleError(what));
        if self.levels.is_empty() || !self.levels.is_sorted_by(|a, b| a < b) {
            return flaw("levels: at least one, the mildest first, none twice".to_owned());
        }
        for (field, minutes) in [
            ("receive_minutes", self.receive_minutes),
            ("act_minutes", self.act_minutes),
            ("done_minutes", self.done_minutes),
            ("remind_minutes", self.remind_minutes),
        ] {
            if !(1..=MINUTES_MAX).contains(&minutes) {
                return flaw(format!("{field}: from 1 to {MINUTES_MAX} minutes"));
            }
        }
        if !(6..=HOURS_MAX).contains(&self.before_hours) {
            return flaw(format!("before_hours: from 6 to {HOURS_MAX}"));
        }
        if !(self.sure_percent >= 80.0 && self.sure_percent < 100.0) {
            return flaw("sure_percent: from 80 to below 100".to_owned());
        }
        if !(1..=40).contains(&self.forecast.chars().count()) {
            return flaw("forecast: `own`, or the name of a source outside".to_owned());
        }
        if self.source.trim().is_empty() {
            return flaw("source: say where the numbers were taken from".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn planned(entry: &str, place: &str, unit: &str, level: Level) -> Planned {
        let text = Text { zh: "停产".to_owned(), en: "stop".to_owned() };
        let measure = Measure {
            place: place.to_owned(),
            level,
            unit: unit.to_owned(),
            text,
            check: None,
            from: Date::constant(2026, 1, 1),
            to: Some(Date::constant(2026, 12, 31)),
            source: "plan".to_owned(),
        };
        Planned { entry: entry.to_owned(), sequence: 1, measure }
    }

    const DAY: Date = Date::constant(2026, 11, 29);

    #[test]
    fn a_unit_gets_milder_measures_too_and_a_place_its_strictest_only() {
        let plan = [
            planned("1", "", "u", Level::Yellow),
            planned("2", "", "u", Level::Orange),
            planned("3", "a", "v", Level::Yellow),
            planned("4", "a", "u", Level::Red),
            planned("5", "b", "v", Level::Orange),
        ];
        let of = |level| -> Vec<(String, String, Vec<String>)> {
            let all = called(&plan, level, DAY).into_iter();
            all.map(|c| (c.unit, c.place, c.measures.into_iter().map(|m| m.entry).collect()))
                .collect()
        };
        let row = |unit: &str, place: &str, entries: &[&str]| {
            (unit.to_owned(), place.to_owned(), entries.iter().map(|e| (*e).to_owned()).collect())
        };
        assert_eq!(of(Level::Blue), []);
        assert_eq!(of(Level::Yellow), [row("u", "", &["1"]), row("v", "a", &["3"])]);
        let orange = [row("u", "", &["2", "1"]), row("v", "a", &["3"]), row("v", "b", &["5"])];
        assert_eq!(of(Level::Orange), orange);
        let red = [row("u", "", &["2", "1"]), row("u", "a", &["4"]), row("v", "b", &["5"])];
        assert_eq!(of(Level::Red), red);
        assert_eq!(called(&plan, Level::Red, Date::constant(2027, 1, 1)), []);
    }

    #[test]
    fn the_built_in_rule_reads_and_flaws_are_named() {
        let rule = Rule::built_in().unwrap();
        let good = planned("1", "", "u", Level::Yellow).measure;
        assert_eq!(good.check(&rule), Ok(()));
        let blue = Measure { level: Level::Blue, ..good.clone() };
        assert!(blue.check(&rule).unwrap_err().to_string().contains("uses yellow, orange, red"));
        let back = Measure { to: Some(Date::constant(2025, 1, 1)), ..good.clone() };
        assert_eq!(back.check(&rule), Err(Flaw::Backwards));
        let nobody = Measure { unit: " ".to_owned(), ..good.clone() };
        assert_eq!(nobody.check(&rule), Err(Flaw::Empty("unit")));
        for reduction_percent in [0.0, -5.0, 101.0, f64::NAN] {
            let check =
                Check { place: "s".to_owned(), parameter: "nox".to_owned(), reduction_percent };
            let measure = Measure { check: Some(check), ..good.clone() };
            assert_eq!(measure.check(&rule), Err(Flaw::Reduction));
        }
        let wrong = Rule { levels: vec![Level::Red, Level::Yellow], ..rule.clone() };
        assert!(wrong.check().unwrap_err().0.contains("mildest first"));
        assert!(Rule { sure_percent: f64::NAN, ..rule }.check().is_err());
    }

    fn plans() -> impl Strategy<Value = Vec<Planned>> {
        let one = (0..4_usize, 0..3_usize, 0..4_usize);
        prop::collection::vec(one, 0..12).prop_map(|all| {
            let row = |(at, (place, unit, level)): (usize, (usize, usize, usize))| {
                let place = ["", "a", "b", "c"][place];
                planned(&format!("e{at}"), place, ["u", "v", "w"][unit], Level::ALL[level])
            };
            all.into_iter().enumerate().map(row).collect()
        })
    }

    proptest! {
        #[test]
        fn every_measure_of_a_level_is_ordered_once_or_replaced_by_a_stricter_one(plan in plans(), at in 0..4_usize) {
            let level = Level::ALL[at];
            let chosen = called(&plan, level, DAY);
            for planned in plan.iter().filter(|planned| planned.measure.level <= level) {
                let times = chosen.iter().flat_map(|c| &c.measures).filter(|m| m.entry == planned.entry).count();
                let own = &planned.measure;
                let stricter = plan.iter().any(|other| {
                    !own.place.is_empty() && other.measure.place == own.place
                        && other.measure.level > own.level && other.measure.level <= level
                });
                prop_assert_eq!(times, usize::from(!stricter));
            }
            for one in &chosen {
                prop_assert!(one.measures.iter().all(|m| m.measure.level <= level));
                prop_assert_eq!(chosen.iter().filter(|c| c.unit == one.unit && c.place == one.place).count(), 1);
            }
        }
    }
}
