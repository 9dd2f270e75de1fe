//! Who is signed in, and who has tried too often. In memory only: a restart signs everybody out.
//!
//! Of a session's token only the hash is kept. `now_ms` is milliseconds of a clock that only goes forward.

use blake3::Hash;
use model::{Right, Role};
use std::collections::HashMap;
use std::net::IpAddr;

/// How long somebody stays signed in, and how often a wrong password may be given. `sign_in.*` in the
/// configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Minutes without a question after which a session ends.
    pub idle_min: u64,
    /// Hours after which a session ends in any case.
    pub session_h: u64,
    /// Wrong passwords after which a name is locked; ten times as many lock a source address.
    pub failures_max: u64,
    /// Minutes for which a name or an address is locked, and for which failures are remembered.
    pub lock_min: u64,
    /// Whether browsers reach the server over TLS, by a proxy in front: the cookie is then sent over TLS only.
    pub behind_tls: bool,
    /// Words of the district that no password may hold.
    pub refused_words: RefusedWords,
    /// Roles that do nothing without an authenticator.
    pub factor_for: FactorFor,
}

/// Words that no password may hold, whatever the case of their letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedWords(pub Vec<String>);

/// Roles whose holders need an authenticator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactorFor(pub Vec<Role>);

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle_min: 60,
            session_h: 12,
            failures_max: 5,
            lock_min: 15,
            behind_tls: false,
            refused_words: RefusedWords::default(),
            factor_for: FactorFor::default(),
        }
    }
}

/// Sessions at the same time; the one that was silent longest makes room.
const SESSIONS_MAX: usize = 10_000;
/// Names and addresses whose failures are remembered.
const FAILURES_KEPT_MAX: usize = 10_000;
/// How many names' worth of failures lock an address: behind one address there may be many people.
const ADDRESS_SHARE: u64 = 10;
const MINUTE_MS: u64 = 60_000;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their name.
    pub name: String,
    /// What a write must carry in its header.
    pub csrf: String,
    /// When the session ends at the latest if nothing is asked, on the clock of `now_ms`.
    pub ends_ms: u64,
    /// When they last proved who they are, on the same clock.
    pub proved_ms: u64,
    /// Whether a code of an authenticator is asked for when they sign in.
    pub has_factor: bool,
    /// The token of the API that is used instead of a session.
    pub token: Option<TokenUse>,
}

/// A token of the API in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// Its id.
    pub id: String,
    /// The rights that it has, of those that its owner has.
    pub rights: Vec<Right>,
}

/// A session, for its owner to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Names it; no key to it.
    pub id: String,
    /// When it began, on the clock of `now_ms`.
    pub since_ms: u64,
    /// When it was last used, on the same clock.
    pub seen_ms: u64,
    /// From where it was opened.
    pub from: Option<IpAddr>,
}

/// Who signed in, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// Their name.
    pub name: &'a str,
    /// From where.
    pub from: Option<IpAddr>,
    /// Whether they gave a code of an authenticator, too.
    pub has_factor: bool,
}

/// Sessions and failures.
#[derive(Debug, Default)]
pub struct Sessions {
    sessions: HashMap<Hash, Session>,
    failures: HashMap<Subject, Failures>,
}

#[derive(Debug)]
struct Session {
    name: String,
    csrf: String,
    from: Option<IpAddr>,
    since_ms: u64,
    proved_ms: u64,
    seen_ms: u64,
    has_factor: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Name(String),
    Address(IpAddr),
}

#[derive(Debug, Default)]
struct Failures {
    count: u64,
    last_ms: u64,
}

impl Sessions {
    /// Opens a session under a token.
    pub fn open(&mut self, token: &str, csrf: String, who: Who<'_>, now_ms: u64, limits: &Limits) {
        let Who { name, from, has_factor } = who;
        self.sessions.retain(|_, session| session.ends_ms(limits) > now_ms);
        if self.sessions.len() >= SESSIONS_MAX {
            let oldest = self.sessions.iter().min_by_key(|(_, session)| session.seen_ms);
            if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
                self.sessions.remove(&oldest);
            }
        }
        let name = name.to_owned();
        let (since_ms, proved_ms, seen_ms) = (now_ms, now_ms, now_ms);
        let session = Session { name, csrf, from, since_ms, proved_ms, seen_ms, has_factor };
        self.sessions.insert(blake3::hash(token.as_bytes()), session);
    }

    /// Who holds a token; their session goes on.
    pub fn caller(&mut self, token: &str, now_ms: u64, limits: &Limits) -> Option<Caller> {
        let hash = blake3::hash(token.as_bytes());
        let session = self.sessions.get_mut(&hash)?;
        if session.ends_ms(limits) <= now_ms {
            self.sessions.remove(&hash);
            return None;
        }
        session.seen_ms = now_ms;
        Some(Caller {
            name: session.name.clone(),
            csrf: session.csrf.clone(),
            ends_ms: session.ends_ms(limits),
            proved_ms: session.proved_ms,
            has_factor: session.has_factor,
            token: None,
        })
    }

    /// The sessions of somebody, the newest first.
    pub fn list(&self, name: &str, now_ms: u64, limits: &Limits) -> Vec<SessionView> {
        let own = self
            .sessions
            .iter()
            .filter(|(_, session)| session.name == name && session.ends_ms(limits) > now_ms);
        let mut views: Vec<SessionView> = own
            .map(|(hash, session)| SessionView {
                id: id_of(hash),
                since_ms: session.since_ms,
                seen_ms: session.seen_ms,
                from: session.from,
            })
            .collect();
        views.sort_by(|a, b| (b.seen_ms, &b.id).cmp(&(a.seen_ms, &a.id)));
        views
    }

    /// Ends one session of somebody; whether there was one.
    pub fn close_one(&mut self, name: &str, id: &str) -> bool {
        let before = self.sessions.len();
        self.sessions.retain(|hash, session| session.name != name || id_of(hash) != id);
        self.sessions.len() < before
    }

    /// Ends every session of somebody but the one of a token; how many.
    pub fn close_all(&mut self, name: &str, but: Option<&str>) -> usize {
        let kept = but.map(|token| blake3::hash(token.as_bytes()));
        let before = self.sessions.len();
        self.sessions.retain(|hash, session| session.name != name || Some(*hash) == kept);
        before - self.sessions.len()
    }

    /// Ends every session but the one of a token; how many.
    pub fn close_everybody(&mut self, but: Option<&str>) -> usize {
        let kept = but.map(|token| blake3::hash(token.as_bytes()));
        let before = self.sessions.len();
        self.sessions.retain(|hash, _| Some(*hash) == kept);
        before - self.sessions.len()
    }

    /// Somebody began or stopped to use an authenticator.
    pub fn set_factor(&mut self, name: &str, has_factor: bool) {
        let own = self.sessions.values_mut().filter(|session| session.name == name);
        own.for_each(|session| session.has_factor = has_factor);
    }

    /// Lets somebody try again at once; whether they were locked.
    pub fn unlock(&mut self, name: &str) -> bool {
        subjects(name, None).any(|subject| self.failures.remove(&subject).is_some())
    }

    /// Takes back one attempt that was neither right nor wrong: a code was still wanting.
    pub fn take_back(&mut self, name: &str, from: Option<IpAddr>) {
        for subject in subjects(name, from) {
            if let Some(failures) = self.failures.get_mut(&subject) {
                failures.count = failures.count.saturating_sub(1);
            }
        }
    }

    /// Ends a session.
    pub fn close(&mut self, token: &str) {
        self.sessions.remove(&blake3::hash(token.as_bytes()));
    }

    /// For how many more milliseconds this name or this address may not try again; `None`: it may.
    pub fn locked_ms(
        &self,
        name: &str,
        from: Option<IpAddr>,
        now_ms: u64,
        limits: &Limits,
    ) -> Option<u64> {
        let left = |subject: &Subject| {
            let failures = self.failures.get(subject)?;
            let until = failures.last_ms + limits.lock_min * MINUTE_MS;
            (failures.count >= subject.failures_max(limits) && until > now_ms)
                .then(|| until - now_ms)
        };
        subjects(name, from).filter_map(|subject| left(&subject)).max()
    }

    /// Remembers a wrong password. Counted before it is checked, so that many at once do not slip through;
    /// [`Sessions::succeeded`] takes it back.
    pub fn tried(&mut self, name: &str, from: Option<IpAddr>, now_ms: u64, limits: &Limits) {
        let remembered = limits.lock_min * MINUTE_MS;
        if self.failures.len() + 2 > FAILURES_KEPT_MAX {
            self.failures.retain(|_, failures| failures.last_ms + remembered > now_ms);
        }
        if self.failures.len() + 2 > FAILURES_KEPT_MAX {
            let oldest = self.failures.iter().min_by_key(|(_, failures)| failures.last_ms);
            if let Some(oldest) = oldest.map(|(subject, _)| subject.clone()) {
                self.failures.remove(&oldest);
            }
        }
        for subject in subjects(name, from) {
            let failures = self.failures.entry(subject).or_default();
            if failures.last_ms + remembered <= now_ms {
                failures.count = 0;
            }
            failures.count += 1;
            failures.last_ms = now_ms;
        }
    }

    /// Forgets the failures of somebody who gave the right password.
    pub fn succeeded(&mut self, name: &str, from: Option<IpAddr>) {
        for subject in subjects(name, from) {
            match subject {
                Subject::Name(_) => drop(self.failures.remove(&subject)),
                // Others may sit behind the same address: only this attempt is taken back.
                Subject::Address(_) => {
                    if let Some(failures) = self.failures.get_mut(&subject) {
                        failures.count = failures.count.saturating_sub(1);
                    }
                }
            }
        }
    }
}

impl Session {
    fn ends_ms(&self, limits: &Limits) -> u64 {
        let idle = self.seen_ms + limits.idle_min * MINUTE_MS;
        idle.min(self.since_ms + limits.session_h * 60 * MINUTE_MS)
    }
}

impl Subject {
    fn failures_max(&self, limits: &Limits) -> u64 {
        match self {
            Self::Name(_) => limits.failures_max,
            Self::Address(_) => limits.failures_max * ADDRESS_SHARE,
        }
    }
}

/// The name of a session: a part of the hash of its token, which opens nothing.
fn id_of(hash: &Hash) -> String {
    hash.to_hex()[..16].to_owned()
}

/// What failures are counted by. A name is cut, so that it costs no memory.
fn subjects(name: &str, from: Option<IpAddr>) -> impl Iterator<Item = Subject> {
    let name = Subject::Name(name.chars().take(64).collect());
    std::iter::once(name).chain(from.map(Subject::Address))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Who = Who { name: "one", from: None, has_factor: false };
    const LIMITS: Limits = Limits {
        idle_min: 10,
        session_h: 1,
        failures_max: 3,
        lock_min: 5,
        behind_tls: false,
        refused_words: RefusedWords(vec![]),
        factor_for: FactorFor(vec![]),
    };

    fn is_signed_in(sessions: &mut Sessions, minute: u64) -> bool {
        sessions.caller("token", minute * MINUTE_MS, &LIMITS).is_some()
    }

    #[test]
    fn a_session_ends_when_nothing_is_asked_and_after_its_hours() {
        let mut sessions = Sessions::default();
        sessions.open("token", "csrf".to_owned(), ONE, 0, &LIMITS);
        assert!(is_signed_in(&mut sessions, 9));
        assert!(!is_signed_in(&mut sessions, 19));
        sessions.open("token", "csrf".to_owned(), ONE, 0, &LIMITS);
        assert!((1..12).all(|step| is_signed_in(&mut sessions, 5 * step)));
        assert!(!is_signed_in(&mut sessions, 60));
    }

    #[test]
    fn only_the_token_opens_a_session_and_the_end_is_the_end() {
        let mut sessions = Sessions::default();
        sessions.open("token", "csrf".to_owned(), ONE, 0, &LIMITS);
        assert_eq!(sessions.caller("other", 0, &LIMITS), None);
        assert_eq!(sessions.caller("token", 0, &LIMITS).unwrap().name, "one");
        sessions.close("token");
        assert!(!is_signed_in(&mut sessions, 0));
    }

    #[test]
    fn a_name_is_locked_after_its_failures_and_open_again_later() {
        let mut sessions = Sessions::default();
        let from = Some(IpAddr::from([127, 0, 0, 1]));
        for _ in 0..3 {
            assert_eq!(sessions.locked_ms("one", from, 0, &LIMITS), None);
            sessions.tried("one", from, 0, &LIMITS);
        }
        assert_eq!(sessions.locked_ms("one", None, 0, &LIMITS), Some(5 * MINUTE_MS));
        assert_eq!(sessions.locked_ms("two", from, 0, &LIMITS), None);
        assert_eq!(sessions.locked_ms("one", from, 5 * MINUTE_MS, &LIMITS), None);
    }

    #[test]
    fn an_address_that_tries_many_names_is_locked() {
        let mut sessions = Sessions::default();
        let from = Some(IpAddr::from([127, 0, 0, 1]));
        for number in 0..30 {
            sessions.tried(&number.to_string(), from, 0, &LIMITS);
        }
        assert!(sessions.locked_ms("another", from, 0, &LIMITS).is_some());
        assert_eq!(sessions.locked_ms("another", None, 0, &LIMITS), None);
    }

    #[test]
    fn the_right_password_takes_failures_back() {
        let mut sessions = Sessions::default();
        for _ in 0..10 {
            sessions.tried("one", None, 0, &LIMITS);
            sessions.succeeded("one", None);
        }
        assert_eq!(sessions.locked_ms("one", None, 0, &LIMITS), None);
    }

    #[test]
    fn neither_sessions_nor_failures_grow_without_end() {
        let mut sessions = Sessions::default();
        for number in 0..FAILURES_KEPT_MAX as u64 + 100 {
            sessions.tried(&number.to_string(), None, number, &LIMITS);
        }
        assert!(sessions.failures.len() <= FAILURES_KEPT_MAX);
        for number in 0..SESSIONS_MAX as u64 + 3 {
            sessions.open(&number.to_string(), String::new(), ONE, number, &LIMITS);
        }
        assert_eq!(sessions.sessions.len(), SESSIONS_MAX);
    }

    #[test]
    fn somebody_sees_and_ends_their_own_sessions_only() {
        let mut sessions = Sessions::default();
        let other = Who { name: "two", from: None, has_factor: false };
        for (token, who) in [("a", ONE), ("b", ONE), ("c", other)] {
            sessions.open(token, String::new(), who, 0, &LIMITS);
        }
        let of_other = sessions.list("two", 0, &LIMITS)[0].id.clone();
        assert!(!sessions.close_one("one", &of_other));
        assert_eq!(sessions.list("one", 0, &LIMITS).len(), 2);
        assert_eq!(sessions.close_all("one", Some("a")), 1);
        assert!(sessions.caller("a", 0, &LIMITS).is_some());
        assert!(sessions.caller("b", 0, &LIMITS).is_none());
        assert!(sessions.caller("c", 0, &LIMITS).is_some());
    }

    #[test]
    fn asking_for_the_code_gives_no_free_attempts() {
        let mut sessions = Sessions::default();
        for _ in 0..3 {
            // A right password without a code, then a wrong code.
            sessions.tried("one", None, 0, &LIMITS);
            sessions.take_back("one", None);
            sessions.tried("one", None, 0, &LIMITS);
        }
        assert!(sessions.locked_ms("one", None, 0, &LIMITS).is_some());
        assert!(sessions.unlock("one") && sessions.locked_ms("one", None, 0, &LIMITS).is_none());
    }
}
