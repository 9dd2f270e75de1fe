//! The board: every finding as it stands, a fold over the acts of kind `finding`; and the known work.
//!
//! Readers take snapshots; they never wait for a turn that is being written.

use super::found::Slot;
use super::{FINDING, KNOWN_WORK};
use crate::turn::Error;
use detect::{Deed, Finding, KnownWork, Suppression};
use model::{ActRow, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use store::{Known, Reader};

/// Findings by their number.
pub type Findings = BTreeMap<u64, Arc<Finding>>;
/// Known works by their id.
pub type Works = BTreeMap<String, Arc<Suppression>>;

/// The board as readers see it.
#[derive(Debug, Default)]
pub struct Board {
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    findings: Arc<Findings>,
    works: Arc<Works>,
    open: HashMap<Slot, u64>,
}

/// What is done to known work: the document of its acts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub(super) enum WorkDeed {
    /// It is stated.
    State {
        /// What.
        work: KnownWork,
    },
    /// It ends before its time.
    End {
        /// Why.
        why: String,
    },
}

impl Board {
    /// The board as it was known at some moment.
    ///
    /// # Errors
    /// When the acts cannot be read.
    pub fn of(reader: &Reader, known: Known) -> Result<Self, Error> {
        let mut inner = Inner::default();
        for row in reader.acts(FINDING, known)? {
            inner.take(&row);
        }
        for row in reader.acts(KNOWN_WORK, known)? {
            inner.take(&row);
        }
        Ok(Self { inner: RwLock::new(inner) })
    }

    /// All findings.
    pub fn findings(&self) -> Arc<Findings> {
        Arc::clone(&self.read().findings)
    }

    /// A finding by its id.
    pub fn finding(&self, id: &str) -> Option<Arc<Finding>> {
        let number = id.strip_prefix('f')?.parse().ok()?;
        self.read().findings.get(&number).cloned()
    }

    /// All known work.
    pub fn works(&self) -> Arc<Works> {
        Arc::clone(&self.read().works)
    }

    /// The open finding of a rule on a subject.
    pub(super) fn open(&self, slot: &Slot) -> Option<u64> {
        self.read().open.get(slot).copied()
    }

    /// The findings that are not over.
    pub(super) fn open_ones<'f>(&self, findings: &'f Findings) -> Vec<&'f Arc<Finding>> {
        let mut numbers: Vec<u64> = self.read().open.values().copied().collect();
        numbers.sort_unstable();
        numbers.iter().filter_map(|number| findings.get(number)).collect()
    }

    /// Takes in acts that were kept; says which findings they changed.
    pub(crate) fn take(&self, rows: &[ActRow]) -> Vec<String> {
        if rows.is_empty() {
            return vec![];
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            inner.take(row);
        }
        rows.iter().filter(|row| row.act.kind == FINDING).map(|row| row.act.key.clone()).collect()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// What is no deed of ours is passed over.
    fn take(&mut self, row: &ActRow) {
        if row.act.kind == KNOWN_WORK {
            self.take_work(row);
            return;
        }
        let Ok(deed) = serde_json::from_str::<Deed>(&row.act.document) else { return };
        let key = row.act.key.strip_prefix('f').and_then(|number| number.parse::<u64>().ok());
        let Some(number) = key else { return };
        let findings = Arc::make_mut(&mut self.findings);
        if let Some(finding) = findings.get_mut(&number) {
            let finding = Arc::make_mut(finding);
            finding.apply(row.at, &row.act.who, &deed);
            if finding.cleared.is_some() {
                let slot = Slot::of(finding);
                if self.open.get(&slot) == Some(&number) {
                    self.open.remove(&slot);
                }
            }
        } else if let Some(finding) = Finding::begin(&row.act.key, row.at, &deed) {
            self.open.insert(Slot::of(&finding), number);
            findings.insert(number, Arc::new(finding));
        }
    }

    fn take_work(&mut self, row: &ActRow) {
        let Ok(deed) = serde_json::from_str::<WorkDeed>(&row.act.document) else { return };
        let works = Arc::make_mut(&mut self.works);
        let (id, who) = (row.act.key.clone(), row.act.who.clone());
        match deed {
            WorkDeed::State { work } => {
                let stated = Suppression { id: id.clone(), who, at: row.at, work, ended: None };
                works.insert(id, Arc::new(stated));
            }
            WorkDeed::End { why } => {
                if let Some(work) = works.get_mut(&id) {
                    let at: Timestamp = row.at;
                    Arc::make_mut(work).ended.get_or_insert((at, who, why));
                }
            }
        }
    }
}
