//! A table for people: columns as wide as their widest cell, Chinese signs counted as two.

use std::io::{self, Write};

/// Rows of cells; the first row is the head.
#[derive(Default)]
pub struct Grid(Vec<Vec<String>>);

impl Grid {
    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.0.push(cells.into_iter().map(Into::into).collect());
    }

    /// Writes the rows; the first column stands left, all others right.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |at: usize| {
            self.0.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        for row in &self.0 {
            let mut line = String::new();
            for (at, (cell, own)) in row.iter().zip(&widths).enumerate() {
                let pad = " ".repeat(own - width(cell));
                let between = if at == 0 { "" } else { "  " };
                let text = if at == 0 { format!("{cell}{pad}") } else { format!("{pad}{cell}") };
                line.push_str(between);
                line.push_str(&text);
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Columns of a terminal: wide signs (Chinese, full width) take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2e80}'..='\u{ffdc}').contains(&c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_script() {
        let mut grid = Grid::default();
        grid.row(["项目", "2025"]);
        grid.row(["PM2.5", "36"]);
        let mut out = Vec::new();
        grid.write(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "项目   2025\nPM2.5    36\n");
    }
}
