//! A site's month (or any other period) from its results, and how what flows out compares with what
//! flows in.

use super::{Class, Cwqi, SectionReport, Versus, WaterBody, WaterLaw, mean_ph};
use crate::air::NotAssessed;
use crate::exact::{Exact, ExactError};
use crate::explain::{Rounding, Step, Text, Valid};
use crate::source::{Doubt, DoubtAbout};
use crate::statistics::mean;
use serde::Serialize;
use std::sync::Arc;

/// One result of the laboratory or of an automatic station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaterResult {
    /// A value in the unit of the item's limits.
    Value(Exact),
    /// Below this detection limit.
    Below(Exact),
}

/// A site's period judged.
#[derive(Clone, Debug, Serialize)]
pub struct SiteReport {
    /// Running water or a lake.
    pub body: WaterBody,
    /// Class, deciding items, multiples, main pollutants.
    pub report: SectionReport,
    /// The mean of each item.
    pub means: Vec<ItemMean>,
    /// The class it has to reach.
    pub target: Option<Class>,
    /// Whether it does; none without target or class.
    pub meets: Option<bool>,
    /// The index over the items there are; none of none.
    pub cwqi: Option<Cwqi>,
    /// Why there is no class.
    pub reason: Option<NotAssessed>,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
}

/// The mean of one item over the period.
#[derive(Clone, Debug, Serialize)]
pub struct ItemMean {
    /// `nh3n`
    pub key: Arc<str>,
    /// The exact mean; of pH that of hydrogen ions, to six places.
    pub mean: Exact,
    /// At its places for assessment: what is judged.
    pub rounded: Exact,
    /// The places, where a row says them.
    pub decimals: Option<u8>,
    /// Results in it.
    pub count: u32,
    /// Of these below detection, counted as half the limit.
    pub below: u32,
}

/// How outflow compares with inflow.
#[derive(Clone, Debug, Serialize)]
pub struct Flow {
    /// Better, same, worse, undetermined: the outflow against the inflow.
    pub verdict: Versus,
    /// What decided: `class`, `items`, `cwqi`; none when undetermined.
    pub by: Option<&'static str>,
    /// In words, with the numbers.
    pub reason: Text,
    /// Items that both have, one by one.
    pub items: Vec<(Arc<str>, Versus)>,
    /// The partial index over the items that both have, of the outflow and of the inflow.
    pub cwqi: Option<(Exact, Exact)>,
}

impl WaterLaw {
    /// Judges the results of a site over a month or any other period: the arithmetic mean of each item
    /// first (for pH that of hydrogen ions), half the limit for what is below detection, rounded once
    /// at the item's places, then the worst item.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn site(
        &self,
        body: WaterBody,
        results: &[(&str, WaterResult)],
        target: Option<Class>,
    ) -> Result<SiteReport, ExactError> {
        let mut keys: Vec<&str> = Vec::new();
        for (key, _) in results {
            if !keys.contains(key) {
                keys.push(key);
            }
        }
        let (mut means, mut doubts) = (Vec::new(), Vec::new());
        for key in keys {
            let own = results.iter().filter(|(of, _)| *of == key).map(|(_, result)| *result);
            let Some((item, doubt)) = self.item_mean(key, body, own)? else { continue };
            means.push(item);
            if let Some(doubt) = doubt.filter(|doubt| !doubts.contains(doubt)) {
                doubts.push(doubt);
            }
        }
        let values: Vec<(&str, Exact)> = means.iter().map(|own| (&*own.key, own.rounded)).collect();
        let report = self.section(body, &values)?;
        let cwqi = match self.cwqi(body, &values) {
            Ok(cwqi) => Some(cwqi).filter(|cwqi| !cwqi.parts.is_empty()),
            Err(ExactError::DivisionByZero) => None,
            Err(error) => return Err(error),
        };
        let meets = report.class.zip(target).map(|(class, target)| class <= target);
        let reason = report.class.is_none().then_some(NotAssessed::NoData);
        Ok(SiteReport { body, report, means, target, meets, cwqi, reason, doubts })
    }

    fn item_mean(
        &self,
        key: &str,
        body: WaterBody,
        results: impl Iterator<Item = WaterResult>,
    ) -> Result<Option<(ItemMean, Option<Doubt>)>, ExactError> {
        let (mut values, mut below) = (Vec::new(), 0);
        for result in results {
            values.push(match result {
                WaterResult::Value(value) => value,
                WaterResult::Below(limit) => {
                    below += 1;
                    self.below_detection(&limit)?
                }
            });
        }
        let is_ph = self.limits().item(key, body).is_some_and(|item| item.range().is_some());
        let mean = if is_ph { mean_ph(&values)? } else { mean(&values)? };
        let Some(mean) = mean else { return Ok(None) };
        let rounded = self.limits().rounded(key, &mean)?;
        let doubt = rounded.as_ref().filter(|(_, source)| source.confidence.is_doubtful());
        let doubt =
            doubt.map(|(_, source)| Doubt { about: DoubtAbout::Row, source: (*source).clone() });
        let item = ItemMean {
            key: Arc::from(key),
            mean,
            rounded: rounded.map_or(mean, |(value, _)| value),
            decimals: self.limits().decimals(key),
            count: values.len() as u32,
            below,
        };
        Ok(Some((item, doubt)))
    }

    /// How the outflow compares with the inflow over the items that both have: by class where the
    /// classes differ, else by the items where all that differ go one way, else by the partial index.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn flow(&self, outflow: &SiteReport, inflow: &SiteReport) -> Result<Flow, ExactError> {
        let common = |own: &SiteReport, other: &SiteReport| -> Vec<(Arc<str>, Exact)> {
            let has =
                |key: &str| other.report.items.iter().any(|row| row.decides && &*row.key == key);
            let rows = own.report.items.iter().filter(|row| row.decides && has(&row.key));
            rows.map(|row| (Arc::clone(&row.key), row.value)).collect()
        };
        let (out, into) = (common(outflow, inflow), common(inflow, outflow));
        let undetermined = |reason| Flow {
            verdict: Versus::Undetermined,
            by: None,
            reason,
            items: Vec::new(),
            cwqi: None,
        };
        if out.is_empty() {
            return Ok(undetermined(Text::new(
                "进水与出水没有共同监测的项目",
                "inflow and outflow have no item in common",
            )));
        }
        let below = self.section(outflow.body, &pairs(&out))?;
        let above = self.section(inflow.body, &pairs(&into))?;
        let items: Vec<(Arc<str>, Versus)> = out
            .iter()
            .map(|(key, _)| (Arc::clone(key), self.versus_item(outflow.body, key, &below, &above)))
            .collect();
        let index = |body, own: &[(Arc<str>, Exact)]| match self.cwqi(body, &pairs(own)) {
            Ok(cwqi) => Ok(Some(cwqi.sum)),
            Err(ExactError::DivisionByZero) => Ok(None),
            Err(error) => Err(error),
        };
        let cwqi = index(outflow.body, &out)?.zip(index(inflow.body, &into)?);
        let (verdict, by, reason) = verdict(&below, &above, &items, cwqi);
        Ok(Flow { verdict, by, reason, items, cwqi })
    }

    /// How a site's class came about, down to the means of its items.
    pub fn explain_site(&self, site: &SiteReport) -> Step {
        let mut step = self.explain_section(site.body, &site.report);
        step.reason.clone_from(&site.reason);
        step.doubts.clone_from(&site.doubts);
        let (have, of) = (site.report.assessed as u32, site.report.of as u32);
        step.valid = Some(Valid { have, need: None, of });
        if let Some((target, meets)) = site.target.zip(site.meets) {
            let word = if meets { ("达到", "meets") } else { ("未达到", "misses") };
            step.text = Some(Text::new(
                format!("{}目标{target}", word.0),
                format!("{} the target {target}", word.1),
            ));
        }
        for (own, row) in site.report.items.iter().zip(&mut step.inputs) {
            let Some(mean) = site.means.iter().find(|mean| mean.key == own.key) else { continue };
            let mut input = Step::new("mean of the results", "结果均值").valued(Some(mean.mean));
            input.valid = Some(Valid { have: mean.count, need: Some(1), of: mean.count });
            input.rounding = mean.decimals.map(|digits| Rounding {
                from: mean.mean.to_string(),
                to: mean.rounded.to_string(),
                digits,
                mode: "half_even",
            });
            if mean.below > 0 {
                input.text = Some(Text::new(
                    format!("{}个结果低于检出限，按检出限的一半计", mean.below),
                    format!("{} results below detection count as half the limit", mean.below),
                ));
            }
            row.inputs.push(input);
        }
        step
    }
}

fn pairs(own: &[(Arc<str>, Exact)]) -> Vec<(&str, Exact)> {
    own.iter().map(|(key, value)| (key.as_ref(), *value)).collect()
}

fn verdict(
    out: &SectionReport,
    into: &SectionReport,
    items: &[(Arc<str>, Versus)],
    cwqi: Option<(Exact, Exact)>,
) -> (Versus, Option<&'static str>, Text) {
    let n = items.len();
    let class = |report: &SectionReport| report.class.map_or("-", Class::symbol);
    let by_class = WaterLaw::versus_class(out, into);
    if matches!(by_class, Versus::Better | Versus::Worse) {
        let (out, into) = (class(out), class(into));
        let reason = Text::new(
            format!("按共同的{n}项，出水{out}类，进水{into}类"),
            format!("over the {n} items in common outflow is {out}, inflow {into}"),
        );
        return (by_class, Some("class"), reason);
    }
    let count = |of: Versus| items.iter().filter(|(_, versus)| *versus == of).count();
    let (better, worse) = (count(Versus::Better), count(Versus::Worse));
    let by_items = match (better, worse) {
        (0, 0) => Some(Versus::Same),
        (_, 0) => Some(Versus::Better),
        (0, _) => Some(Versus::Worse),
        _ => None,
    };
    if let Some(versus) = by_items {
        let class = class(out);
        let reason = Text::new(
            format!("同为{class}类；{n}项中{better}项较好、{worse}项较差"),
            format!("both are {class}; of {n} items {better} are better, {worse} are worse"),
        );
        return (versus, Some("items"), reason);
    }
    let Some((a, b)) = cwqi else {
        let reason = Text::new(
            "类别相同，各项有好有差，且指数无法计算",
            "same class, items go both ways, and the index cannot be computed",
        );
        return (Versus::Undetermined, None, reason);
    };
    let versus = match a.cmp(&b) {
        std::cmp::Ordering::Less => Versus::Better,
        std::cmp::Ordering::Equal => Versus::Same,
        std::cmp::Ordering::Greater => Versus::Worse,
    };
    let (a, b) = (a.fixed(4), b.fixed(4));
    let reason = Text::new(
        format!("类别相同，{better}项较好、{worse}项较差；共同{n}项的指数出水{a}，进水{b}"),
        format!(
            "same class, {better} items better, {worse} worse; index over the {n} items in common: \
             outflow {a}, inflow {b}"
        ),
    );
    (versus, Some("cwqi"), reason)
}
