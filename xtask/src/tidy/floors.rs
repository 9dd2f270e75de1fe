//! An arrow goes to a lower floor, never sideways, never up; rooms that judge stay light.
//!
//! Floors are read from the manifests (`package.metadata.skyriver.floor`), the way to foreign crates from `Cargo.lock`.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::toml;
use super::tree::Sources;

/// Rooms whose tests must build in seconds.
const LIGHT: [&str; 7] = ["model", "hj212", "standards", "space", "detect", "control", "account"];
/// What makes a room heavy: async, the database, the archive, the web server.
const HEAVY: [&str; 6] = ["tokio", "rusqlite", "parquet", "axum", "store", "datafusion"];
const ROOT: &str = "Cargo.toml";

struct Room<'a> {
    manifest: &'a str,
    floor: Option<u32>,
    /// Direct dependencies of the room itself, those of its tests left out: name and line.
    needs: Vec<(&'a str, usize)>,
    /// The same for tests and build scripts.
    needs_for_tests: Vec<(&'a str, usize)>,
}

/// Faults: a room without a floor, an arrow that does not go down, a light room that is not light.
pub fn check(sources: &Sources) -> Vec<Problem> {
    let rooms: BTreeMap<&str, Room> =
        sources.texts().filter_map(|(path, text)| room(path, text)).collect();
    let foreign = sources.text("Cargo.lock").map(foreign_needs).unwrap_or_default();
    let mut problems = Vec::new();
    for (name, room) in &rooms {
        let Some(floor) = room.floor else {
            problems.push(Problem::fault(
                room.manifest,
                0,
                "no floor: add `floor = N` under [package.metadata.skyriver]",
            ));
            continue;
        };
        for (need, line) in room.needs.iter().chain(&room.needs_for_tests) {
            if let Some(other) =
                rooms.get(need).and_then(|other| other.floor).filter(|other| *other >= floor)
            {
                let text = format!(
                    "`{name}` on floor {floor} needs `{need}` on floor {other}; arrows go to lower floors only"
                );
                problems.push(Problem::fault(room.manifest, *line, text));
            }
        }
        if LIGHT.contains(name) {
            problems.extend(heavy_ways(name, room, &rooms, &foreign));
        }
    }
    problems
}

/// The name and room of a manifest of ours; fuzz targets and the root are none.
fn room<'a>(path: &'a str, text: &'a str) -> Option<(&'a str, Room<'a>)> {
    let is_room = path.ends_with("/Cargo.toml")
        && (path.starts_with("crates/") || path.starts_with("xtask/"))
        && !path.contains("/fuzz/");
    let (headers, entries) = toml::read(if is_room { text } else { return None });
    let find = |table: &str, key: &str| {
        entries.iter().find(|entry| entry.table == table && entry.key == key)
    };
    let name = toml::plain(find("package", "name")?.value);
    let floor =
        find("package.metadata.skyriver", "floor").and_then(|entry| entry.value.parse().ok());
    let needs_in = |kinds: &[&str]| {
        // `name = …` below `[dependencies]` or `[target.….dependencies]`, and `[dependencies.name]`.
        let is_kind = |table: &str| kinds.contains(&table.rsplit('.').next().unwrap_or_default());
        let lines = entries
            .iter()
            .filter(|entry| is_kind(entry.table))
            .map(|entry| (entry.key.split('.').next(), entry.line));
        let tables =
            headers.iter().filter_map(|header| Some((header.table.rsplit_once('.')?, header.line)));
        let tables = tables
            .filter(|((kind, _), _)| is_kind(kind))
            .map(|((_, name), line)| (Some(name), line));
        lines.chain(tables).filter_map(|(name, line)| Some((name?, line))).collect()
    };
    let needs = needs_in(&["dependencies"]);
    Some((
        name,
        Room {
            manifest: path,
            floor,
            needs,
            needs_for_tests: needs_in(&["dev-dependencies", "build-dependencies"]),
        },
    ))
}

/// For each locked package the packages it needs.
fn foreign_needs(lock: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut package = "";
    for line in lock.lines() {
        if let Some(name) = line.strip_prefix("name = ") {
            package = toml::plain(name);
        } else if let Some(need) = line.strip_prefix(" \"") {
            let name = need.trim_end_matches(['"', ',']).split(' ').next().unwrap_or_default();
            needs.entry(package).or_default().insert(name);
        }
    }
    needs
}

/// A fault for each heavy crate that the light room `name` reaches, with the way there.
fn heavy_ways(
    name: &str,
    room: &Room,
    rooms: &BTreeMap<&str, Room>,
    foreign: &BTreeMap<&str, BTreeSet<&str>>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (direct, line) in &room.needs {
        let mut seen = BTreeSet::from([*direct]);
        let mut open = vec![*direct];
        while let Some(at) = open.pop() {
            if HEAVY.contains(&at) {
                let text =
                    format!("`{name}` is a light room and reaches `{at}` through `{direct}`");
                problems.push(Problem::fault(room.manifest, *line, text));
            }
            // The lock mixes in what the tests of our own rooms need; their manifests do not.
            let next: Vec<&str> = match rooms.get(at) {
                Some(ours) => ours.needs.iter().map(|(need, _)| *need).collect(),
                None => foreign.get(at).into_iter().flatten().copied().collect(),
            };
            open.extend(next.into_iter().filter(|need| seen.insert(need)));
        }
    }
    problems
}

/// Names of all that any room of ours needs, its tests included.
pub fn direct_needs(sources: &Sources) -> BTreeSet<&str> {
    let rooms = sources.texts().filter_map(|(path, text)| room(path, text));
    let needs = rooms.flat_map(|(_, room)| room.needs.into_iter().chain(room.needs_for_tests));
    needs.map(|(name, _)| name).collect()
}

/// Foreign crates of the workspace: name and line in the root manifest.
pub fn workspace_dependencies(sources: &Sources) -> Vec<(&str, usize)> {
    let (_, entries) = toml::read(sources.text(ROOT).unwrap_or_default());
    let foreign = entries
        .into_iter()
        .filter(|entry| entry.table == "workspace.dependencies" && !entry.value.contains("path ="));
    foreign.map(|entry| (entry.key, entry.line)).collect()
}

/// Foreign crates of rooms that are workspaces of their own and state their versions themselves: manifest, name, line.
pub fn apart(sources: &Sources) -> Vec<(&str, &str, usize)> {
    let mut foreign = Vec::new();
    for (path, text) in sources.texts().filter(|(path, text)| room(path, text).is_some()) {
        let (headers, entries) = toml::read(text);
        if headers.iter().any(|header| header.table == "workspace") {
            let is_kind = |table: &str| matches!(table, "dependencies" | "dev-dependencies");
            let guests = entries
                .into_iter()
                .filter(|entry| is_kind(entry.table) && !entry.value.contains("path ="));
            foreign.extend(guests.map(|entry| (path, entry.key, entry.line)));
        }
    }
    foreign
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect;

    fn manifest(name: &str, floor: u32, needs: &str) -> String {
        format!(
            "[package]\nname = \"{name}\"\n[package.metadata.skyriver]\nfloor = {floor}\n[dependencies]\n{needs}"
        )
    }

    #[test]
    fn an_arrow_down_is_fine() {
        let (model, engine) = (
            manifest("model", 0, "serde = \"1\"\n"),
            manifest("engine", 3, "model.workspace = true\n"),
        );
        expect(
            check,
            &[("crates/model/Cargo.toml", &model), ("crates/engine/Cargo.toml", &engine)],
            &[],
        );
    }

    #[test]
    fn an_arrow_sideways_is_a_fault_for_tests_too() {
        let store = manifest("store", 1, "");
        let other =
            manifest("standards", 1, "[dev-dependencies]\nstore = { path = \"../store\" }\n");
        let files =
            [("crates/store/Cargo.toml", store.as_str()), ("crates/standards/Cargo.toml", &other)];
        let expected = "crates/standards/Cargo.toml:7: `standards` on floor 1 needs `store` on floor 1; arrows go to lower floors only";
        expect(check, &files, &[expected]);
    }

    #[test]
    fn a_dependency_with_a_table_of_its_own_counts() {
        let model = manifest("model", 0, "[dependencies.tokio]\nversion = \"1\"\n");
        let expected = "crates/model/Cargo.toml:6: `model` is a light room and reaches `tokio` through `tokio`";
        expect(check, &[("crates/model/Cargo.toml", &model)], &[expected]);
    }

    #[test]
    fn a_room_without_a_floor_is_a_fault() {
        let files = [("crates/model/Cargo.toml", "[package]\nname = \"model\"\n")];
        expect(
            check,
            &files,
            &[
                "crates/model/Cargo.toml: no floor: add `floor = N` under [package.metadata.skyriver]",
            ],
        );
    }

    #[test]
    fn a_light_room_may_not_reach_a_runtime_by_a_detour() {
        let hj212 = manifest("hj212", 0, "reader.workspace = true\n");
        let lock =
            "[[package]]\nname = \"reader\"\ndependencies = [\n \"bytes\",\n \"tokio 1.0.0\",\n]\n";
        let files = [("crates/hj212/Cargo.toml", hj212.as_str()), ("Cargo.lock", lock)];
        expect(
            check,
            &files,
            &[
                "crates/hj212/Cargo.toml:6: `hj212` is a light room and reaches `tokio` through `reader`",
            ],
        );
    }
}
