//! What goes together in an indicator, and what does not.

use super::{Air, Direction, Flawed, Indicator, Input, Term};
use crate::programme::Template;
use crate::{Basis, Text};
use standards::Exact;

/// The indicators that are built in: examples to begin from.
const BUILT_IN: [&str; 9] = [
    include_str!("../../data/indicators/back-villages.toml"),
    include_str!("../../data/indicators/back-people.toml"),
    include_str!("../../data/indicators/good-days.toml"),
    include_str!("../../data/indicators/heavy-days.toml"),
    include_str!("../../data/indicators/pm25.toml"),
    include_str!("../../data/indicators/on-time.toml"),
    include_str!("../../data/indicators/planned-water.toml"),
    include_str!("../../data/indicators/class-3-days.toml"),
    include_str!("../../data/indicators/completed.toml"),
];
/// The longest key, the longest text, the most terms and decimals.
const KEY_MAX: usize = 64;
const TEXT_MAX: usize = 2_000;
const TERMS_MAX: usize = 16;
const DECIMALS_MAX: u8 = 6;

impl Indicator {
    /// The documents of the indicators that are built in, TOML.
    pub fn built_in_documents() -> &'static [&'static str] {
        &BUILT_IN
    }

    /// The indicators that are built in.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in(templates: &[Template]) -> Result<Vec<Self>, Flawed> {
        BUILT_IN.iter().map(|text| Self::parse(text, templates)).collect()
    }

    /// Whether everything goes together.
    pub(super) fn check(&self, templates: &[Template]) -> Result<(), Flawed> {
        self.check_words()?;
        if self.decimals > DECIMALS_MAX {
            return flawed(
                format!("decimals 最多 {DECIMALS_MAX}"),
                format!("`decimals` is at most {DECIMALS_MAX}"),
            );
        }
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            return flawed("valid_to 早于 valid_from", "`valid_to` is before `valid_from`");
        }
        let count = self.terms().count();
        if self.numerator.is_empty() || count > TERMS_MAX {
            return flawed(
                format!("须有分子，分子分母合计最多 {TERMS_MAX} 项"),
                format!("a numerator is needed, and {TERMS_MAX} terms in all are the most"),
            );
        }
        if self.unit == "%" && (self.basis.is_none() || self.denominator.is_empty()) {
            return flawed(
                "百分比须写明分母和口径（basis）",
                "a rate in per cent needs a denominator, and `basis`: what it counts",
            );
        }
        for term in self.terms() {
            self.check_term(term, templates)?;
        }
        self.check_target()
    }

    fn check_words(&self) -> Result<(), Flawed> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.key.is_empty() || self.key.len() > KEY_MAX || !self.key.chars().all(is_plain) {
            return flawed(
                format!("编号 {:?} 须为 1–{KEY_MAX} 个字母、数字或 - _ .", self.key),
                format!("`key` {:?} must be 1 to {KEY_MAX} letters, digits or - _ .", self.key),
            );
        }
        if self.name.zh.trim().is_empty() || self.name.en.trim().is_empty() {
            return flawed("须有中英文名称", "`name` is needed in Chinese and in English");
        }
        if self.source.trim().is_empty() || self.source.len() > TEXT_MAX {
            return flawed("须写明来源（source）", "`source` is needed: where it stands");
        }
        if !["H", "M", "R", "O"].contains(&self.confidence.as_str()) {
            return flawed("confidence 须为 H、M、R 或 O", "`confidence` is one of H, M, R, O");
        }
        Ok(())
    }

    /// A term counts what the indicator counts.
    fn check_term(&self, term: &Term, templates: &[Template]) -> Result<(), Flawed> {
        if let Input::Stated { value, document, .. } = &term.input
            && (Exact::parse(value).is_err() || document.trim().is_empty())
        {
            return flawed(
                format!("{}：value 须为十进制数，并写明 document", term.name.zh),
                format!("{}: `value` is a decimal, and `document` says where", term.name.en),
            );
        }
        if let Input::Readings { hours_percent_min, .. } = &term.input
            && !(1..=100).contains(hours_percent_min)
        {
            return flawed(
                format!("{}：hours_percent_min 须为 1–100，不是 {hours_percent_min}", term.name.zh),
                format!(
                    "{}: `hours_percent_min` is 1 to 100, and not {hours_percent_min}",
                    term.name.en
                ),
            );
        }
        let basis = term.input.basis(templates)?;
        if let Some(wanted) = self.basis
            && basis != Some(wanted)
        {
            let (zh, en) = wanted.words();
            let (own_zh, own_en) = basis.map_or(("无口径", "no basis"), Basis::words);
            return flawed(
                format!(
                    "指标 {} 按{zh}计，而“{}”按{own_zh}计：口径不同，不能相比",
                    self.key, term.name.zh
                ),
                format!(
                    "{} is of {en}, and its term “{}” is of {own_en}: two bases are not put in one rate",
                    self.key, term.name.en
                ),
            );
        }
        Ok(())
    }

    fn check_target(&self) -> Result<(), Flawed> {
        let Some(target) = &self.target else { return Ok(()) };
        let is_in_order = match self.direction {
            Direction::Up => target.amber <= target.value,
            Direction::Down => target.amber >= target.value,
        };
        if !is_in_order || target.document.trim().is_empty() {
            return flawed(
                "黄灯阈值须在目标值较差的一侧，并写明目标依据（document）",
                "`amber` lies on the worse side of the target's `value`, and `document` says where the target stands",
            );
        }
        Ok(())
    }
}

impl Input {
    /// What it counts; none: nothing is counted, it is a level.
    ///
    /// # Errors
    /// When there is no such template or measure.
    pub fn basis(&self, templates: &[Template]) -> Result<Option<Basis>, Flawed> {
        Ok(match self {
            Self::Programme { template, measure, .. } => {
                let of = templates.iter().find(|own| own.key == *template);
                let Some(of) = of else {
                    let known: Vec<_> = templates.iter().map(|own| own.key.as_str()).collect();
                    let known = known.join(", ");
                    return flawed(
                        format!("没有模板 {template:?}，可用：{known}"),
                        format!("there is no template {template:?}; there are {known}"),
                    );
                };
                let Some(measure) = of.measure(measure) else {
                    let known: Vec<_> = of.measures.iter().map(|own| own.key.as_str()).collect();
                    let known = known.join(", ");
                    return flawed(
                        format!("模板 {template} 没有指标 {measure:?}，可用：{known}"),
                        format!("{template} has no measure {measure:?}; there are {known}"),
                    );
                };
                Some(measure.basis)
            }
            Self::Air { take: Air::GoodDays | Air::HeavyDays | Air::AssessedDays, .. }
            | Self::Water { .. } => Some(Basis::Days),
            Self::Air { .. } => None,
            Self::WaterBook { .. } => Some(Basis::Volume),
            Self::Cases { .. } => Some(Basis::Cases),
            Self::Readings { basis, .. } | Self::Stated { basis, .. } => *basis,
        })
    }
}

fn flawed<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T, Flawed> {
    Err(Flawed(Text::new(zh, en)))
}
