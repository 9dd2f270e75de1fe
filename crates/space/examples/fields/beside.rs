//! The large grid in turns with `PyKrige`, as far as there is a Python that has it (`SKYRIVER_PYTHON`).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What one turn took.
#[derive(Clone, Copy)]
pub struct Turn {
    pub seconds: f64,
    /// Of the processor: what others do on the machine does not count.
    pub processor_s: f64,
    /// Memory at its peak above what was held before, KiB.
    pub more_kib: f64,
    /// Mean of all cells and mean width of their intervals: that both computed the same thing is seen by these.
    pub mean: f64,
    pub width: f64,
}

/// A Python that has the stations and waits.
pub struct Other {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// Version, and seconds for its variogram.
    pub is: String,
}

impl Other {
    /// Starts it with a grid (west, south, east, north, columns, rows) and the stations; says why there is none.
    pub fn start(grid: [f64; 6], stations: &[[f64; 3]]) -> Result<Self, String> {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/independent/speed_fields.py");
        let python = std::env::var("SKYRIVER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(python);
        // ours has one thread as well
        for threads in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(threads, "1");
        }
        command.arg(script).env("PYTHONDONTWRITEBYTECODE", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("it has no input or output".to_owned());
        };
        let mut other = Self { child, to, from: BufReader::new(from), is: String::new() };
        let line = |numbers: &[f64]| {
            let cells: Vec<String> = numbers.iter().map(f64::to_string).collect();
            cells.join(" ") + "\n"
        };
        let text: String = stations.iter().map(|station| line(station)).collect();
        other.is = other.ask(&format!("{}{text}\n", line(&grid)))?;
        Ok(other)
    }

    /// One turn of a way.
    pub fn turn(&mut self, way: &str) -> Result<Turn, String> {
        let said = self.ask(&format!("{way}\n"))?;
        let numbers: Vec<f64> = said.split(' ').filter_map(|cell| cell.parse().ok()).collect();
        match numbers[..] {
            [seconds, processor_s, more_kib, mean, width] => {
                Ok(Turn { seconds, processor_s, more_kib, mean, width })
            }
            _ => Err(format!("it answered {said:?}")),
        }
    }

    fn ask(&mut self, text: &str) -> Result<String, String> {
        let mut said = String::new();
        // when it ended already, why stands in what it wrote to standard error
        let written = self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush());
        written.and_then(|()| self.from.read_line(&mut said)).map_err(|error| error.to_string())?;
        if said.is_empty() { Err("it ended".to_owned()) } else { Ok(said.trim().to_owned()) }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
