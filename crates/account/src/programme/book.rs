//! The book: every programme, project, entry and milestone that was written, a fold over acts.

use super::{Document, Entry, EntryKey, Milestone, Programme, Project, Template, Write};
use crate::Text;
use jiff::civil::Date;
use standards::Exact;
use std::collections::BTreeMap;

/// The longest key and the longest text that is written down.
const KEY_MAX: usize = 64;
const TEXT_MAX: usize = 2_000;

/// What was written, with who wrote it and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept<T> {
    /// What was written.
    pub it: T,
    /// Who wrote it.
    pub who: String,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// Its number in the log.
    pub sequence: u64,
    /// 1 when it was written first, then 2, …
    pub version: u32,
}

/// Everything that was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Book {
    /// Programmes by key, as they stand.
    pub programmes: BTreeMap<String, Kept<Programme>>,
    /// Projects by key, as they stand.
    pub projects: BTreeMap<String, Kept<Project>>,
    /// Milestones by project and key, as they stand.
    pub milestones: BTreeMap<(String, String), Kept<Milestone>>,
    /// Entries by what they state the total of, every revision of each, the newest last.
    pub entries: BTreeMap<EntryKey, Vec<Kept<Entry>>>,
}

/// Why something cannot be written; in both languages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct Refused(pub Text);

impl Book {
    /// Takes in what somebody wrote.
    pub fn take(&mut self, sequence: u64, at_ms: i64, who: &str, write: Write) {
        let who = who.to_owned();
        match write {
            Write::Programme(it) => {
                put(&mut self.programmes, it.key.clone(), (it, who, at_ms, sequence));
            }
            Write::Project(it) => {
                put(&mut self.projects, it.key.clone(), (it, who, at_ms, sequence));
            }
            Write::Milestone(it) => {
                let key = (it.project.clone(), it.key.clone());
                put(&mut self.milestones, key, (it, who, at_ms, sequence));
            }
            Write::Entry(it) => {
                let revisions = self.entries.entry(it.key()).or_default();
                let version = u32::try_from(revisions.len() + 1).unwrap_or(u32::MAX);
                revisions.push(Kept { it, who, at_ms, sequence, version });
            }
        }
    }

    /// What an entry revises: the newest total for the same period.
    pub fn revised(&self, entry: &Entry) -> Option<&Kept<Entry>> {
        self.entries.get(&entry.key())?.last()
    }

    /// Whether something may be written.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn check(&self, write: &Write, templates: &[Template]) -> Result<(), Refused> {
        match write {
            Write::Programme(own) => self.check_programme(own, templates),
            Write::Project(own) => self.check_project(own),
            Write::Entry(own) => self.check_entry(own, templates),
            Write::Milestone(own) => self.check_milestone(own),
        }
    }

    /// The template of a programme.
    pub fn template<'a>(&self, programme: &str, templates: &'a [Template]) -> Option<&'a Template> {
        let key = &self.programmes.get(programme)?.it.template;
        templates.iter().find(|template| template.key == *key)
    }

    /// The projects of a programme, by key.
    pub fn projects_of<'a>(
        &'a self,
        programme: &'a str,
    ) -> impl Iterator<Item = &'a Kept<Project>> {
        self.projects.values().filter(move |kept| kept.it.programme == programme)
    }

    fn check_programme(&self, own: &Programme, templates: &[Template]) -> Result<(), Refused> {
        keyed(&own.key)?;
        named(&own.name)?;
        documented(&own.document)?;
        if !templates.iter().any(|template| template.key == own.template) {
            let known: Vec<_> = templates.iter().map(|template| template.key.as_str()).collect();
            let known = known.join(", ");
            return refuse(
                format!("没有模板 {:?}，可用：{known}", own.template),
                format!("there is no template {:?}; there are {known}", own.template),
            );
        }
        if let Some(kept) = self.programmes.get(&own.key)
            && kept.it.template != own.template
        {
            return refuse(
                format!("项目群 {} 的模板是 {}，不能更换；请新建", own.key, kept.it.template),
                format!(
                    "{} is of template {}, which stays; begin a new programme",
                    own.key, kept.it.template
                ),
            );
        }
        let [green, amber] = [
            number("lights.green", &own.lights.green)?,
            number("lights.amber", &own.lights.amber)?,
        ];
        if green <= amber || amber.is_negative() {
            return refuse(
                "绿灯阈值须高于黄灯阈值",
                "`lights.green` must be above `lights.amber`, and that not negative",
            );
        }
        in_order(own.begins, own.due)
    }

    fn check_project(&self, own: &Project) -> Result<(), Refused> {
        keyed(&own.key)?;
        named(&own.name)?;
        let Some(programme) = self.programmes.get(&own.programme) else {
            return no_programme(&own.programme);
        };
        if let Some(kept) = self.projects.get(&own.key)
            && kept.it.programme != own.programme
        {
            return refuse(
                format!("项目 {} 已属于项目群 {}；请另用编号", own.key, kept.it.programme),
                format!(
                    "project {} is of programme {}; use another key",
                    own.key, kept.it.programme
                ),
            );
        }
        if let Some(within) = &own.within {
            let parent = self.projects.get(within).filter(|p| p.it.programme == own.programme);
            if parent.is_none_or(|parent| parent.it.within.is_some() || parent.it.key == own.key) {
                return refuse(
                    format!("上级项目 {within} 须是同一项目群中的一级项目"),
                    format!("{within} is no first-level project of the same programme"),
                );
            }
        }
        if let Some(budget) = &own.budget {
            number("budget", budget)?;
        }
        if let Some((lon, lat)) = own.at
            && !(lon.abs() <= 180.0 && lat.abs() <= 90.0)
        {
            return refuse(
                "坐标须为 WGS 84 经纬度（度）",
                "`at` is longitude and latitude in degrees, WGS 84",
            );
        }
        in_order(own.begins.unwrap_or(programme.it.begins), own.due.unwrap_or(programme.it.due))
    }

    fn check_entry(&self, own: &Entry, templates: &[Template]) -> Result<(), Refused> {
        if !self.programmes.contains_key(&own.programme) {
            return no_programme(&own.programme);
        }
        if let Some(project) = &own.project
            && self.projects.get(project).is_none_or(|kept| kept.it.programme != own.programme)
        {
            return refuse(
                format!("项目群 {} 中没有项目 {project:?}；请先登记", own.programme),
                format!("{} has no project {project:?}; enter the project first", own.programme),
            );
        }
        let Some(template) = self.template(&own.programme, templates) else {
            return no_programme(&own.programme);
        };
        if template.measure(&own.measure).is_none() {
            let known: Vec<_> = template.measures.iter().map(|own| own.key.as_str()).collect();
            let known = known.join(", ");
            return refuse(
                format!("没有指标 {:?}，可用：{known}", own.measure),
                format!("there is no measure {:?}; there are {known}", own.measure),
            );
        }
        documented(&own.document)?;
        short("note", &own.note)?;
        let total = number("total", &own.total)?;
        if total.is_negative() {
            return refuse(
                "累计数不能为负",
                "`total` is a cumulative total and cannot be negative",
            );
        }
        Ok(())
    }

    fn check_milestone(&self, own: &Milestone) -> Result<(), Refused> {
        keyed(&own.key)?;
        named(&own.name)?;
        if !self.projects.contains_key(&own.project) {
            return refuse(
                format!("没有项目 {:?}；请先登记", own.project),
                format!("there is no project {:?}; enter the project first", own.project),
            );
        }
        match (&own.done, &own.proof) {
            (Some(_), None) => refuse(
                "完成的节点须附证明材料",
                "a milestone that is done needs `proof`: a document or a photo",
            ),
            (_, Some(proof)) => documented(proof),
            (None, None) => Ok(()),
        }
    }
}

fn put<K: Ord, T>(
    into: &mut BTreeMap<K, Kept<T>>,
    key: K,
    (it, who, at_ms, sequence): (T, String, i64, u64),
) {
    let version = into.get(&key).map_or(1, |kept| kept.version + 1);
    into.insert(key, Kept { it, who, at_ms, sequence, version });
}

fn refuse<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T, Refused> {
    Err(Refused(Text::new(zh, en)))
}

fn no_programme<T>(key: &str) -> Result<T, Refused> {
    refuse(
        format!("没有项目群 {key:?}；请先登记"),
        format!("there is no programme {key:?}; enter the programme first"),
    )
}

fn keyed(key: &str) -> Result<(), Refused> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if key.is_empty() || key.len() > KEY_MAX || !key.chars().all(is_plain) {
        return refuse(
            format!("编号 {key:?} 须为 1–{KEY_MAX} 个字母、数字或 - _ ."),
            format!("the key {key:?} must be 1 to {KEY_MAX} letters, digits or - _ ."),
        );
    }
    Ok(())
}

fn named(name: &Text) -> Result<(), Refused> {
    if name.zh.trim().is_empty() && name.en.trim().is_empty() {
        return refuse("须有名称", "a `name` is needed, in Chinese or English");
    }
    short("name", &name.zh)?;
    short("name", &name.en)
}

fn documented(document: &Document) -> Result<(), Refused> {
    if document.title.trim().is_empty() {
        return refuse(
            "须写明依据文件",
            "a `document` with its title is needed: where the figure stands",
        );
    }
    short("document", &document.title)?;
    short("document", &document.number)
}

fn short(what: &str, text: &str) -> Result<(), Refused> {
    if text.len() > TEXT_MAX {
        return refuse(
            format!("{what} 过长，最多 {TEXT_MAX} 字节"),
            format!("`{what}` is too long: at most {TEXT_MAX} bytes"),
        );
    }
    Ok(())
}

fn number(what: &str, text: &str) -> Result<Exact, Refused> {
    Exact::parse(text).or_else(|error| {
        refuse(
            format!("{what} {text:?} 不是十进制数，例如 3.8164"),
            format!("`{what}` {text:?}: {error}; write it like 3.8164"),
        )
    })
}

fn in_order(begins: Date, due: Date) -> Result<(), Refused> {
    if due <= begins {
        return refuse("期限须晚于开始日", "`due` must be after `begins`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Light, Lights, WarningKind};
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn document(title: &str) -> Document {
        Document { title: title.to_owned(), ..Document::default() }
    }

    fn programme() -> Write {
        Write::Programme(Programme {
            key: "homes".into(),
            name: Text::same("homes"),
            template: "resettlement".into(),
            begins: day("2020-01-01"),
            due: day("2021-12-31"),
            owner: None,
            document: document("plan"),
            lights: Lights::default(),
            simulated: false,
        })
    }

    fn project(key: &str) -> Write {
        Write::Project(Project {
            key: key.into(),
            programme: "homes".into(),
            within: None,
            name: Text::same(key),
            area: None,
            owner: None,
            begins: None,
            due: None,
            budget: None,
            at: None,
        })
    }

    fn entry(project: Option<&str>, measure: &str, end: &str, total: &str, title: &str) -> Write {
        Write::Entry(Entry {
            programme: "homes".into(),
            project: project.map(str::to_owned),
            measure: measure.into(),
            period_end: day(end),
            total: total.into(),
            document: document(title),
            note: String::new(),
        })
    }

    fn book(writes: Vec<Write>) -> Book {
        let templates = Template::built_in().unwrap();
        let mut book = Book::default();
        for (at, write) in writes.into_iter().enumerate() {
            book.check(&write, &templates).unwrap();
            book.take(at as u64 + 1, 0, "somebody", write);
        }
        book
    }

    fn status(book: &Book, on: &str) -> super::super::Status {
        let templates = Template::built_in().unwrap();
        let template = book.template("homes", &templates).unwrap();
        book.status("homes", template, day(on)).unwrap().unwrap()
    }

    #[test]
    fn the_year_of_the_founding_documents_comes_out_of_entries() {
        let end = "2020-12-31";
        let whole = |measure, total| entry(None, measure, end, total, "annual account");
        let book = book(vec![
            programme(),
            whole("started_m2", "13310000"),
            whole("handed_over_m2", "7640000"),
            whole("back_villages", "26"),
            whole("due_villages", "39"),
            whole("back_people", "66500"),
        ]);
        let status = status(&book, end);
        let rate = |key: &str| {
            let own = status.rates.iter().find(|rate| rate.key == key).unwrap();
            own.rate.as_ref().map(|rate| rate.as_ref().unwrap().percent(1).unwrap())
        };
        assert_eq!(rate("back_villages").as_deref(), Some("66.7"));
        assert_eq!(rate("handover").as_deref(), Some("57.4"));
        assert_eq!(rate("start"), None, "what was planned is not printed, and no rate is made up");
        assert_eq!(rate("back_people"), None);
        assert_eq!(status.warnings, []);
    }

    #[test]
    fn totals_that_shrink_or_overtake_or_disagree_are_kept_and_named() {
        let book = book(vec![
            programme(),
            project("a"),
            project("b"),
            entry(Some("a"), "planned_m2", "2020-06-30", "384", "month 6"),
            entry(Some("a"), "started_m2", "2020-06-30", "453", "month 6"),
            entry(Some("a"), "started_m2", "2020-07-31", "450", "month 7"),
            entry(Some("a"), "started_m2", "2020-07-31", "449", "another paper"),
            entry(None, "started_m2", "2020-07-31", "500", "the office"),
        ]);
        let status = status(&book, "2020-08-01");
        let started = status.measures.iter().find(|own| own.key == "started_m2").unwrap();
        assert_eq!(started.total, Some(Exact::whole(500)));
        assert_eq!((started.summed, started.missing), (Some(Exact::whole(449)), 1));
        let has =
            |is: &dyn Fn(&WarningKind) -> bool| status.warnings.iter().any(|own| is(&own.kind));
        let whole = Exact::whole;
        assert!(has(&|kind| matches!(kind, WarningKind::Order { by, .. } if *by == whole(65))));
        assert!(has(&|kind| matches!(kind, WarningKind::Shrunk { by, .. } if *by == whole(4))));
        assert!(has(&|kind| matches!(kind, WarningKind::OtherSum { missing: 1, .. })));
        assert!(has(&|kind| matches!(kind, WarningKind::OtherDocument { .. })));
        assert_eq!(status.months.len(), 2);
    }

    #[test]
    fn a_project_far_behind_its_way_is_red() {
        let book = book(vec![
            programme(),
            project("a"),
            entry(Some("a"), "planned_m2", "2020-12-31", "100", "m"),
            entry(Some("a"), "handed_over_m2", "2020-12-31", "10", "m"),
        ]);
        let status = status(&book, "2020-12-31");
        assert_eq!(status.projects[0].progress.map(|own| own.light), Some(Light::Red));
        assert_eq!(status.progress.map(|own| own.light), Some(Light::Red));
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_to_do() {
        let templates = Template::built_in().unwrap();
        let kept = book(vec![programme(), project("a")]);
        let says = |write: Write| kept.check(&write, &templates).unwrap_err().0.en;
        assert!(
            says(entry(Some("z"), "started_m2", "2020-12-31", "1", "m"))
                .contains("enter the project")
        );
        assert!(says(entry(None, "floors", "2020-12-31", "1", "m")).contains("planned_m2"));
        assert!(says(entry(None, "started_m2", "2020-12-31", "1,5", "m")).contains("3.8164"));
        assert!(says(entry(None, "started_m2", "2020-12-31", "-1", "m")).contains("negative"));
        assert!(says(entry(None, "started_m2", "2020-12-31", "1", " ")).contains("document"));
    }
}
