//! Pages of the log: frames, ledger, journal, acts, revisions, files; none is ever held as a whole.

use super::{Cell, registry};
use crate::moment::Moment;
use model::{DAY_MS, DeviceId, Timestamp};
use std::ops::Bound;
use store::{Error, FileKind, FrameFilter, Pinned, Way};

/// Rows of one page.
const PAGE: usize = 4_096;
/// Days of the ledger in one page.
const LEDGER_DAYS: i64 = 30;

/// Which frames are asked for, as far as a filter says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Sequences from here.
    pub from: Option<u64>,
    /// Sequences before this one.
    pub before: Option<u64>,
    /// Filters on device, disposition and reason.
    pub filter: FrameFilter,
}

/// Where a table goes on.
#[derive(Clone, Debug)]
pub enum Place {
    /// At the beginning.
    Start,
    /// After what this number says.
    After(i64),
    /// Nowhere.
    End,
}

/// Rows, and where to go on.
pub type Page = (Vec<Vec<Cell>>, Place);

/// The next page of a table.
pub fn page(
    table: &str,
    pinned: &Pinned,
    moment: Option<Moment>,
    asked: &Asked,
    place: &Place,
) -> Result<Page, Error> {
    let after = match place {
        Place::Start => None,
        Place::After(number) => Some(*number),
        Place::End => return Ok((vec![], Place::End)),
    };
    match table {
        "frames" => frames(pinned, moment, asked, after),
        "ledger" => ledger(pinned, after),
        "journal" => journal(pinned, moment, after),
        "acts" => acts(pinned, moment, after),
        "corrections" => Ok((corrections(pinned, moment)?, Place::End)),
        "revisions" => revisions(pinned, moment, after),
        "files" => Ok((files(pinned), Place::End)),
        _ => Ok((registry::rows(table, pinned, moment)?, Place::End)),
    }
}

fn mn(pinned: &Pinned, device: Option<DeviceId>) -> Cell {
    device.and_then(|id| pinned.registry().device(id)).map(|device| device.mn.as_str()).into()
}

/// Newest first, as the store lists them.
fn frames(
    pinned: &Pinned,
    moment: Option<Moment>,
    asked: &Asked,
    after: Option<i64>,
) -> Result<Page, Error> {
    let known = moment.map(|moment| moment.sequence.0.saturating_add(1));
    let ends = [known, asked.before, after.map(|before| before as u64)];
    let before = ends.into_iter().flatten().min().map(model::Sequence);
    let filter = FrameFilter { before, limit: PAGE, ..asked.filter.clone() };
    let page = pinned.reader().frames_page(&filter)?;
    let is_early = |sequence: u64| asked.from.is_some_and(|from| sequence < from);
    let place = match page.looked_down_to {
        Some(sequence) if !is_early(sequence.0) => Place::After(sequence.0 as i64),
        _ => Place::End,
    };
    let frames = page.frames.into_iter().filter(|frame| !is_early(frame.sequence.0));
    let rows = frames.map(|frame| {
        let text = String::from_utf8_lossy(&frame.raw).into_owned();
        vec![
            frame.sequence.into(),
            frame.received_at.into(),
            mn(pinned, frame.device),
            frame.stranger.into(),
            frame.disposition.name().into(),
            frame.reason.name().into(),
            Cell::Bytes(frame.raw),
            text.into(),
        ]
    });
    Ok((rows.collect(), place))
}

fn ledger(pinned: &Pinned, after: Option<i64>) -> Result<Page, Error> {
    let Some((first, last)) = pinned.ledger_hours()? else { return Ok((vec![], Place::End)) };
    let from = after.unwrap_or(first.as_ms());
    let to = from.saturating_add(LEDGER_DAYS * DAY_MS);
    let entries = pinned.reader().ledger(Timestamp::from_ms(from), Timestamp::from_ms(to))?;
    let rows = entries.iter().map(|entry| {
        let unit = if entry.unit == model::Counted::Frame { "frame" } else { "reading" };
        vec![
            entry.hour.into(),
            mn(pinned, entry.device),
            unit.into(),
            entry.disposition.name().into(),
            entry.reason.name().into(),
            Cell::Whole(entry.count as i64),
        ]
    });
    let place = if to > last.as_ms() { Place::End } else { Place::After(to) };
    Ok((rows.collect(), place))
}

fn journal(pinned: &Pinned, moment: Option<Moment>, after: Option<i64>) -> Result<Page, Error> {
    let lines = pinned.journal_after(after.unwrap_or(i64::MIN), PAGE)?;
    let place = lines.last().map_or(Place::End, |last| Place::After(last.id));
    let until = match moment {
        None => Bound::Unbounded,
        Some(Moment { at, .. }) => at.map_or(Bound::Excluded(Timestamp::MIN), Bound::Included),
    };
    let is_known = |at: Timestamp| match until {
        Bound::Unbounded => true,
        Bound::Included(last) => at <= last,
        Bound::Excluded(last) => at < last,
    };
    let lines = lines.into_iter().filter(|line| is_known(line.entry.at));
    let rows = lines.map(|line| {
        vec![
            Cell::Whole(line.id),
            line.entry.at.into(),
            line.entry.kind.into(),
            mn(pinned, line.entry.device),
            line.entry.text.into(),
        ]
    });
    Ok((rows.collect(), place))
}

fn acts(pinned: &Pinned, moment: Option<Moment>, after: Option<i64>) -> Result<Page, Error> {
    let after = model::Sequence(after.unwrap_or(0) as u64);
    let acts = pinned.reader().acts_after(after, PAGE)?;
    let known = |sequence| moment.is_none_or(|moment| sequence <= moment.sequence);
    let place = match acts.last() {
        Some(last) if known(last.sequence) => Place::After(last.sequence.0 as i64),
        _ => Place::End,
    };
    let rows = acts.into_iter().filter(|row| known(row.sequence)).map(|row| {
        vec![
            row.sequence.into(),
            row.at.into(),
            row.act.kind.into(),
            row.act.key.into(),
            row.act.who.into(),
            row.act.document.into(),
        ]
    });
    Ok((rows.collect(), place))
}

/// Corrections as their acts tell them.
fn corrections(pinned: &Pinned, moment: Option<Moment>) -> Result<Vec<Vec<Cell>>, Error> {
    let acts = pinned.reader().acts("correction", Moment::known(moment))?;
    let mut rows: Vec<Vec<Cell>> = vec![];
    for row in acts {
        let Ok(document) = serde_json::from_str::<serde_json::Value>(&row.act.document) else {
            continue;
        };
        let whole = |name: &str| document[name].as_i64().map_or(Cell::Null, Cell::Whole);
        let known = |rows: &mut Vec<Vec<Cell>>, place: usize| {
            let is_it =
                |known: &&mut Vec<Cell>| matches!(&known[0], Cell::Text(id) if *id == row.act.key);
            if let Some(known) = rows.iter_mut().find(is_it) {
                known[place] = row.act.who.as_str().into();
                known[place + 1] = row.at.into();
            }
        };
        match document["do"].as_str() {
            Some("approve") => known(&mut rows, 10),
            Some("annul") => known(&mut rows, 12),
            Some("make") => rows.push(vec![
                row.act.key.as_str().into(),
                row.sequence.into(),
                row.at.into(),
                row.act.who.as_str().into(),
                whole("datastream"),
                whole("from"),
                whole("to"),
                document["operation"].to_string().into(),
                document["why"].as_str().unwrap_or_default().into(),
                Cell::Bool(document["automatic"].as_bool().unwrap_or_default()),
                Cell::Null,
                Cell::Null,
                Cell::Null,
                Cell::Null,
            ]),
            _ => (),
        }
    }
    Ok(rows)
}

fn revisions(pinned: &Pinned, moment: Option<Moment>, after: Option<i64>) -> Result<Page, Error> {
    let revisions = pinned.revisions_after(after.unwrap_or(0), PAGE)?;
    let place = revisions.last().map_or(Place::End, |last| Place::After(last.id));
    let known = |sequence| moment.is_none_or(|moment| sequence <= moment.sequence);
    let rows = revisions.into_iter().filter(|one| known(one.sequence)).map(|one| {
        let kind = match one.kind {
            model::EntryKind::Area => "area",
            model::EntryKind::Line => "line",
            model::EntryKind::Place => "place",
            model::EntryKind::Device => "device",
        };
        let way = match one.by.way {
            Way::File => "file",
            Way::Written => "written",
            Way::Ended => "ended",
            Way::Imported => "imported",
        };
        vec![
            Cell::Whole(one.id),
            one.at.into(),
            one.sequence.into(),
            kind.into(),
            one.key.into(),
            one.by.who.into(),
            way.into(),
            without_password(&one.document).into(),
        ]
    });
    Ok((rows.collect(), place))
}

/// A document that is not JSON is not shown: it might hold one.
fn without_password(document: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<serde_json::Value>(document) else {
        return String::new();
    };
    if let Some(fields) = document.as_object_mut() {
        fields.shift_remove("password");
    }
    document.to_string()
}

fn files(pinned: &Pinned) -> Vec<Vec<Cell>> {
    let files = pinned.reader().archive_files();
    let rows = files.iter().map(|file| {
        let kind = match file.kind {
            FileKind::Base => "base",
            FileKind::Late => "late",
            FileKind::Superseded => "superseded",
            FileKind::Frames => "frames",
        };
        vec![
            file.path.as_str().into(),
            kind.into(),
            Cell::Whole(file.rows as i64),
            Cell::Whole(file.bytes as i64),
            Cell::Whole(file.datastreams.0.0.into()),
            Cell::Whole(file.datastreams.1.0.into()),
            file.times.0.into(),
            file.times.1.into(),
            file.sequences.0.into(),
            file.sequences.1.into(),
            file.hash_text().into(),
        ]
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_shown_without_its_password() {
        let shown = without_password(r#"{"mn":"A","password":"secret","place":"p"}"#);
        assert_eq!(shown, r#"{"mn":"A","place":"p"}"#);
        assert_eq!(without_password("password=secret"), "");
    }
}
