//! Notices over real sockets: a mail server and an HTTP listener in this process are the other side, failures, retries and a restart
//! included.

use crate::registry::REGISTRY;
use crate::site::{PASSWORD, Site};
use app::config::{Config, SmtpTls};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const SECRET: &str = "0123456789abcdef";

/// What a listener heard: of mail the whole message, of HTTP the head and the body.
struct Heard {
    head: BTreeMap<String, String>,
    body: String,
}

/// A mail server that refuses its first `refused` receivers for now, and takes every other mail.
pub async fn mail_server(mut refused: u32) -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, mails) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let is_refused = refused > 0;
            refused = refused.saturating_sub(1);
            let heard = heard.clone();
            tokio::spawn(async move {
                let _ = talk(stream, is_refused, heard).await;
            });
        }
    });
    (address, mails)
}

async fn talk(
    stream: TcpStream,
    is_refused: bool,
    heard: mpsc::Sender<String>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 sink\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer = match word.as_str() {
            "RCPT" if is_refused => "451 try again later\r\n",
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    mail += &line;
                    mail.push('\n');
                }
                heard.send(mail).await.unwrap();
                "250 kept\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

/// An HTTP listener that answers each request with the next of `answers`, the last one for ever.
fn http_listener(listener: TcpListener, answers: Vec<&'static str>) -> mpsc::Receiver<Heard> {
    let (sender, requests) = mpsc::channel(64);
    tokio::spawn(async move {
        let mut at = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answers[at.min(answers.len() - 1)];
            at += 1;
            let mut bytes = vec![];
            let mut part = [0; 4_096];
            let request = loop {
                let count = stream.read(&mut part).await.unwrap();
                bytes.extend_from_slice(&part[..count]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let fields = head.lines().filter_map(|line| line.split_once(": "));
                let head: BTreeMap<String, String> =
                    fields.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
                if body.len() >= head["content-length"].parse::<usize>().unwrap() {
                    break Heard { head, body: body.to_owned() };
                }
            };
            let _ = stream
                .write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").as_bytes())
                .await;
            sender.send(request).await.unwrap();
        }
    });
    requests
}

pub async fn next<T>(from: &mut mpsc::Receiver<T>) -> T {
    let heard = tokio::time::timeout(Duration::from_secs(30), from.recv()).await;
    heard.unwrap().unwrap()
}

/// A server with somebody of each role, and these ways of notices.
async fn site(change: impl FnOnce(&mut Config)) -> Site {
    Site::with_every_role(REGISTRY, |config| {
        config.notify.retry_s = 1;
        "skyriver@district.example".clone_into(&mut config.notify.smtp_from);
        config.notify.smtp_tls = SmtpTls::None;
        change(config);
    })
    .await
}

/// What a mail says.
pub fn text_of(mail: &str) -> String {
    let coded: String = mail.split("\n\n").nth(1).unwrap().split_whitespace().collect();
    String::from_utf8(STANDARD.decode(coded).unwrap()).unwrap()
}

/// A file with one web hook.
fn hook_file(dir: &tempfile::TempDir, address: SocketAddr, local: bool) -> std::path::PathBuf {
    let path = dir.path().join("hooks.toml");
    let scheme = if local { "http" } else { "https" };
    let text = format!(
        "[[hook]]\nkey = \"centre\"\nurl = \"{scheme}://{address}/in?a=b\"\nsecret = \"{SECRET}\"\nkinds = [\"case_collected\"]\nlocal = {local}\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

async fn report(site: &mut Site, id: &str) -> String {
    assert_eq!(site.sign_in("operator", PASSWORD).await.status, 200);
    let body = json!({"id": id, "source": "patrol", "category": "smoke", "text": "black smoke", "place": "air-1"});
    let reply = site.post("/cases", &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    site.forget();
    reply.json()["number"].as_str().unwrap().to_owned()
}

/// The deliveries once one of them is in a state.
async fn once(site: &mut Site, state: &str) -> Value {
    site.sign_in("system", PASSWORD).await;
    let mut looks = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..300 {
        looks.tick().await;
        let all = site.get("/notify/deliveries").await.json();
        if all["items"].as_array().unwrap().iter().any(|own| own["state"] == state) {
            site.forget();
            return all;
        }
    }
    unreachable!("no delivery is {state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_refused_for_now_comes_later_in_the_language_of_its_reader() {
    let (address, mut mails) = mail_server(1).await;
    let mut site = site(|config| {
        config.notify.smtp_host = address.ip().to_string();
        config.notify.smtp_port = u64::from(address.port());
        config.notify.page = "https://page.example/".to_owned();
    })
    .await;
    for (who, language) in [("dispatcher", "en"), ("analyst", "zh")] {
        site.sign_in(who, PASSWORD).await;
        let body = json!({"mail": format!("{who}@district.example"), "kinds": ["case_collected"], "language": language, "own_unit": false});
        let reply = site.send("PUT", "/me/subscription", &body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let own = site.get("/me/subscription").await.json();
        assert_eq!((&own["subscription"], &own["has_mail"]), (&body, &json!(true)));
        let wrong = json!({"mail": "nobody", "kinds": [], "language": language, "own_unit": false});
        assert_eq!(site.send("PUT", "/me/subscription", &wrong).await.status, 400);
        site.forget();
    }
    let number = report(&mut site, "r1").await;
    let mail = next(&mut mails).await;
    assert!(mail.contains("To: dispatcher@district.example"), "{mail}");
    assert!(
        mail.contains("From: skyriver@district.example")
            && mail.contains("Auto-Submitted: auto-generated")
    );
    assert!(mail.contains(&format!("Subject: [Skyriver] a case was reported: {number}")), "{mail}");
    let text = text_of(&mail);
    assert!(text.contains(&format!("https://page.example/cases/{number}")), "{text}");
    let all = once(&mut site, "sent").await;
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "who may not see cases is told nothing of them: {all:#}");
    assert_eq!((&items[0]["tries"], &items[0]["to"]), (&json!(1), &json!("dispatcher")), "{all:#}");
    assert!(items[0]["error"].as_str().unwrap().contains("451"), "{all:#}");
    let id = items[0]["id"].as_str().unwrap();
    assert!(mail.contains(&format!("Message-ID: <{id}@district.example>")), "{mail}");
    // Who takes the address away is told nothing more, and the address is gone.
    site.sign_in("dispatcher", PASSWORD).await;
    let none =
        json!({"mail": "", "kinds": ["case_collected"], "language": "zh", "own_unit": false});
    assert_eq!(site.send("PUT", "/me/subscription", &none).await.status, 200);
    site.forget();
    report(&mut site, "r2").await;
    site.sign_in("system", PASSWORD).await;
    let reply = site.send("PUT", "/me/subscription", &json!({"mail": "system@district.example", "kinds": [], "language": "zh", "own_unit": false})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(site.post("/notify/test", &json!({"to": "me"})).await.status, 200);
    let mail = next(&mut mails).await;
    assert!(mail.contains("To: system@district.example"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_hook_that_is_down_hears_it_after_a_restart_signed_and_under_the_same_id() {
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = holder.local_addr().unwrap();
    drop(holder);
    let dir = tempfile::tempdir().unwrap();
    let mut site = site(|config| config.notify.hooks = Some(hook_file(&dir, address, true))).await;
    let number = report(&mut site, "r1").await;
    let failing = loop {
        let all = once(&mut site, "waiting").await;
        if all["items"][0]["tries"].as_u64().unwrap() > 0 {
            break all;
        }
    };
    let id = failing["items"][0]["id"].as_str().unwrap().to_owned();
    site.server.stop().await.unwrap();
    let mut requests =
        http_listener(TcpListener::bind(address).await.unwrap(), vec!["204 No Content"]);
    let server =
        app::serve::Server::start(&site.config, &engine::RegistryFile::default()).await.unwrap();
    let mut site = Site { server, cookie: String::new(), csrf: String::new(), ..site };
    let Heard { head, body } = next(&mut requests).await;
    assert_eq!(head["x-skyriver-delivery"], id);
    let timestamp: i64 = head["x-skyriver-timestamp"].parse().unwrap();
    assert_eq!(
        head["x-skyriver-signature"],
        app::notify::hook::signature(SECRET, timestamp, &body)
    );
    let said: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&said["kind"], &said["about"]["case"]), (&json!("case_collected"), &json!(number)));
    assert!(!body.contains("black smoke"), "no text that somebody wrote: {body}");
    once(&mut site, "sent").await;
    assert!(requests.try_recv().is_err(), "it is not sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_and_what_was_given_up_can_be_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut requests =
        http_listener(listener, vec!["302 Found\r\nLocation: /elsewhere", "500 Oh", "200 OK"]);
    let dir = tempfile::tempdir().unwrap();
    let mut site = site(|config| {
        config.notify.hooks = Some(hook_file(&dir, address, true));
        config.notify.tries_max = 2;
    })
    .await;
    report(&mut site, "r1").await;
    next(&mut requests).await;
    let first = loop {
        let all = once(&mut site, "waiting").await;
        if all["items"][0]["tries"].as_u64().unwrap() > 0 {
            break all;
        }
    };
    assert!(first["items"][0]["error"].as_str().unwrap().contains("redirect"), "{first:#}");
    let all = once(&mut site, "given_up").await;
    assert_eq!((&all["given_up"], &all["items"][0]["tries"]), (&json!(1), &json!(2)), "{all:#}");
    let id = all["items"][0]["id"].as_str().unwrap().to_owned();
    site.sign_in("operator", PASSWORD).await;
    assert_eq!(
        site.post(&format!("/notify/deliveries/{id}/again"), &json!({})).await.code(),
        "not_allowed"
    );
    site.forget();
    site.sign_in("system", PASSWORD).await;
    assert_eq!(site.post(&format!("/notify/deliveries/{id}/again"), &json!({})).await.status, 200);
    assert_eq!(site.post("/notify/deliveries/none/again", &json!({})).await.status, 404);
    site.forget();
    once(&mut site, "sent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_no_target_unless_it_is_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let roots = dir.path().join("roots.pem");
    std::fs::write(
        &roots,
        rcgen::generate_simple_self_signed(["x.example".to_owned()]).unwrap().cert.pem(),
    )
    .unwrap();
    let mut site = site(|config| {
        config.notify.hooks = Some(hook_file(&dir, address, false));
        config.notify.roots = roots;
        config.notify.tries_max = 1;
    })
    .await;
    report(&mut site, "r1").await;
    let all = once(&mut site, "given_up").await;
    assert!(all["items"][0]["error"].as_str().unwrap().contains("local = true"), "{all:#}");
}
