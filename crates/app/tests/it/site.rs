//! A whole server on a data directory of its own, asked over real sockets.

use app::config::Config;
use app::serve::Server;
use engine::people::{PeopleChange, When, holder};
use engine::{Engine, RegistryFile};
use model::{Names, Role, Scope, Unit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::LazyLock;
use store::{Secret, SecretChange};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const PASSWORD: &str = "correct horse battery";

/// A server, and who is signed in.
pub struct Site {
    pub server: Server,
    pub _dir: TempDir,
    pub config: Config,
    pub cookie: String,
    pub csrf: String,
}

/// The session of somebody who went aside.
pub struct Aside {
    cookie: String,
    csrf: String,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        let value = serde_json::from_slice(&self.body);
        assert!(value.is_ok(), "{self:?}");
        value.unwrap()
    }

    /// The body, of chunks put together.
    pub fn unchunked(&self) -> Vec<u8> {
        let (mut whole, mut rest) = (Vec::new(), self.body.as_slice());
        loop {
            let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
            let length =
                usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
            if length == 0 {
                return whole;
            }
            whole.extend_from_slice(&rest[end + 2..end + 2 + length]);
            rest = &rest[end + 2 + length + 2..];
        }
    }

    /// The code of an error.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(&self.body))
    }
}

/// Makes a unit, under its key as its name.
pub fn add_unit(engine: &mut Engine, key: &str) {
    let name = Names { zh: key.to_owned(), en: key.to_owned() };
    let unit = Unit { key: key.to_owned(), name, ..Unit::default() };
    let changes = vec![PeopleChange::Unit(unit)];
    engine.change_people(app::clock::now(), "test", changes, vec![], When::Always).unwrap();
}

/// Makes somebody who signs in by [`PASSWORD`], holds a role within a scope and belongs to the unit of it.
pub fn add_person(engine: &mut Engine, name: &str, role: Role, scope: Scope) {
    /// Made once: it is slow on purpose.
    static HASH: LazyLock<String> = LazyLock::new(|| app::user::hash(PASSWORD).unwrap());
    let (mut account, mut grant) = holder(name, role);
    account.unit = scope.unit.clone().unwrap_or_default();
    grant.scope = scope;
    let changes = vec![PeopleChange::NewAccount(account), PeopleChange::NewGrant(grant)];
    let (kind, key) = (app::user::PASSWORD.to_owned(), name.to_owned());
    let secrets = vec![SecretChange::Put(Secret { kind, key, value: HASH.clone() })];
    engine.change_people(app::clock::now(), "test", changes, secrets, When::Always).unwrap();
}

/// Lets an engine do all that it has put off.
pub fn catch_up(engine: &mut Engine) {
    let now = app::clock::now();
    while engine.is_behind(now) {
        engine.turn(now, &[]).unwrap();
    }
}

impl Site {
    /// A server of a registry; nobody can sign in yet.
    pub async fn start(registry: &str) -> Self {
        Self::start_with(registry, |_| ()).await
    }

    pub async fn start_with(registry: &str, change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.dir = dir.path().join("data");
        config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.hj212.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        change(&mut config);
        let file = app::config::read_registry("registry.toml", registry).unwrap();
        let server = Server::start(&config, &file).await.unwrap();
        Self { server, _dir: dir, config, cookie: String::new(), csrf: String::new() }
    }

    /// The same directory in a new process, as it were; nobody is signed in.
    pub async fn restart(self) -> Self {
        self.after(|_| ()).await
    }

    /// The same directory in a new process, after something was done to the engine in between; nobody is signed in.
    pub async fn after(self, done: impl FnOnce(&mut Engine)) -> Self {
        self.server.stop().await.unwrap();
        let mut engine = app::serve::open_engine(&self.config).unwrap();
        done(&mut engine);
        drop(engine);
        let server = Server::start(&self.config, &RegistryFile::default()).await.unwrap();
        Self { server, cookie: String::new(), csrf: String::new(), ..self }
    }

    /// A server with a registry, and its first user signed in.
    pub async fn signed_in(registry: &str) -> Self {
        let mut site = Self::start(registry).await;
        site.set_up().await;
        site
    }

    /// Makes the first system manager by the printed link.
    pub async fn set_up(&mut self) {
        self.set_up_as(Role::System, "chief").await;
    }

    /// The token of the printed link of a manager.
    pub fn setup_token(&self, role: Role) -> String {
        let (_, link) = self.server.first_start.iter().find(|(of, _)| *of == role).unwrap();
        link.rsplit_once("token=").unwrap().1.to_owned()
    }

    /// Makes the first of a manager by the printed link, and is signed in as that.
    pub async fn set_up_as(&mut self, role: Role, name: &str) {
        let token = self.setup_token(role);
        let body = json!({"token": token, "name": name, "password": PASSWORD});
        let reply = self.post("/setup", &body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        self.keep(&reply);
    }

    /// A server where somebody of each role may sign in, under the role's name; nobody is signed in.
    pub async fn with_every_role(registry: &str, change: impl FnOnce(&mut Config)) -> Self {
        let site = Self::start_with(registry, change).await;
        let everybody = |engine: &mut Engine| {
            for role in Role::ALL {
                add_person(engine, role.name(), role, Scope::EVERYTHING);
            }
        };
        site.after(everybody).await
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Reply {
        let reply = self.post("/session", &json!({"name": name, "password": password})).await;
        if reply.status == 200 {
            self.keep(&reply);
        }
        reply
    }

    /// Gives the password once more.
    pub async fn sign_in_again(&mut self, password: &str) -> Reply {
        let reply = self.post("/session/proof", &json!({"password": password})).await;
        if reply.status == 200 {
            self.keep(&reply);
        }
        reply
    }

    pub fn forget(&mut self) {
        self.cookie.clear();
        self.csrf.clear();
    }

    /// Lets somebody go aside, still signed in.
    pub fn aside(&mut self) -> Aside {
        let aside = Aside { cookie: self.cookie.clone(), csrf: self.csrf.clone() };
        self.forget();
        aside
    }

    /// Lets somebody come back.
    pub fn back(&mut self, aside: &Aside) {
        (self.cookie, self.csrf) = (aside.cookie.clone(), aside.csrf.clone());
    }

    pub fn forget_csrf(&mut self) {
        self.csrf.clear();
    }

    fn keep(&mut self, reply: &Reply) {
        let cookie = &reply.headers["set-cookie"];
        cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
        reply.json()["csrf"].as_str().unwrap().clone_into(&mut self.csrf);
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], b"").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        let body = body.to_string();
        self.ask("POST", path, &[("Content-Type", "application/json")], body.as_bytes()).await
    }

    /// Sends JSON by any method.
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Reply {
        let body = body.to_string();
        self.ask(method, path, &[("Content-Type", "application/json")], body.as_bytes()).await
    }

    /// Asks with a token of the API.
    pub async fn with_token(&self, token: &str, method: &str, path: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        self.ask(method, path, &[("Authorization", &bearer)], b"{}").await
    }

    pub async fn put(&self, path: &str, body: &Value, seen: Option<i64>) -> Reply {
        let seen = seen.map(|seen| format!("\"{seen}\""));
        let headers: Vec<_> = seen.iter().map(|seen| ("If-Match", seen.as_str())).collect();
        self.ask("PUT", path, &headers, body.to_string().as_bytes()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path, &[], b"").await
    }

    /// Says that a body of so many bytes comes, and does not send it.
    pub async fn announce(&self, path: &str, bytes: usize) -> Reply {
        let head = format!(
            "POST /api/v1{path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\nCookie: {}\r\n\
             X-Skyriver-CSRF: {}\r\nContent-Length: {bytes}\r\n\r\n",
            self.cookie, self.csrf
        );
        let mut stream = TcpStream::connect(self.server.http).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        parsed(&answer)
    }

    /// Asks for an address below `/api/v1`.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        // Open311 does not lie below the API.
        let root = if path.starts_with("/open311/") { "" } else { "/api/v1" };
        let mut head = format!(
            "{method} {root}{path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        let ours = [("Cookie", self.cookie.as_str()), ("X-Skyriver-CSRF", self.csrf.as_str())];
        for (name, value) in ours.iter().filter(|(_, value)| !value.is_empty()).chain(headers) {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.server.http).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses by the length does not read the body.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer).await;
        assert!(read.is_ok() || !answer.is_empty(), "{read:?}");
        parsed(&answer)
    }
}

fn parsed(answer: &[u8]) -> Reply {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let body = answer[end + 4..].to_vec();
    Reply { status, headers, body }
}
