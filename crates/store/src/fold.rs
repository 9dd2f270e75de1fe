//! Folding: late files become part of their day's base file, and days of a small site one file a month.
//!
//! Like sealing in three steps, so that turns go on meanwhile: the plan names the files; new ones are
//! written on any thread; one short transaction lists the new files and retires the old ones. No version
//! is lost: what a newer one replaced goes to a superseded file, and as many rows come out as went in.
//! Old files are removed from the disk only afterwards, when nobody reads them any more; a crash at any
//! instant leaves either the old files listed or the new ones, and the start removes the others.

use crate::archive::{read_readings, write_readings_by};
use crate::manifest::{ArchiveFile, FileKind, Manifest};
use crate::seal::finish::register;
use crate::seal::split_superseded;
use crate::view::Shared;
use crate::{ARCHIVE, Error, Store};
use model::{DatastreamId, Reading, Sequence, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Which files become which.
#[derive(Debug)]
pub struct FoldPlan {
    shared: Arc<Shared>,
    /// Superseded ones, then base and late ones, each in the order in which they were listed.
    files: Vec<Arc<ArchiveFile>>,
    days: RangeInclusive<i32>,
    sequence: Sequence,
}

/// Files that are written and not listed yet, and those that they replace.
#[derive(Debug)]
pub struct Folded {
    files: Vec<ArchiveFile>,
    replaced: Vec<Arc<ArchiveFile>>,
}

impl Folded {
    /// The files that were written.
    pub fn files(&self) -> &[ArchiveFile] {
        &self.files
    }

    /// The files that they replace.
    pub fn replaced(&self) -> impl Iterator<Item = &ArchiveFile> {
        self.replaced.iter().map(Arc::as_ref)
    }
}

impl Store {
    /// What is best folded next, if anything: a day whose late files are settled (nothing came for it
    /// after the sequence `settled`) or too many, else a month before the UTC day `before` whose days are
    /// settled and small. Days with readings in the log wait for their seal.
    pub fn fold_plan(&self, settled: Sequence, before: i32) -> Option<FoldPlan> {
        let view = self.view();
        let limits = &self.shared.limits;
        let in_log = view.hot().days();
        let late = view.manifest.readings.iter().filter(|(day, _)| !in_log.contains_key(day));
        let late = late.filter(|(_, files)| {
            let late = files.iter().filter(|file| file.kind == FileKind::Late);
            let is_settled = late.clone().all(|file| file.sequences.1 <= settled);
            let count = late.count();
            count > limits.late_files_max || count > 0 && is_settled
        });
        let day = late.max_by_key(|(_, files)| files.len()).map(|(day, _)| *day);
        if let Some(day) = day {
            let manifest = Arc::clone(&view.manifest);
            drop(view);
            return Some(self.fold_days(&manifest, day..=day));
        }
        let mut months: BTreeMap<i32, BTreeSet<i32>> = BTreeMap::new();
        for day in view.manifest.readings.keys() {
            months.entry(month_of(*day).0).or_default().insert(*day);
        }
        let manifest = Arc::clone(&view.manifest);
        let days: Vec<_> = in_log.keys().copied().collect();
        drop(view);
        let is_foldable = |first: i32| {
            let month = first..=month_of(first).1;
            let readings: Vec<_> = Manifest::of_days(&manifest.readings, month.clone()).collect();
            let all = readings.iter().map(|file| file.rows).sum::<u64>()
                + Manifest::of_days(&manifest.superseded, month.clone())
                    .map(|file| file.rows)
                    .sum::<u64>();
            *month.end() < before
                && readings.len() > 1
                && all <= limits.month_readings_max
                && readings.iter().all(|file| file.sequences.1 <= settled)
                && !days.iter().any(|day| month.contains(day))
        };
        let first = months.into_keys().find(|first| is_foldable(*first))?;
        Some(self.fold_days(&manifest, first..=month_of(first).1))
    }

    /// All files of readings that touch days, widened by files of several days.
    fn fold_days(&self, manifest: &Manifest, days: RangeInclusive<i32>) -> FoldPlan {
        let mut days = days;
        // A file of several days takes its other days with it.
        let of = |days: &RangeInclusive<i32>| {
            let replaced = Manifest::of_days(&manifest.superseded, days.clone());
            let all = replaced.chain(Manifest::of_days(&manifest.readings, days.clone()));
            all.map(Arc::clone).collect::<Vec<_>>()
        };
        let files = loop {
            let files = of(&days);
            let first = files.iter().map(|file| *file.days().start()).min();
            let last = files.iter().map(|file| *file.days().end()).max();
            let wide = first.unwrap_or(*days.start()).min(*days.start())
                ..=last.unwrap_or(*days.end()).max(*days.end());
            if wide == days {
                break files;
            }
            days = wide;
        };
        let shared = Arc::clone(&self.shared);
        FoldPlan { shared, files, days, sequence: self.head.sequence }
    }

    /// Lists the written files in the place of the others, which are removed from the disk later.
    ///
    /// # Errors
    /// When one of the files was replaced meanwhile, or the disk refuses. Nothing changed then, and the
    /// written files are removed at the next start.
    pub fn fold_finish(&mut self, now: Timestamp, folded: Folded) -> Result<(), Error> {
        let path = self.shared.database_path();
        let database = |attempt| Error::database(attempt, &path);
        let Folded { mut files, replaced } = folded;
        let mut ids: Vec<i64> = replaced.iter().map(|file| file.id).collect();
        ids.sort_unstable();
        let are_there = {
            let view = self.view();
            let listed: BTreeSet<i64> = view.manifest.files().map(|file| file.id).collect();
            ids.iter().all(|id| listed.contains(id))
        };
        if !are_there {
            let what = "files to be folded were replaced by somebody else meanwhile".to_owned();
            return Err(Error::BadRecord(what));
        }
        let transaction = self.connection.transaction().map_err(database("begin to fold"))?;
        let mut write = || -> rusqlite::Result<()> {
            register(&transaction, &mut files, &self.head, &ids)?;
            let first = files.first().map(|file| file.id);
            for id in &ids {
                let insert = "INSERT INTO retired (file, replaced) VALUES (?1, ?2)";
                transaction.prepare_cached(insert)?.execute((id, first))?;
            }
            Ok(())
        };
        write().map_err(database("list folded files"))?;
        let mut view = self.shared.view_mut();
        transaction.commit().map_err(database("fold files"))?;
        let manifest = Arc::make_mut(&mut view.manifest);
        let gone = manifest.retire(&ids);
        for file in files {
            manifest.add(file);
        }
        drop(view);
        drop(replaced);
        self.gone.extend(gone.into_iter().map(|file| (now, file)));
        Ok(())
    }

    /// Folds whatever [`Store::fold_plan`] names, one after another, for tools and tests; a server does it
    /// in small steps. Says how many times.
    ///
    /// # Errors
    /// When a file cannot be read or written; what was folded before stays so.
    pub fn fold_all(
        &mut self,
        now: Timestamp,
        settled: Sequence,
        before: i32,
    ) -> Result<usize, Error> {
        let mut done = 0;
        while let Some(plan) = self.fold_plan(settled, before) {
            let folded = plan.write()?;
            self.fold_finish(now, folded)?;
            done += 1;
        }
        Ok(done)
    }

    /// Removes files from the disk that were replaced or let go before `before` and that no reader of
    /// this process holds. Another process that read the manifest before then may miss them: it reads the
    /// manifest again. Says how many.
    ///
    /// # Errors
    /// When a file cannot be removed; it is tried again, and at the next start.
    pub fn remove_gone(&mut self, before: Timestamp) -> Result<usize, Error> {
        let archive = self.shared.dir.join(ARCHIVE);
        let mut removed = 0;
        let mut failed = None;
        let shared = &self.shared;
        self.gone.retain(|(since, file)| {
            if *since >= before || Arc::strong_count(file) > 1 || failed.is_some() {
                return true;
            }
            shared.forget_file(file.id);
            let path = archive.join(&file.path);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    failed = Some(Error::io("remove", &path)(error));
                    true
                }
                _ => {
                    // An empty folder is of no use; one that is not empty refuses.
                    let _ = path.parent().map(fs::remove_dir);
                    removed += 1;
                    false
                }
            }
        });
        failed.map_or(Ok(removed), Err)
    }
}

impl FoldPlan {
    /// The UTC days whose files are folded.
    pub fn days(&self) -> RangeInclusive<i32> {
        self.days.clone()
    }

    /// Writes the new files. Takes long; holds no lock that a turn would wait for.
    ///
    /// # Errors
    /// When one of the files cannot be read (it is named as damaged, and nothing is folded) or the
    /// archive cannot be written.
    pub fn write(self) -> Result<Folded, Error> {
        let mut superseded = vec![];
        let mut pieces = self.pieces();
        let limits = &self.shared.limits;
        let archive = self.shared.dir.join(ARCHIVE);
        let base = write_readings_by(
            &archive,
            self.path("readings", "base"),
            FileKind::Base,
            *self.days.start(),
            limits,
            || {
                let Some(piece) = pieces.pop_front() else { return Ok(None) };
                let mut rows = self.read(&piece)?;
                superseded.extend(split_superseded(&mut rows));
                Ok(Some(rows))
            },
        )?;
        let mut files = vec![base];
        if !superseded.is_empty() {
            let mut rows = Some(superseded);
            let path = self.path("superseded", "superseded");
            let day = *self.days.start();
            let kind = FileKind::Superseded;
            files.push(write_readings_by(&archive, path, kind, day, limits, || Ok(rows.take()))?);
        }
        let rows = |files: &mut dyn Iterator<Item = u64>| files.sum::<u64>();
        let (went_in, came_out) = (
            rows(&mut self.files.iter().map(|file| file.rows)),
            rows(&mut files.iter().map(|file| file.rows)),
        );
        if went_in != came_out {
            return Err(Error::BadRecord(format!(
                "folding {} would make {came_out} rows of {went_in}",
                files[0].path
            )));
        }
        Ok(Folded { files, replaced: self.files })
    }

    /// Runs of datastreams whose rows fit into memory together.
    fn pieces(&self) -> VecDeque<Vec<DatastreamId>> {
        let first = self.files.iter().map(|file| file.datastreams.0.0).min().unwrap_or(0);
        let last = self.files.iter().map(|file| file.datastreams.1.0).max().unwrap_or(-1);
        let rows: u64 = self.files.iter().map(|file| file.rows).sum();
        let count = (i64::from(last) - i64::from(first) + 1).max(1) as u64;
        let at_once = self.shared.limits.fold_readings_max * count / rows.max(1);
        let all: Vec<_> = (first..=last).map(DatastreamId).collect();
        all.chunks(at_once.max(1) as usize).map(<[_]>::to_vec).collect()
    }

    /// The rows of some datastreams, of one file after another.
    fn read(&self, datastreams: &[DatastreamId]) -> Result<Vec<Reading>, Error> {
        let mut rows = vec![];
        for file in &self.files {
            let (low, high) = file.datastreams;
            if datastreams.last().is_some_and(|last| *last < low)
                || datastreams.first().is_some_and(|first| high < *first)
            {
                continue;
            }
            let read = self.shared.read_file(file, |open| {
                read_readings(open, datastreams, Timestamp::MIN, Timestamp::MAX, |reading| {
                    rows.push(reading);
                })
            });
            read.ok_or_else(|| Error::Damaged {
                path: self.shared.dir.join(ARCHIVE).join(&file.path),
                what: "it is not folded".to_owned(),
            })?;
        }
        Ok(rows)
    }

    /// The name of a new file: no other one has it, because the number of its newest source is in it.
    fn path(&self, folder: &str, name: &str) -> String {
        let date = Timestamp::from_utc_day(*self.days.start()).to_string();
        let newest = self.files.iter().map(|file| file.id).max().unwrap_or(0);
        let part = if self.days.start() == self.days.end() {
            format!("day={}", &date[..10])
        } else {
            format!("month={}", &date[..7])
        };
        format!("{folder}/{part}/{name}-{:012}-{newest}.parquet", self.sequence.0)
    }
}

/// First and last day of the UTC month of a day.
fn month_of(day: i32) -> (i32, i32) {
    let name = |day: i32| Timestamp::from_utc_day(day).to_string()[..7].to_owned();
    let month = name(day);
    let of_month = |day: &i32| name(*day) == month;
    let first = (day - 31..=day).find(of_month).unwrap_or(day);
    let last = (day..=day + 31).rev().find(of_month).unwrap_or(day);
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_days() {
        // 2024-02-29 is day 19 782.
        assert_eq!(month_of(19_782), (19_754, 19_782));
        assert_eq!(month_of(19_783), (19_783, 19_813));
    }
}
