//! Reads the journal, and queues what it calls for.

use super::outbox::{Step, WHO, act, cursor};
use super::run::keep;
use super::write::World;
use super::{NoticeKind, SUBSCRIPTION};
use crate::http::AppState;
use model::{Act, ActRow, Sequence};

/// Acts that are read at a time.
const PAGE: usize = 2_000;
/// Notices of one page: after the act that reaches them the page ends.
const NOTICES_MAX: usize = 10_000;
/// Acts without a notice after which it is kept how far the journal was read.
const CURSOR_EVERY: usize = 1_000;

/// Some acts of the journal.
#[derive(Debug, Default)]
struct Page {
    rows: Vec<ActRow>,
    /// How far the journal was read with it.
    read_to: Sequence,
    /// Whether it is the last one.
    is_last: bool,
    /// Whether it is to be kept in any case how far the journal was read.
    is_kept: bool,
}

impl Page {
    /// The page of these rows, of a journal that went up to `last` at least before they were read.
    fn of(rows: Vec<ActRow>, last: Sequence) -> Self {
        let is_last = rows.len() < PAGE;
        let end = rows.last().map_or(last, |row| row.sequence);
        let read_to = if is_last { end.max(last) } else { end };
        let is_kept = rows.iter().any(|row| row.act.kind == SUBSCRIPTION);
        Self { rows, read_to, is_last, is_kept }
    }
}

/// Queues what the acts since the last look call for.
///
/// # Errors
/// When the journal cannot be read, or what is to be delivered was not kept: it is read once more.
pub async fn gather(app: &AppState) -> Result<(), String> {
    while let Some(page) = blocking(app, next_page).await? {
        if page.rows.iter().any(|row| NoticeKind::of(row).is_some()) {
            // The journal shows an act before the engine has taken it in; when the engine answers, it has.
            app.door.ask(|_, _| ()).await.map_err(|gone| gone.to_string())?;
        }
        let (acts, page) = blocking(app, move |app| Ok(called_for(app, page))).await?;
        let is_kept = !acts.is_empty();
        if is_kept {
            keep(app, acts).await?;
        }
        let mut outbox = app.notices.outbox();
        outbox.read_to = Some(page.read_to);
        outbox.unkept = if is_kept { 0 } else { outbox.unkept + page.rows.len() };
        if page.is_last {
            break;
        }
    }
    Ok(())
}

/// Does something that may wait for the disk. What breaks off there is an error like another.
async fn blocking<T: Send + 'static>(
    app: &AppState,
    work: impl FnOnce(&AppState) -> Result<T, store::Error> + Send + 'static,
) -> Result<T, String> {
    let app = app.clone();
    match tokio::task::spawn_blocking(move || work(&app)).await {
        Ok(done) => done.map_err(|error| crate::shell::chain(&error)),
        Err(error) => Err(error.to_string()),
    }
}

/// The next acts of the journal; `None` when there are none.
fn next_page(app: &AppState) -> Result<Option<Page>, store::Error> {
    let last = app.reader.last_sequence()?;
    let read_to = app.notices.outbox().read_to;
    let Some(from) = read_to else {
        // Nobody is told of what happened before there was anybody to tell; until then nothing needs to be kept.
        let first = app.notices.first_subscription();
        let is_kept = first.is_some() || !app.notices.hooks.is_empty();
        let read_to = first.unwrap_or(last);
        return Ok(Some(Page { read_to, is_kept, ..Page::default() }));
    };
    if last <= from {
        return Ok(None);
    }
    Ok(Some(Page::of(app.reader.acts_after(from, PAGE)?, last)))
}

/// What a page calls for, as acts; a page that calls for too much ends before its end.
fn called_for(app: &AppState, mut page: Page) -> (Vec<Act>, Page) {
    let mut acts = vec![];
    if page.rows.iter().any(|row| NoticeKind::of(row).is_some()) {
        let world = World::now(app);
        let read = page.rows.iter().position(|row| {
            let notices = world.notices(row).into_iter();
            acts.extend(notices.map(|own| act(WHO, &own.id(), &Step::Queued { notice: own })));
            acts.len() >= NOTICES_MAX
        });
        if let Some(end) = read.filter(|end| end + 1 < page.rows.len()) {
            page.rows.truncate(end + 1);
            page.read_to = page.rows[end].sequence;
            page.is_last = false;
        }
    }
    let unkept = app.notices.outbox().unkept + page.rows.len();
    if page.is_kept || !acts.is_empty() || unkept >= CURSOR_EVERY {
        acts.push(cursor(page.read_to));
    }
    (acts, page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    fn rows(count: usize) -> Vec<ActRow> {
        let row = |number: usize| ActRow {
            sequence: Sequence(10 + number as u64),
            at: Timestamp::from_ms(0),
            act: cursor(Sequence(0)),
        };
        (1..=count).map(row).collect()
    }

    #[test]
    fn what_came_while_a_page_was_read_is_not_read_twice_and_nothing_is_passed_over() {
        // The last entry was 11 when it was asked for, and 13 when the page was read.
        let page = Page::of(rows(3), Sequence(11));
        assert_eq!((page.read_to, page.is_last), (Sequence(13), true));
        let page = Page::of(rows(3), Sequence(20));
        assert_eq!(page.read_to, Sequence(20), "entries that are no acts");
        let page = Page::of(rows(PAGE), Sequence(99_999));
        assert_eq!((page.read_to, page.is_last), (Sequence(10 + PAGE as u64), false));
        assert_eq!(Page::of(vec![], Sequence(7)).read_to, Sequence(7));
    }
}
