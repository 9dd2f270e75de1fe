//! One line of a table, cut into cells, and cells joined to a line.

/// Cuts a line into cells. A cell may stand in quotes, in which two quotes stand for one; a line ends
/// with its line, inside quotes too.
pub fn split(line: &str, separator: u8, cells: &mut Vec<String>) {
    let mut count = 0;
    let mut put = |text: &str, cells: &mut Vec<String>| {
        match cells.get_mut(count) {
            Some(cell) => {
                cell.clear();
                cell.push_str(text);
            }
            None => cells.push(text.to_owned()),
        }
        count += 1;
    };
    let separator = char::from(separator);
    if line.contains('"') {
        let mut rest = Some(line);
        while let Some(text) = rest {
            let (cell, after) = next(text, separator);
            put(&cell, cells);
            rest = after;
        }
    } else {
        for cell in line.split(separator) {
            put(cell, cells);
        }
    }
    cells.truncate(count);
}

/// The first cell of a text, and what stands after its separator.
fn next(text: &str, separator: char) -> (String, Option<&str>) {
    let Some(quoted) = text.trim_start_matches(' ').strip_prefix('"') else {
        return match text.split_once(separator) {
            Some((cell, rest)) => (cell.to_owned(), Some(rest)),
            None => (text.to_owned(), None),
        };
    };
    let mut cell = String::new();
    let mut letters = quoted.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '"' {
            cell.push(letter);
        } else if letters.next_if(|(_, next)| *next == '"').is_some() {
            cell.push('"');
        } else {
            let after = quoted[at + 1..].split_once(separator).map(|(_, rest)| rest);
            return (cell, after);
        }
    }
    (cell, None)
}

/// Cells as a line of CSV.
pub fn join(cells: &[String]) -> String {
    let mut line = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_in_quotes_may_hold_the_separator_and_quotes() {
        let check = |line: &str, expected: &[&str]| {
            let mut cells = vec!["old".to_owned(); 5];
            split(line, b',', &mut cells);
            assert_eq!(cells, expected, "{line}");
        };
        check("a,b,,c", &["a", "b", "", "c"]);
        check("\"a,b\",\"c\"\"d\"", &["a,b", "c\"d"]);
        check("1, \"NNW\",4.4", &["1", "NNW", "4.4"]);
        check("\"never closed,b", &["never closed,b"]);
        check("", &[""]);
        check("a,\"\",", &["a", "", ""]);
    }

    #[test]
    fn what_is_joined_is_split_again() {
        let cells = ["a", "b,c", "d\"e", ""].map(str::to_owned);
        let mut again = vec![];
        split(&join(&cells), b',', &mut again);
        assert_eq!(again, cells);
    }
}
