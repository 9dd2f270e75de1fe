//! How a programme stands on a day: totals, rates, what does not fit, lights, when it will be done.

use super::book::{Book, Kept};
use super::progress::{Progress, Thresholds, progress};
use super::{Entry, Template};
use crate::report::shortest;
use crate::{NoRate, Rate, Text};
use jiff::civil::Date;
use standards::{Exact, ExactError};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A total that somebody stated.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The total.
    pub total: Exact,
    /// The last day of its period.
    pub period_end: Date,
    /// Its number in the log.
    pub sequence: u64,
    /// Which revision of this period it is, from 1.
    pub version: u32,
}

/// How a measure stands.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureStatus {
    /// Key of the measure.
    pub key: String,
    /// The total that counts: what a document states of the whole, else the sum of the projects.
    pub total: Option<Exact>,
    /// What a document states of the whole.
    pub stated: Option<Stated>,
    /// The sum of what is stated of projects.
    pub summed: Option<Exact>,
    /// Projects of the first level that state it.
    pub projects: usize,
    /// Projects of the first level that do not.
    pub missing: usize,
}

/// How a rate stands.
#[derive(Clone, Debug, PartialEq)]
pub struct RateStatus {
    /// Key of the rate.
    pub key: String,
    /// The rate, or why there is none; `None` when one of its measures was never stated.
    pub rate: Option<Result<Rate, NoRate>>,
}

/// How a project stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectStatus {
    /// Its key.
    pub key: String,
    /// What is stated of it, or the sum of its items, by the measures of the template.
    pub totals: Vec<Option<Exact>>,
    /// Against the straight way; `None` when its rate cannot be had.
    pub progress: Option<Progress>,
    /// Milestones that are reached, due by now, and all.
    pub milestones: (usize, usize, usize),
}

/// Totals of the whole at the end of a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Month {
    /// The last day of the period.
    pub period_end: Date,
    /// By the measures of the template.
    pub totals: Vec<Option<Exact>>,
}

/// Something that somebody should look at. The figures stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Key of the project; none: the whole programme.
    pub project: Option<String>,
    /// What it is.
    pub kind: WarningKind,
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq)]
pub enum WarningKind {
    /// More is further than has come so far.
    Order {
        /// The earlier measure.
        earlier: String,
        /// The later measure, of which there is more.
        later: String,
        /// By how much.
        by: Exact,
    },
    /// A cumulative total became smaller.
    Shrunk {
        /// The measure.
        measure: String,
        /// The period in which it did.
        period_end: Date,
        /// By how much.
        by: Exact,
    },
    /// A document states another total than the projects add up to.
    OtherSum {
        /// The measure.
        measure: String,
        /// As stated.
        stated: Exact,
        /// As added up.
        summed: Exact,
        /// Projects that are missing in the sum.
        missing: usize,
    },
    /// Two documents state the same total differently.
    OtherDocument {
        /// The measure.
        measure: String,
        /// The period.
        period_end: Date,
        /// The earlier document and its total.
        earlier: (String, String),
        /// The later document and its total, which is used.
        later: (String, String),
    },
}

/// A programme on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// By the measures of the template.
    pub measures: Vec<MeasureStatus>,
    /// By the rates of the template.
    pub rates: Vec<RateStatus>,
    /// Its projects by key.
    pub projects: Vec<ProjectStatus>,
    /// Against the straight way; `None` when its rate cannot be had.
    pub progress: Option<Progress>,
    /// What does not fit.
    pub warnings: Vec<Warning>,
    /// Totals of the whole, period by period.
    pub months: Vec<Month>,
}

/// Entries of one subject and measure by the end of their period, the newest revision last.
type Series<'a> = BTreeMap<Date, &'a [Kept<Entry>]>;

/// All that is stated of one programme.
struct Stand<'a> {
    series: HashMap<(Option<&'a str>, &'a str), Series<'a>>,
    /// Keys of the projects of the first level.
    first: Vec<&'a str>,
    /// Keys of the items of a project.
    items: HashMap<&'a str, Vec<&'a str>>,
}

impl Book {
    /// How a programme stands on a day.
    ///
    /// # Errors
    /// When a number cannot be computed with.
    pub fn status(
        &self,
        programme: &str,
        template: &Template,
        day: Date,
    ) -> Result<Option<Status>, ExactError> {
        let Some(kept) = self.programmes.get(programme) else { return Ok(None) };
        let lights = &kept.it.lights;
        let [green, amber] = [Exact::parse(&lights.green)?, Exact::parse(&lights.amber)?];
        let thresholds = Thresholds { green, amber };
        let stand = Stand::of(self, programme);
        let mut warnings = stand.documents(day);
        let measures = stand.measures(template, day, &mut warnings)?;
        let totals: Vec<_> = measures.iter().map(|measure| measure.total).collect();
        order(None, template, &totals, &mut warnings)?;
        let (begins, due) = (kept.it.begins, kept.it.due);
        let way = |totals: &[Option<Exact>], begins: Date, due: Date| {
            let rate = template.rate(&template.light)?;
            let rate = rate_of(template, totals, &rate.of, &rate.over)?;
            progress(&rate, begins, due, day, thresholds).ok()
        };
        let mut projects = vec![];
        for kept in self.projects_of(programme) {
            let own = &kept.it;
            let totals = stand.project(&own.key, template, day)?;
            order(Some(&own.key), template, &totals, &mut warnings)?;
            projects.push(ProjectStatus {
                progress: way(&totals, own.begins.unwrap_or(begins), own.due.unwrap_or(due)),
                milestones: self.milestones_of(&own.key, day),
                key: own.key.clone(),
                totals,
            });
        }
        let rates = template.rates.iter().map(|rate| RateStatus {
            key: rate.key.clone(),
            rate: rate_of(template, &totals, &rate.of, &rate.over)
                .map(|rate| rate.share().map(|_| rate)),
        });
        Ok(Some(Status {
            progress: way(&totals, begins, due),
            months: stand.months(template, day)?,
            rates: rates.collect(),
            measures,
            projects,
            warnings,
        }))
    }

    /// The totals of one measure of a programme on some days.
    ///
    /// # Errors
    /// When a number cannot be computed with.
    pub fn totals(
        &self,
        programme: &str,
        measure: &str,
        days: &[Date],
    ) -> Result<Vec<MeasureStatus>, ExactError> {
        let stand = Stand::of(self, programme);
        days.iter().map(|day| stand.measure(measure, *day)).collect()
    }

    fn milestones_of(&self, project: &str, day: Date) -> (usize, usize, usize) {
        let own = self.milestones.values().filter(|kept| kept.it.project == project);
        let (mut done, mut due, mut all) = (0, 0, 0);
        for kept in own {
            all += 1;
            done += usize::from(kept.it.done.is_some_and(|done| done <= day));
            due += usize::from(kept.it.due <= day);
        }
        (done, due, all)
    }
}

impl<'a> Stand<'a> {
    fn of(book: &'a Book, programme: &'a str) -> Self {
        let mut series: HashMap<_, Series<'a>> = HashMap::new();
        for (key, revisions) in book.entries.iter().filter(|(key, _)| key.programme == programme) {
            let own = series.entry((key.project.as_deref(), key.measure.as_str())).or_default();
            own.insert(key.period_end, revisions);
        }
        let (mut first, mut items) = (vec![], HashMap::<_, Vec<_>>::new());
        for Kept { it, .. } in book.projects_of(programme) {
            match &it.within {
                None => first.push(it.key.as_str()),
                Some(within) => items.entry(within.as_str()).or_default().push(it.key.as_str()),
            }
        }
        Self { series, first, items }
    }

    /// The newest total of a subject on a day.
    fn stated(
        &self,
        project: Option<&str>,
        measure: &str,
        day: Date,
    ) -> Result<Option<Stated>, ExactError> {
        let series = self.series.get(&(project, measure));
        let newest = series.and_then(|own| own.range(..=day).next_back());
        let Some((period_end, kept)) = newest.and_then(|(end, own)| Some((end, own.last()?)))
        else {
            return Ok(None);
        };
        let (sequence, version) = (kept.sequence, kept.version);
        let total = Exact::parse(&kept.it.total)?;
        Ok(Some(Stated { total, period_end: *period_end, sequence, version }))
    }

    /// What is stated of a project, or the sum of its items.
    fn of_project(&self, key: &str, measure: &str, day: Date) -> Result<Option<Exact>, ExactError> {
        if let Some(stated) = self.stated(Some(key), measure, day)? {
            return Ok(Some(stated.total));
        }
        let mut sum = None;
        for item in self.items.get(key).into_iter().flatten() {
            if let Some(stated) = self.stated(Some(item), measure, day)? {
                sum = Some(sum.unwrap_or(Exact::ZERO).plus(&stated.total)?);
            }
        }
        Ok(sum)
    }

    fn project(
        &self,
        key: &str,
        template: &Template,
        day: Date,
    ) -> Result<Vec<Option<Exact>>, ExactError> {
        template.measures.iter().map(|own| self.of_project(key, &own.key, day)).collect()
    }

    fn measure(&self, key: &str, day: Date) -> Result<MeasureStatus, ExactError> {
        let stated = self.stated(None, key, day)?;
        let (mut summed, mut projects) = (None::<Exact>, 0);
        for project in &self.first {
            if let Some(total) = self.of_project(project, key, day)? {
                summed = Some(summed.unwrap_or(Exact::ZERO).plus(&total)?);
                projects += 1;
            }
        }
        let total = stated.as_ref().map(|stated| stated.total).or(summed);
        let missing = self.first.len() - projects;
        Ok(MeasureStatus { key: key.to_owned(), total, stated, summed, projects, missing })
    }

    fn measures(
        &self,
        template: &Template,
        day: Date,
        warnings: &mut Vec<Warning>,
    ) -> Result<Vec<MeasureStatus>, ExactError> {
        let mut all = vec![];
        for measure in &template.measures {
            let own = self.measure(&measure.key, day)?;
            if let (Some(stated), Some(summed)) = (&own.stated, own.summed)
                && stated.total != summed
            {
                let (measure, missing) = (measure.key.clone(), own.missing);
                let stated = stated.total;
                let kind = WarningKind::OtherSum { measure, stated, summed, missing };
                warnings.push(Warning { project: None, kind });
            }
            all.push(own);
        }
        for ((project, measure), series) in &self.series {
            let mut before: Option<Exact> = None;
            for (end, revisions) in series.range(..=day) {
                let Some(newest) = revisions.last() else { continue };
                let total = Exact::parse(&newest.it.total)?;
                if let Some(by) = before.map(|before| before.minus(&total)).transpose()?
                    && by > Exact::ZERO
                {
                    let measure = (*measure).to_owned();
                    let kind = WarningKind::Shrunk { measure, period_end: *end, by };
                    warnings.push(Warning { project: project.map(str::to_owned), kind });
                }
                before = Some(total);
            }
        }
        warnings.sort_by(|a, b| a.project.cmp(&b.project));
        Ok(all)
    }

    /// Where two documents state the same thing differently.
    fn documents(&self, day: Date) -> Vec<Warning> {
        let mut found = vec![];
        for ((project, measure), series) in &self.series {
            for (end, revisions) in series.range(..=day) {
                let Some((Kept { it: later, .. }, earlier)) = revisions.split_last() else {
                    continue;
                };
                let other = earlier.iter().rev().find(|kept| {
                    kept.it.document != later.document && kept.it.total != later.total
                });
                if let Some(Kept { it: earlier, .. }) = other {
                    let said = |own: &Entry| (own.document.title.clone(), own.total.clone());
                    let (earlier, later) = (said(earlier), said(later));
                    let (measure, period_end) = ((*measure).to_owned(), *end);
                    let kind = WarningKind::OtherDocument { measure, period_end, earlier, later };
                    found.push(Warning { project: project.map(str::to_owned), kind });
                }
            }
        }
        found
    }

    fn months(&self, template: &Template, day: Date) -> Result<Vec<Month>, ExactError> {
        let ends: BTreeSet<Date> =
            self.series.values().flat_map(|own| own.range(..=day).map(|(end, _)| *end)).collect();
        let month = |end: Date| {
            let totals = template.measures.iter();
            let totals = totals.map(|own| Ok(self.measure(&own.key, end)?.total));
            Ok(Month { period_end: end, totals: totals.collect::<Result<_, ExactError>>()? })
        };
        ends.into_iter().map(month).collect()
    }
}

fn rate_of(template: &Template, totals: &[Option<Exact>], of: &str, over: &str) -> Option<Rate> {
    let at = |key: &str| template.measures.iter().position(|own| own.key == key);
    let total = |key: &str| totals.get(at(key)?).copied().flatten();
    let basis = template.measure(over)?.basis;
    Some(Rate { numerator: total(of)?, denominator: total(over)?, basis })
}

/// Where a chain is broken, each measure against the last one before it that was stated.
fn order(
    project: Option<&str>,
    template: &Template,
    totals: &[Option<Exact>],
    warnings: &mut Vec<Warning>,
) -> Result<(), ExactError> {
    let chains: BTreeSet<&str> =
        template.measures.iter().filter_map(|own| own.chain.as_deref()).collect();
    for chain in chains {
        let own = template.measures.iter().zip(totals);
        let own = own.filter(|(own, _)| own.chain.as_deref() == Some(chain));
        let stated: Vec<_> = own.filter_map(|(own, total)| Some((&own.key, (*total)?))).collect();
        for pair in stated.windows(2) {
            let [(earlier, before), (later, after)] = [pair[0], pair[1]];
            if after > before {
                let (earlier, later, by) = (earlier.clone(), later.clone(), after.minus(&before)?);
                let kind = WarningKind::Order { earlier, later, by };
                warnings.push(Warning { project: project.map(str::to_owned), kind });
            }
        }
    }
    Ok(())
}

impl Warning {
    /// The warning in words.
    pub fn text(&self, template: &Template) -> Text {
        let name =
            |key: &str| template.measure(key).map_or_else(|| Text::same(key), super::Measure::name);
        match &self.kind {
            WarningKind::Order { earlier, later, by } => {
                let (a, b, by) = (name(earlier), name(later), shortest(by));
                Text::new(
                    format!("{}比{}多 {by}：请核对；数字照录", b.zh, a.zh),
                    format!(
                        "{} is {by} more than {}: please look; the figures are kept",
                        b.en, a.en
                    ),
                )
            }
            WarningKind::Shrunk { measure, period_end, by } => {
                let (name, by) = (name(measure), shortest(by));
                Text::new(
                    format!("{}的累计数在 {period_end} 减少了 {by}", name.zh),
                    format!("the cumulative total of {} fell by {by} at {period_end}", name.en),
                )
            }
            WarningKind::OtherSum { measure, stated, summed, missing } => {
                let (name, stated, summed) = (name(measure), shortest(stated), shortest(summed));
                Text::new(
                    format!(
                        "{}：文件为 {stated}，各项目合计 {summed}（{missing} 个项目未报）",
                        name.zh
                    ),
                    format!(
                        "{}: a document states {stated}, the projects add up to {summed} ({missing} of them state nothing)",
                        name.en
                    ),
                )
            }
            WarningKind::OtherDocument { measure, period_end, earlier, later } => {
                let name = name(measure);
                Text::new(
                    format!(
                        "{}（{period_end}）：《{}》为 {}，《{}》为 {}；采用后者，两者均保留",
                        name.zh, earlier.0, earlier.1, later.0, later.1
                    ),
                    format!(
                        "{} at {period_end}: “{}” says {}, “{}” says {}; the later is used, both are kept",
                        name.en, earlier.0, earlier.1, later.0, later.1
                    ),
                )
            }
        }
    }
}
