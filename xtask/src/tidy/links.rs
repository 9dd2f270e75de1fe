//! A relative link in a Markdown file leads to a file or folder of the tree.

use super::Problem;
use super::tree::Sources;

/// Faults: links that lead nowhere. Fenced code is not read.
pub fn check(sources: &Sources) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in sources.with_extension(&["md"]) {
        let mut is_code = false;
        for (at, line) in text.lines().enumerate() {
            is_code ^= line.trim_start().starts_with("```");
            for target in links_in(line).filter(|_| !is_code) {
                if is_relative(target)
                    && !resolve(path, target).is_some_and(|found| sources.has(&found))
                {
                    problems.push(Problem::fault(
                        path,
                        at + 1,
                        format!("the link `{target}` leads nowhere"),
                    ));
                }
            }
        }
    }
    problems
}

/// What stands between `](` and `)`.
fn links_in(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.trim())
}

fn is_relative(target: &str) -> bool {
    !(target.is_empty()
        || target.starts_with('#')
        || target.contains("://")
        || target.starts_with("mailto:"))
}

/// The path from the root that `target` means in the file `from`; none when it leaves the tree.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for part in target.split('#').next()?.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                folders.pop()?;
            }
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect;

    #[test]
    fn links_to_files_folders_and_other_hosts_are_fine() {
        let text = "[a](docs/a.md#part) [b](./docs) [c](https://example.org) [d](#here)";
        expect(check, &[("README.md", text), ("docs/a.md", "[up](../README.md)")], &[]);
    }

    #[test]
    fn a_link_to_nothing_is_a_fault_and_code_is_not_read() {
        let text = "x\n[a](gone.md)\n```\n[b](gone.md)\n```\n[c](../../out.md)";
        let expected = [
            "docs/a.md:2: the link `gone.md` leads nowhere",
            "docs/a.md:6: the link `../../out.md` leads nowhere",
        ];
        expect(check, &[("docs/a.md", text)], &expected);
    }
}
