//! What a program said on its way to failing: passed on as it comes, and kept to be read again at the end of a long run.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// The last lines that are kept, whatever they say.
const LAST_MAX: usize = 40;
/// The lines that are kept because they tell of a failure.
const TELLING_MAX: usize = 60;
/// A program that has ended may leave others behind that keep its output open; nobody waits for those.
const CLOSE_WAIT: Duration = Duration::from_secs(2);
/// Words of the test runners, of compilers and of a panic.
const TELLING: [&str; 7] =
    ["FAIL", "panicked at", "Error:", "error:", "error[", "ERROR", "not clean"];

/// The part of a program's output that tells why it failed.
#[derive(Debug, Default)]
pub struct Said {
    telling: Vec<String>,
    last: VecDeque<String>,
}

impl Said {
    fn keep(&mut self, line: String) {
        if self.last.len() == LAST_MAX
            && let Some(old) = self.last.pop_front()
            && self.telling.len() < TELLING_MAX
            && TELLING.iter().any(|word| old.contains(word))
        {
            self.telling.push(old);
        }
        self.last.push_back(line);
    }

    /// Its lines, those that tell of a failure before the last ones.
    pub fn text(&self) -> String {
        let lines = self.telling.iter().chain(&self.last).map(String::as_str);
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Runs `command` to its end, letting its lines through.
pub fn run(command: &mut Command) -> std::io::Result<(ExitStatus, Said)> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let said = Arc::new(Mutex::new(Said::default()));
    let (closed, closing) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        let (said, closed) = (Arc::clone(&said), closed.clone());
        thread::spawn(move || copy(out, std::io::stdout(), &said, &closed));
    }
    if let Some(err) = child.stderr.take() {
        let said = Arc::clone(&said);
        thread::spawn(move || copy(err, std::io::stderr(), &said, &closed));
    }
    let status = child.wait()?;
    for _ in 0..2 {
        let _ = closing.recv_timeout(CLOSE_WAIT);
    }
    let said = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((status, said))
}

fn copy(from: impl Read, mut to: impl Write, said: &Mutex<Said>, closed: &mpsc::Sender<()>) {
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // Nobody may read our own output any more; what the program says is kept all the same.
        let _ = writeln!(to, "{line}");
        said.lock().unwrap_or_else(PoisonError::into_inner).keep(line);
    }
    let _ = closed.send(());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_kept_however_much_comes_after_it() {
        let mut said = Said::default();
        said.keep("test wind ... FAILED".to_owned());
        (0..500).for_each(|line| said.keep(format!("line {line}")));
        let text = said.text();
        assert!(text.starts_with("test wind ... FAILED\nline 460\n"), "{text}");
        assert!(text.ends_with("line 499"), "{text}");
    }

    #[test]
    fn how_a_program_ended_and_what_it_said_are_told() {
        let (status, said) =
            run(Command::new("sh").args(["-c", "echo all is well; exit 3"])).unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(said.text(), "all is well");
    }
}
