//! Just enough TOML for manifests and tables of law: which keys stand in which table, one line each.

/// One `key = value` with its table and line.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The header as written: `dependencies`, `package.metadata.skyriver`, for `[[row]]` also `row`.
    pub table: &'a str,
    /// How many headers stood before, this one included; tells the rows of one array apart.
    pub number: usize,
    /// The key as written, dots included, quotes removed.
    pub key: &'a str,
    pub value: &'a str,
    /// Counted from 1.
    pub line: usize,
}

/// One `[table]` or `[[table]]`.
#[derive(Debug, PartialEq, Eq)]
pub struct Header<'a> {
    pub table: &'a str,
    pub number: usize,
    pub line: usize,
}

/// All headers and entries in their order. Lines inside a multi-line array or string are passed over.
pub fn read(text: &str) -> (Vec<Header<'_>>, Vec<Entry<'_>>) {
    let (mut headers, mut entries) = (Vec::new(), Vec::new());
    let (mut table, mut number) = ("", 0);
    let mut open = None;
    for (at, line) in text.lines().enumerate() {
        let (line_number, line) = (at + 1, line.trim());
        if let Some(end) = open {
            if line.ends_with(end) || line.trim_end_matches(',').ends_with(end) {
                open = None;
            }
        } else if line.starts_with('[') {
            (table, number) = (
                line.split('#').next().unwrap_or(line).trim().trim_matches(['[', ']']),
                number + 1,
            );
            headers.push(Header { table, number, line: line_number });
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            let (key, value) = (key.trim().trim_matches('"'), value.trim());
            open = left_open(value);
            entries.push(Entry { table, number, key, value, line: line_number });
        }
    }
    (headers, entries)
}

/// What must end a value that its own line does not end.
fn left_open(value: &str) -> Option<&'static str> {
    if value.starts_with("\"\"\"") && !(value.len() > 3 && value.ends_with("\"\"\"")) {
        return Some("\"\"\"");
    }
    let code = value.split('#').next().unwrap_or(value).trim();
    (value.starts_with('[') && !code.ends_with(']')).then_some("]")
}

/// A string or number without its quotes; empty when it is empty.
pub fn plain(value: &str) -> &str {
    value.trim().trim_matches('"').trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_with_their_table_and_line_and_long_arrays_are_passed_over() {
        let (headers, entries) =
            read("a = 1\n[b.c]\nd = [\n  \"x = 1\",\n]\n\"e\" = \"f\" # g\n[[h]]\n[[h]]\ni = 2\n");
        let headers: Vec<_> =
            headers.iter().map(|header| (header.table, header.number, header.line)).collect();
        assert_eq!(headers, [("b.c", 1, 2), ("h", 2, 7), ("h", 3, 8)]);
        let entries: Vec<_> =
            entries.iter().map(|entry| (entry.table, entry.key, entry.line)).collect();
        assert_eq!(entries, [("", "a", 1), ("b.c", "d", 3), ("b.c", "e", 6), ("h", "i", 9)]);
    }
}
