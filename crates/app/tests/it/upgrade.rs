//! Those whom format 2 let sign in go on signing in.

use crate::site::{PASSWORD, Site};
use model::Role;
use rusqlite::Connection;

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_of_before_is_a_system_manager_and_a_viewer_an_analyst() {
    let mut site = Site::start("").await;
    site.server.stop().await.unwrap();
    let database = Connection::open(site.config.store.dir.join("skyriver.db")).unwrap();
    for (name, role) in [("chief", 0), ("guest", 1)] {
        let hash = app::user::hash(PASSWORD).unwrap();
        database
            .execute(
                "INSERT INTO user (name, role, password_hash, at) VALUES (?1, ?2, ?3, 0)",
                (name, role, hash),
            )
            .unwrap();
    }
    drop(database);
    site.server =
        app::serve::Server::start(&site.config, &engine::RegistryFile::default()).await.unwrap();
    let missing: Vec<Role> = site.server.first_start.iter().map(|(role, _)| *role).collect();
    assert_eq!(missing, [Role::Security, Role::Audit]);
    for (name, role) in [("chief", "system"), ("guest", "analyst")] {
        let session = site.sign_in(name, PASSWORD).await.json();
        assert_eq!(session["roles"][0]["role"], role);
        site.forget();
    }
    // Once: the next start finds nothing left to adopt, and the same people.
    let mut site = site.restart().await;
    assert_eq!(site.server.first_start.len(), 2);
    assert_eq!(site.sign_in("chief", PASSWORD).await.status, 200);
}
