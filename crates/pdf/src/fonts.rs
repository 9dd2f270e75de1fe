//! Fonts: those of the machine and of named folders, and which of them sets Chinese.

use std::path::PathBuf;
use typst::text::FontInfo;
use typst_kit::fonts::{FontStore, scan, system};

/// Families that set Chinese well, the best first; one that is not among them is taken when it has the letters.
pub const CHINESE: [&str; 9] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Serif CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
];
/// Letters that every font for Chinese has.
const LETTERS: [char; 3] = ['空', '气', '水'];

/// The fonts found, and the families to set with; none when no font has Chinese letters.
pub fn found(folders: &[PathBuf]) -> (FontStore, usize, Option<String>) {
    let (mut store, mut count) = (FontStore::new(), 0);
    let mut able: Vec<String> = vec![];
    let mut take = |source, info: FontInfo| {
        count += 1;
        if LETTERS.iter().all(|letter| info.coverage.contains(u32::from(*letter))) {
            able.push(info.family.clone());
        }
        store.push((source, info));
    };
    for folder in folders {
        scan(folder).for_each(|(source, info)| take(source, info));
    }
    system().for_each(|(source, info)| take(source, info));
    able.sort();
    let known = CHINESE.iter().find(|name| able.iter().any(|own| own.eq_ignore_ascii_case(name)));
    let chosen = known.map(|name| (*name).to_owned()).or_else(|| able.first().cloned());
    (store, count, chosen)
}
