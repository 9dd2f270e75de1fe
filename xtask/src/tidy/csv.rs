//! Just enough CSV (RFC 4180) to find the cells of a column.

/// One row: the line on which it starts, and its cells.
pub type Row = (usize, Vec<String>);

/// Rows in their order; quotes may hold commas, quotes and line ends. Empty lines and `#` comments are left out.
pub fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
    let (mut line, mut row_line) = (1, 1);
    let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => {
                cells.push(std::mem::take(&mut cell));
                rows.push((row_line, std::mem::take(&mut cells)));
                row_line = line + 1;
            }
            '\r' if !is_quoted => {}
            _ => cell.push(letter),
        }
        line += usize::from(letter == '\n');
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        rows.push((row_line, cells));
    }
    rows.retain(|(_, cells)| {
        cells.len() > 1
            || cells.first().is_some_and(|cell| !cell.is_empty() && !cell.starts_with('#'))
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_quotes_and_line_ends() {
        let rows = rows("a,b\r\n\"1,\"\"x\"\"\n\",2\n\n3,\n");
        let expected: [Row; 3] = [
            (1, vec!["a".into(), "b".into()]),
            (2, vec!["1,\"x\"\n".into(), "2".into()]),
            (5, vec!["3".into(), String::new()]),
        ];
        assert_eq!(rows, expected);
    }
}
