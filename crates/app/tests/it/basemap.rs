//! The base map: brought in, described, served in parts, and named when it is damaged.

use crate::site::Site;
use app::import::basemap::put;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A small `PMTiles` file: a directory of one tile, metadata, and the tile.
fn tiles() -> Vec<u8> {
    let root = [1, 0, 1, 4, 1];
    let metadata = json!({
        "attribution": "<a href='https://example.org'>&copy; Mappers</a>",
        "vector_layers": [{"id": "water"}, {"id": "roads"}]
    })
    .to_string();
    let tile = b"tile";
    let mut file = b"PMTiles\x03".to_vec();
    let starts = [127, 127 + root.len(), 127 + root.len() + metadata.len()];
    let sections = [
        (starts[0], root.len()),
        (starts[1], metadata.len()),
        (starts[2], 0),
        (starts[2], tile.len()),
    ];
    for (start, length) in sections {
        file.extend((start as u64).to_le_bytes());
        file.extend((length as u64).to_le_bytes());
    }
    file.extend([0; 24]);
    // Clustered, directory and metadata plain, tiles plain, vector tiles, zooms 0 to 14.
    file.extend([1, 1, 1, 1, 0, 14]);
    for degrees in [114.0_f64, 22.5, 114.1, 22.6] {
        file.extend(((degrees * 1e7).round() as i32).to_le_bytes());
    }
    file.resize(127, 0);
    file.extend(root);
    file.extend(metadata.bytes());
    file.extend(tile);
    file
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_map_is_described_and_served_in_parts() {
    let site = Site::start("").await;
    let none = site.get("/basemap").await.json();
    assert_eq!((&none["kind"], &none["url"]), (&json!("none"), &Value::Null));
    assert_eq!(site.get("/basemap/file").await.status, 404);
    let folder = tempfile::tempdir().unwrap();
    put(&site.config.store.dir, &written(folder.path(), "x.pmtiles", &tiles())).unwrap();
    let about = site.get("/basemap").await.json();
    assert_eq!(about["kind"], "pmtiles");
    assert_eq!(about["bbox"], json!([114.0, 22.5, 114.1, 22.6]));
    assert_eq!((&about["minzoom"], &about["maxzoom"]), (&json!(0), &json!(14)));
    assert_eq!(about["layers"], json!(["water", "roads"]));
    assert_eq!((&about["attribution"], &about["problem"]), (&json!("© Mappers"), &Value::Null));
    let part = site.ask("GET", "/basemap/file", &[("Range", "bytes=0-6")], b"").await;
    assert_eq!((part.status, part.body.as_slice()), (206, b"PMTiles".as_slice()));
    assert_eq!(part.headers["content-range"], format!("bytes 0-6/{}", tiles().len()));
    let last = site.ask("GET", "/basemap/file", &[("Range", "bytes=-4")], b"").await;
    assert_eq!(last.body, b"tile");
    let whole = site.get("/basemap/file").await;
    assert_eq!((whole.status, &whole.body), (200, &tiles()));
    let tag = whole.headers["etag"].clone();
    let seen = site.ask("GET", "/basemap/file", &[("If-None-Match", &tag)], b"").await;
    assert_eq!((seen.status, seen.body.len()), (304, 0));
    let outside = site.ask("GET", "/basemap/file", &[("Range", "bytes=9999-")], b"").await;
    assert_eq!((outside.status, outside.code().as_str()), (416, "outside_the_file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_map_that_is_damaged_later_is_named_and_the_page_goes_on() {
    let site = Site::start("").await;
    let folder = tempfile::tempdir().unwrap();
    put(&site.config.store.dir, &written(folder.path(), "x.pmtiles", &tiles())).unwrap();
    let path = site.config.store.dir.join("basemap.pmtiles");
    fs::write(&path, &tiles()[..tiles().len() / 2]).unwrap();
    let about = site.get("/basemap").await.json();
    assert_eq!((&about["kind"], &about["url"]), (&json!("pmtiles"), &Value::Null));
    let problem = about["problem"]["en"].as_str().unwrap();
    assert!(problem.contains("is cut") && !problem.contains(&path.display().to_string()));
}

#[test]
fn a_bad_file_is_refused_by_name_and_the_one_that_is_there_stays() {
    let (folder, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    put(dir.path(), &written(folder.path(), "good.pmtiles", &tiles())).unwrap();
    let with = |at: usize, byte: u8| {
        let mut file = tiles();
        file[at] = byte;
        file
    };
    let cases = [
        ("half.pmtiles", tiles()[..tiles().len() / 2].to_vec(), "is cut"),
        ("short.pmtiles", tiles()[..40].to_vec(), "is cut"),
        ("old.pmtiles", with(7, 2), "version 3"),
        ("directory.pmtiles", with(127, 200), "damaged"),
        ("metadata.pmtiles", with(132, b'x'), "damaged"),
        ("packed.pmtiles", with(97, 2), "damaged"),
        ("brotli.pmtiles", with(97, 3), "compression 3"),
        ("picture.png", b"\x89PNG\r\n".to_vec(), "cannot be read"),
        ("cut.geojson", b"{\"type\": \"FeatureCollection\", \"features\": [".to_vec(), "line 1"),
    ];
    for (name, bytes, part) in cases {
        let error = put(dir.path(), &written(folder.path(), name, &bytes)).unwrap_err().to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
    assert_eq!(fs::read(dir.path().join("basemap.pmtiles")).unwrap(), tiles());
    let shapes = br#"{"type": "FeatureCollection", "features": []}"#;
    put(dir.path(), &written(folder.path(), "shapes.geojson", shapes)).unwrap();
    assert!(!dir.path().join("basemap.pmtiles").exists());
}

#[test]
fn a_real_base_map_is_read_when_there_is_one() {
    let Some(root) = std::env::var_os("SKYRIVER_REAL_DATA") else {
        return eprintln!("skipped: SKYRIVER_REAL_DATA names no folder");
    };
    let folder = Path::new(&root).join("data/geo_basemap/pmtiles_sample");
    let files = fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
    let dir = tempfile::tempdir().unwrap();
    let mut count = 0;
    for path in files.map(|entry| entry.path()) {
        if path.extension().is_some_and(|kind| kind == "pmtiles") {
            let about = put(dir.path(), &path).unwrap();
            assert!(about.bbox.is_some() && about.maxzoom >= about.minzoom, "{about:?}");
            count += 1;
        }
    }
    eprintln!("{count} base maps read");
}
