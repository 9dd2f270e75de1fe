//! What was read, what was used, and what was left out with its reason: nothing is dropped in silence.

use super::cell::Problem;
use standards::air::Pollutant;
use std::fmt;
use std::io::{self, Write};

/// One thing in a file that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The column, where one cell is meant.
    pub column: Option<String>,
    /// What the cell says.
    pub text: String,
    /// What is wrong and what became of it.
    pub problem: Problem,
}

/// What was read and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows in the files.
    pub rows: u64,
    /// Rows that repeat a time with the same values.
    pub repeated: u64,
    /// Rows of which nothing was used.
    pub rows_refused: u64,
    /// Values that were read.
    pub used: u64,
    /// Cells that say they are missing.
    pub missing: u64,
    /// Cells that could not be used.
    pub refused: u64,
    /// Reports or assessments written.
    pub reports: u64,
    /// Of these with an index or a class.
    pub published: u64,
    /// Hours or days for which no edition applies.
    pub without_edition: u64,
    /// Hours with PM2.5 above PM10: valid, but worth a look.
    pub fine_above_coarse: u64,
    /// Hours with carbon monoxide above any that was ever measured in mg/m³.
    pub co_looks_like_ug: u64,
    /// Files in which some times have an offset and others not, and how many of each.
    pub mixed_zones: Vec<(String, u64, u64)>,
    /// Columns of files that were not read.
    pub columns_unused: Vec<(String, Vec<String>)>,
    /// What could not be used.
    pub complaints: Vec<Complaint>,
}

impl Complaint {
    /// The complaint in one language.
    pub fn say(&self, chinese: bool) -> String {
        if !chinese {
            return self.to_string();
        }
        let cell = self.column.as_ref().map(|column| format!("，{column} {:?}", self.text));
        let (cell, problem) = (cell.unwrap_or_default(), self.problem.zh);
        format!("{} 第{}行{cell}：{problem}", self.file, self.line)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} line {}", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(out, ", {column} {:?}", self.text)?;
        }
        write!(out, ": {}", self.problem)
    }
}

impl Summary {
    /// Notes what is valid but odd about an hour.
    pub fn look_at(&mut self, values: &[Option<f64>; 6]) {
        const CO_MAX_MG_M3: f64 = 150.0;
        let value = |pollutant: Pollutant| values[pollutant.index()];
        if let (Some(fine), Some(coarse)) = (value(Pollutant::Pm25), value(Pollutant::Pm10)) {
            self.fine_above_coarse += u64::from(fine > coarse);
        }
        self.co_looks_like_ug +=
            u64::from(value(Pollutant::Co).is_some_and(|co| co > CO_MAX_MG_M3));
    }

    /// Says what could not be used: the first lines in full, the rest as a count; then the counts.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn tell(&self, chinese: bool, out: &mut impl Write) -> io::Result<()> {
        const SHOWN: usize = 20;
        for complaint in self.complaints.iter().take(SHOWN) {
            writeln!(out, "{}", complaint.say(chinese))?;
        }
        let more = self.complaints.len().saturating_sub(SHOWN);
        if more > 0 {
            say(
                out,
                chinese,
                &format!("另有{more}条类似"),
                &format!("and {more} more like these"),
            )?;
        }
        for (zh, en) in self.notes() {
            say(out, chinese, &zh, &en)?;
        }
        let Self {
            rows, repeated, rows_refused, used, missing, refused, reports, published, ..
        } = self;
        say(
            out,
            chinese,
            &format!(
                "读入{rows}行：重复{repeated}行，未采用{rows_refused}行；采用数值{used}个，缺测{missing}个，\
                 不能采用{refused}个；结果{reports}个，其中可评价{published}个"
            ),
            &format!(
                "{rows} rows read, {repeated} repeated, {rows_refused} not used; {used} values used, \
                 {missing} missing, {refused} refused; {reports} reports, {published} with an index"
            ),
        )
    }

    fn notes(&self) -> Vec<(String, String)> {
        let mut notes = Vec::new();
        if self.fine_above_coarse > 0 {
            let n = self.fine_above_coarse;
            notes.push((
                format!("{n}个时次PM2.5高于PM10：有效，照用；请核查仪器"),
                format!("{n} hours have PM2.5 above PM10: valid and used; worth a look at the instruments"),
            ));
        }
        if self.co_looks_like_ug > 0 {
            let n = self.co_looks_like_ug;
            notes.push((
                format!("{n}个时次CO大于150 mg/m3：单位可能是µg/m3，可用 --co-unit ug"),
                format!(
                    "{n} hours have CO above 150 mg/m3: if the file is in ug/m3 say --co-unit ug"
                ),
            ));
        }
        for (file, with, without) in &self.mixed_zones {
            notes.push((
                format!("{file}：{with}行带时区，{without}行不带；不带的按 --zone 理解"),
                format!("{file}: {with} times carry an offset, {without} do not; those are read in --zone"),
            ));
        }
        for (file, columns) in &self.columns_unused {
            let list = columns.join(", ");
            notes.push((
                format!("{file}：未用的列：{list}"),
                format!("{file}: columns not used: {list}"),
            ));
        }
        if self.without_edition > 0 {
            let n = self.without_edition;
            notes.push((
                format!("{n}天早于第一版标准，未评价；可用 --edition 指定版本"),
                format!(
                    "{n} days lie before the first edition and were not judged\n\
                     hint: --edition judges them by an edition of your choice"
                ),
            ));
        }
        notes
    }
}

fn say(out: &mut impl Write, chinese: bool, zh: &str, en: &str) -> io::Result<()> {
    writeln!(out, "{}", if chinese { zh } else { en })
}
