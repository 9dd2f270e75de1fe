//! Users: what a name and a password must be, how a password is kept, and `skyriver user`.
//!
//! A password is kept as an argon2id hash with a salt of its own; there is no default one.

pub mod secrets;
pub mod sessions;

use crate::cli::{ConfigArgs, Failure};
use crate::words::Words;
use crate::{clock, serve};
use argon2::password_hash::SaltString;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use clap::{Args, Subcommand};
use engine::people::{People, PeopleChange, When, holder};
use model::{Account, DAY_MS, Grant, Names, Role, Scope, Unit};
use secrets::{LINK, Link};
use sessions::RefusedWords;
use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::OnceLock;
use store::{Secret, SecretChange};

/// The kind of secret that is the hash of a password.
pub const PASSWORD: &str = "password";

/// Characters of a password, at least.
pub const PASSWORD_LENGTH_MIN: usize = 12;
/// Characters that are asked how easily they are guessed: what is longer is no easier, and takes long to look at.
const GUESSED_MAX: usize = 32;
/// Words that people here begin with, and that an English list of leaked passwords does not hold.
const HERE: [&str; 13] = [
    "skyriver", "huanbao", "huanjing", "zhongguo", "woaini", "1314520", "5201314", "admin", "root",
    "changeme", "default", "welcome", "qq",
];
/// Bytes of a password, at most.
const PASSWORD_BYTES_MAX: usize = 256;
/// Characters of a name, at most.
const NAME_LENGTH_MAX: usize = 64;

/// Why a user cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name or the password breaks a rule.
    #[error("{}\n{}", .0.en, .0.zh)]
    Rule(Words),
    /// There is nobody of that name.
    #[error("there is no user {0:?}\nhint: skyriver user list shows them")]
    Nobody(String),
    /// There is somebody of that name.
    #[error(
        "there is a user {0:?} already\nhint: skyriver user password {0} gives them a new password"
    )]
    Somebody(String),
    /// The system gave no random numbers, or the password could not be hashed.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
}

/// Whether a name and a password may be those of a user; `refused` are words of the district that no password holds.
///
/// # Errors
/// The rule that is broken, and what is accepted.
pub fn check(name: &str, password: &str, refused: &RefusedWords) -> Result<(), Words> {
    check_name(name)?;
    if password.chars().count() < PASSWORD_LENGTH_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(Words::new(
            format!("密码至少 {PASSWORD_LENGTH_MIN} 个字符，最多 {PASSWORD_BYTES_MAX} 字节"),
            format!(
                "a password has at least {PASSWORD_LENGTH_MIN} characters and at most {PASSWORD_BYTES_MAX} bytes"
            ),
        ));
    }
    let (lower, name) = (password.to_lowercase(), name.to_lowercase());
    // A short name may occur in a long sentence by chance.
    if lower == name || (name.chars().count() >= 4 && lower.contains(&name)) {
        return Err(Words::new("密码不得包含用户名", "a password must not contain the name"));
    }
    if let Some(word) = refused.0.iter().find(|word| lower.contains(&word.to_lowercase())) {
        return Err(Words::new(
            format!("密码不得包含本地常用词“{word}”"),
            format!("a password must not contain {word:?}, which is a word of this district"),
        ));
    }
    if is_guessed(&lower) {
        return Err(Words::new(
            "这个密码太容易被猜到，请另选；几个不相干的词连成一句即可",
            "this password is guessed too easily; take another, for example some words that have nothing to do with each other",
        ));
    }
    Ok(())
}

/// Whether fewer than a hundred million guesses find a password: it is built of leaked ones, of words, names, dates, of runs
/// along the alphabet or a keyboard, of a piece again and again.
fn is_guessed(password: &str) -> bool {
    let first: String = password.chars().take(GUESSED_MAX).collect();
    zxcvbn::zxcvbn(&first, &HERE).score() < zxcvbn::Score::Three
}

/// Whether a name may be that of an account.
///
/// # Errors
/// What is accepted.
pub fn check_name(name: &str) -> Result<(), Words> {
    let is_sound = |letter: char| letter.is_alphanumeric() || "-_.@".contains(letter);
    let length = name.chars().count();
    let begins_well = name.chars().next().is_some_and(char::is_alphanumeric);
    if length > NAME_LENGTH_MAX || !begins_well || !name.chars().all(is_sound) {
        return Err(Words::new(
            format!("用户名须为 1 至 {NAME_LENGTH_MAX} 个字母、数字、- _ . @，以字母或数字开头"),
            format!(
                "a name is 1 to {NAME_LENGTH_MAX} letters, digits, - _ . @, and begins with a letter or digit"
            ),
        ));
    }
    Ok(())
}

/// The hash under which a password is kept.
///
/// # Errors
/// When the system gives no random numbers.
pub fn hash(password: &str) -> Result<String, Error> {
    let failed = |error: argon2::password_hash::Error| Error::Hash(error.to_string());
    let random = random()?;
    let salt = SaltString::encode_b64(&random[..16]).map_err(failed)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).map_err(failed)?;
    Ok(hash.to_string())
}

/// Whether a password is the one whose hash is kept. Takes as long when there is none, so that nobody learns
/// names from the time it takes.
pub fn is_right(kept: Option<&str>, password: &str) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let is_somebody = kept.is_some();
    let kept = kept.unwrap_or_else(|| {
        NOBODY.get_or_init(|| hash("nobody has this password").unwrap_or_default())
    });
    let Ok(kept) = PasswordHash::new(kept) else { return false };
    let is_right = password.len() <= PASSWORD_BYTES_MAX
        && Argon2::default().verify_password(password.as_bytes(), &kept).is_ok();
    is_right && is_somebody
}

/// 256 random bits.
///
/// # Errors
/// When the system gives none.
pub fn random() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Hash(error.to_string()))?;
    Ok(bytes)
}

/// 256 random bits as 64 hexadecimal digits.
///
/// # Errors
/// When the system gives none.
pub fn token() -> Result<String, Error> {
    let mut text = String::with_capacity(64);
    for byte in random()? {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// Who may sign in, over a stopped data directory.
#[derive(Subcommand, Debug)]
pub enum UserCommand {
    /// Let somebody sign in; the password is read from standard input.
    Add {
        /// Their name.
        name: String,
        /// What they may do: a role.
        #[arg(long, default_value = "analyst", value_parser = role)]
        role: Role,
        /// Which data directory.
        #[command(flatten)]
        at: At,
    },
    /// Give somebody a new password, read from standard input.
    Password {
        /// Their name.
        name: String,
        /// Which data directory.
        #[command(flatten)]
        at: At,
    },
    /// Print a one-time link by which somebody sets a password; it stands for a day.
    Link {
        /// Their name.
        name: String,
        /// Which data directory.
        #[command(flatten)]
        at: At,
    },
    /// Give somebody a role, over the whole district or a unit.
    Role {
        /// Their name.
        name: String,
        /// The role.
        #[arg(value_parser = role)]
        role: Role,
        /// Key of the unit to which it is limited.
        #[arg(long)]
        unit: Option<String>,
        /// Which data directory.
        #[command(flatten)]
        at: At,
    },
    /// Make a unit, or change its name and the unit above it.
    Unit {
        /// Its key.
        key: String,
        /// Its Chinese name.
        zh: String,
        /// Key of the unit above it.
        #[arg(long, default_value = "")]
        above: String,
        /// Which data directory.
        #[command(flatten)]
        at: At,
    },
    /// Let somebody no longer sign in.
    Remove {
        /// Their name.
        name: String,
        /// Which data directory.
        #[command(flatten)]
        at: At,
    },
    /// Show who may sign in.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// Which data directory.
        #[command(flatten)]
        at: At,
    },
}

/// Which data directory.
#[derive(Args, Debug)]
pub struct At {
    /// Data directory; that of the configuration unless named.
    #[arg(long)]
    pub dir: Option<std::path::PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

fn role(name: &str) -> Result<Role, String> {
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    Role::named(name).ok_or_else(|| format!("roles are {}", names.join(", ")))
}

impl UserCommand {
    /// Does it.
    ///
    /// # Errors
    /// When a server uses the directory (stop it first), it cannot be opened, or a rule is broken.
    pub fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let at = match &self {
            Self::Add { at, .. }
            | Self::Password { at, .. }
            | Self::Link { at, .. }
            | Self::Role { at, .. }
            | Self::Unit { at, .. }
            | Self::Remove { at, .. }
            | Self::List { at, .. } => at,
        };
        let mut config = at.config.load()?.config;
        if let Some(dir) = &at.dir {
            config.store.dir.clone_from(dir);
        }
        let refused = &config.sign_in.refused_words;
        let now = clock::now();
        let mut engine = serve::open_engine(&config)?;
        let people = engine.roster(now)?.now();
        let find = |name: &str| {
            let account = people.account(name).filter(|account| account.is_open(now)).cloned();
            account.ok_or_else(|| Error::Nobody(name.to_owned()))
        };
        let (done, changes, secrets) = match self {
            Self::List { json, .. } => return list(&people, json, out),
            Self::Add { name, role, .. } => {
                if people.account(&name).is_some() {
                    return Err(Error::Somebody(name).into());
                }
                let secret = new_password(&name, refused)?;
                let (account, grant) = holder(&name, role);
                let changes =
                    vec![PeopleChange::NewAccount(account), PeopleChange::NewGrant(grant)];
                (format!("{name} may sign in as {}", role.name()), changes, vec![secret])
            }
            Self::Password { name, .. } => {
                let secret = new_password(&find(&name)?.name, refused)?;
                (format!("{name} has a new password"), vec![], vec![secret])
            }
            Self::Link { name, .. } => {
                let (token, until) = (token()?, now + DAY_MS);
                let link = Link { account: find(&name)?.name, until };
                let secret = secrets::put(LINK, &secrets::hashed(&token), &link)?;
                let done = format!(
                    "{name} sets a password once, until {until}, at\n  /setup#link={token}"
                );
                (done, vec![], vec![secret])
            }
            Self::Role { name, role, unit, .. } => {
                let grant = holder(&find(&name)?.name, role).1;
                let scope = Scope { unit, ..Scope::EVERYTHING };
                let grant = PeopleChange::NewGrant(Grant { scope, ..grant });
                (format!("{name} is {}", role.name()), vec![grant], vec![])
            }
            Self::Unit { key, zh, above, .. } => {
                let known = people.unit(&key).cloned().unwrap_or_default();
                let unit =
                    Unit { name: Names { zh, ..known.name }, key: key.clone(), above, ..known };
                (format!("the unit {key} stands"), vec![PeopleChange::Unit(unit)], vec![])
            }
            Self::Remove { name, .. } => {
                let account = Account { ended: true, ..find(&name)? };
                let gone = SecretChange::Remove { kind: PASSWORD.to_owned(), key: name.clone() };
                let done = format!("{name} may no longer sign in");
                (done, vec![PeopleChange::Account(account)], vec![gone])
            }
        };
        engine.change_people(now, "the command line", changes, secrets, When::Always)?;
        writeln!(out, "{done}")?;
        Ok(())
    }
}

fn list(people: &People, json: bool, out: &mut impl Write) -> Result<(), Failure> {
    let now = clock::now();
    for Account { name, unit, .. } in people.accounts().filter(|account| account.is_open(now)) {
        let roles: Vec<&str> = people.held(name, now).map(|grant| grant.role.name()).collect();
        if json {
            let line = serde_json::json!({"name": name, "unit": unit, "roles": roles});
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{name}  {}", roles.join(", "))?;
        }
    }
    Ok(())
}

/// Reads a password and hashes it.
fn new_password(name: &str, refused: &RefusedWords) -> Result<SecretChange, Failure> {
    let is_person = io::stdin().is_terminal();
    if is_person {
        eprint!("password of {name} (at least {PASSWORD_LENGTH_MIN} characters): ");
        echo(false);
    }
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if is_person {
        echo(true);
        eprintln!();
    }
    read?;
    let password = line.trim_end_matches(['\r', '\n']);
    check(name, password, refused).map_err(Error::Rule)?;
    let (kind, key, value) = (PASSWORD.to_owned(), name.to_owned(), hash(password)?);
    Ok(SecretChange::Put(Secret { kind, key, value }))
}

/// Has the terminal show what is typed, or not. A terminal that cannot is no reason to stop.
fn echo(shown: bool) {
    let argument = if shown { "echo" } else { "-echo" };
    let _ = std::process::Command::new("stty").arg(argument).status();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_password_keep_the_rules() {
        let long = "xy".repeat(150);
        let own = RefusedWords(vec!["清河".to_owned(), "Qinghe".to_owned()]);
        let is_accepted = |name: &str, password: &str| check(name, password, &own).is_ok();
        assert!(is_accepted("duty-1", "twelve letters"));
        assert!(is_accepted("值班员", "十二个字以上的密码也可以用"));
        assert!(!is_accepted("duty-1", "eleven lett"));
        assert!(!is_accepted("", "twelve letters"));
        assert!(!is_accepted("a b", "twelve letters"));
        assert!(!is_accepted("long-enough-name", "LONG-enough-name"));
        assert!(!is_accepted("duty-1", long.as_str()));
        assert!(!is_accepted("-duty", "twelve letters"));
        assert!(!is_accepted("=1+1", "twelve letters"));
        assert!(!is_accepted("station", "our station is best"));
        assert!(!is_accepted("duty-1", "Password12345") && !is_accepted("duty-1", "zzzzzzzzzzzzz"));
        assert!(is_accepted("duty-1", "no digit no capital no sign"));
        for guessed in [
            "abcabcabcabc",
            "123456789012",
            "987654321098",
            "abcdefghijklm",
            "q1w2e3q1w2e3",
            "iloveyou1234",
            "p@ssw0rd1234",
            "Passw0rd1999",
            "1qaz2wsx3edc",
            "qwertyuiop[]",
            "woaini1314520",
            "admin@123456",
            "Skyriver2026",
            "清河清河清河清河清河清河",
        ] {
            assert!(!is_accepted("duty-1", guessed), "{guessed}");
        }
        assert!(
            !is_accepted("duty-1", "my qinghe is clean")
                && !is_accepted("duty-1", "我们的清河一直很干净的吧")
        );
    }

    #[test]
    fn only_the_right_password_of_somebody_is_right() {
        let password_hash = hash("correct horse").unwrap();
        assert!(password_hash.starts_with("$argon2id$"), "{password_hash}");
        assert!(is_right(Some(&password_hash), "correct horse"));
        assert!(!is_right(Some(&password_hash), "correct horse "));
        assert!(!is_right(None, "nobody has this password"));
    }

    #[test]
    fn no_two_tokens_are_the_same() {
        let (one, two) = (token().unwrap(), token().unwrap());
        assert_eq!(one.len(), 64);
        assert_ne!(one, two);
    }
}
