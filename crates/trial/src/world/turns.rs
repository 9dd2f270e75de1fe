//! What happens in a turn when nothing fails: devices speak, lines carry, the server keeps and answers.

use super::{PLANTED, World};
use crate::device::acknowledged;
use crate::line::Line;
use crate::plant::Plant;
use crate::promises::Broken;
use gateway::Committed;
use gateway::hj212::PaperConnection;
use model::{Act, Arrival, Disposition, HOUR_MS, Sequence};

/// Bytes of answers that a line takes in one turn.
const ANSWER_BYTES: usize = 8 << 10;

impl World<'_> {
    /// Devices measure, open lines and write.
    pub(super) fn speak(&mut self) {
        let Some(server) = &mut self.server else { return };
        for (number, device) in self.devices.iter_mut().enumerate() {
            let (dice, uploads) = (&mut self.dice, &self.book.uploads);
            let spoken = device.speak(self.turn, &self.clock, dice, self.scenario, uploads);
            for upload in spoken.made {
                self.book.uploads.insert((upload.mn.clone(), upload.qn.clone()), upload);
            }
            if spoken.opens {
                self.lines.push(Line::new(number));
                let line = self.lines.len() - 1;
                device.opened(line);
                server.connect(line);
            }
            if let Some(line) = device.line {
                self.lines[line].send_up(&spoken.bytes, self.turn, dice);
            }
        }
    }

    /// Lines carry what is due to the server, and break. The server takes the lines in any order.
    pub(super) fn carry(&mut self) {
        let mut open: Vec<usize> =
            (0..self.lines.len()).filter(|line| !self.lines[*line].is_closed).collect();
        for at in (1..open.len()).rev() {
            open.swap(at, self.dice.below(at as u64 + 1) as usize);
        }
        for line in open {
            if self.dice.chance(self.scenario.partition) {
                self.lines[line].part(self.turn + self.dice.between(2, 15) as u32);
            }
            let Some(server) = &mut self.server else { return };
            while server.connections.get(&line).is_some_and(PaperConnection::may_read)
                && !self.is_full
            {
                let Some(bytes) = self.lines[line].arrive_up(self.turn) else { break };
                let connection = server.connections.get_mut(&line);
                let arrival = connection.and_then(|connection| connection.read(&bytes));
                server.waiting.extend(arrival.map(|arrival| (line, arrival)));
            }
            let snaps = self.dice.chance(self.scenario.snap);
            // A device that has gone to another line closes the old one in the end.
            let is_left = self.devices[self.lines[line].device].line != Some(line);
            if snaps || is_left && self.dice.chance(200) {
                self.close(line);
            } else if self.dice.chance(100)
                && let Some(connection) = server.connections.get_mut(&line)
            {
                let arrival = connection.silence();
                server.waiting.extend(arrival.map(|arrival| (line, arrival)));
            }
        }
    }

    /// A line closes: its last bytes arrive, its device knows.
    fn close(&mut self, line: usize) {
        let bytes = self.lines[line].snap(&mut self.dice);
        self.devices[self.lines[line].device].lost(line);
        let Some(server) = &mut self.server else { return };
        if let Some(mut connection) = server.connections.remove(&line) {
            let read = if connection.may_read() { connection.read(&bytes) } else { None };
            let last = connection.close();
            server.waiting.extend(read.into_iter().chain(last).map(|arrival| (line, arrival)));
        }
    }

    /// The engine keeps what waits, as one turn or two.
    pub(super) fn keep(&mut self) -> Result<(), Broken> {
        for _ in 0..2 {
            let Some(server) = &mut self.server else { return Ok(()) };
            let (lines, arrivals): (Vec<usize>, Vec<Arrival>) =
                std::mem::take(&mut server.waiting).into_iter().unzip();
            if self.plant.is_some_and(|(plant, _)| plant == Plant::AnsweredFirst)
                && self.turn > PLANTED
            {
                let kept = vec![Disposition::Stored; 10_000];
                let said: Vec<_> =
                    arrivals.iter().map(|of| kept[..of.frames.len()].to_vec()).collect();
                self.tell(&lines, &said, Sequence(0));
                self.answer();
                return self.restart();
            }
            let last = server.engine.reader().last_sequence();
            let last = last.map_err(|error| Broken::stopped(&error))?;
            let now = self.now;
            let done = self.commit(|engine| engine.turn(now, &arrivals))?;
            match done {
                Done::Kept(turn) => {
                    // What a planted defect makes of a turn is not what its checker is asked for.
                    let said = self.plant.is_none().then_some(&turn.outcomes[..]);
                    self.book.turn(last, &arrivals, said)?;
                    self.report.turns += 1;
                    self.note(&[turn.sequence.0, turn.datastreams.len() as u64]);
                    self.book.moments.push(turn.sequence);
                    self.tell(&lines, &turn.outcomes, turn.sequence);
                }
                Done::Refused => {
                    self.report.refused += 1;
                    self.is_full = true;
                    if let Some(server) = &mut self.server {
                        server.waiting = lines.into_iter().zip(arrivals).collect();
                    }
                    return Ok(());
                }
                Done::Cut { survived } => {
                    if survived {
                        self.book.turn(last, &arrivals, None)?;
                        self.report.turns += 1;
                        self.moment()?;
                    }
                    return self.check(true);
                }
            }
            self.is_full = false;
        }
        Ok(())
    }

    /// Tells connections what became of their arrivals.
    fn tell(&mut self, lines: &[usize], outcomes: &[Vec<Disposition>], sequence: Sequence) {
        let Some(server) = &mut self.server else { return };
        for (line, outcomes) in lines.iter().zip(outcomes) {
            if let Some(connection) = server.connections.get_mut(line) {
                let outcomes = outcomes.clone();
                connection.committed(&Committed { outcomes, sequence: Some(sequence) });
            }
        }
    }

    /// Answers leave the server and arrive, where somebody reads them.
    pub(super) fn answer(&mut self) {
        let Some(server) = &mut self.server else { return };
        for (line, connection) in &mut server.connections {
            let device = &mut self.devices[self.lines[*line].device];
            if device.listens(self.turn) {
                let mut bytes = connection.take(ANSWER_BYTES);
                self.lines[*line].send_down(&bytes, self.turn, &mut self.dice);
                // From here on a device may know of it.
                let left = self.leaving.entry(*line).or_default();
                left.append(&mut bytes);
                self.book.answer(acknowledged(left));
            }
            while let Some(bytes) = self.lines[*line].arrive_down(self.turn) {
                if device.line == Some(*line) {
                    device.hear(&bytes);
                }
            }
        }
    }

    /// Somebody does something, with a reason.
    pub(super) fn act(&mut self) -> Result<(), Broken> {
        if !self.dice.chance(80) || self.is_full {
            return Ok(());
        }
        let act = Act {
            kind: "trial".to_owned(),
            key: format!("{}", self.dice.below(5)),
            who: "operator".to_owned(),
            document: format!("{{\"because\":\"turn {}\"}}", self.turn),
        };
        let last = self.last_sequence()?;
        let (now, acts) = (self.now, vec![act.clone()]);
        let sequence = Sequence(last.0 + 1);
        match self.commit(|engine| engine.act(now, acts))? {
            Done::Kept(_) | Done::Cut { survived: true } => {
                self.book.acts.push((sequence, act));
                self.moment()?;
            }
            Done::Refused | Done::Cut { .. } => {}
        }
        Ok(())
    }

    /// A closed day is sealed, in its three steps.
    pub(super) fn seal(&mut self) -> Result<(), Broken> {
        let Some(server) = &mut self.server else { return Ok(()) };
        if let Some(sealed) = server.sealing.take() {
            let day = sealed.day() as u64;
            match self.commit(|engine| {
                engine.store_mut().seal_finish(sealed).map_err(engine::Error::Store)
            })? {
                Done::Kept(()) => {
                    self.report.seals += 1;
                    self.note(&[day]);
                }
                Done::Refused => self.report.refused += 1,
                Done::Cut { survived } => {
                    self.report.seals += u64::from(survived);
                    return self.check(true);
                }
            }
            return Ok(());
        }
        if !self.dice.chance(self.scenario.seal) || server.engine.is_behind(self.now) {
            return Ok(());
        }
        let before = (self.now - HOUR_MS).utc_day();
        let store = server.engine.store_mut();
        let days = store.days_to_seal(before).map_err(|error| Broken::stopped(&error))?;
        let Some(day) = self.dice.pick(&days[..days.len().min(2)]).copied() else {
            return Ok(());
        };
        match store.seal_plan(day).write() {
            Ok(sealed) if self.dice.chance(self.scenario.cut) => {
                // The power fails while the files are written.
                for file in sealed.files() {
                    let left = self.disk.leave_half_file(&file.path, &mut self.dice);
                    left.map_err(|error| Broken::stopped(&error))?;
                }
                self.report.cuts += 1;
                self.restart()?;
                self.check(true)
            }
            Ok(sealed) => {
                server.sealing = Some(sealed);
                Ok(())
            }
            Err(error) if self.turn <= self.refuses_until => {
                self.report.refused += 1;
                drop(error);
                Ok(())
            }
            Err(error) => Err(Broken::stopped(&error)),
        }
    }
}

/// How an operation ended.
pub(super) enum Done<T> {
    /// It is on disk, and the server knows.
    Kept(T),
    /// The disk refused it.
    Refused,
    /// The power failed in it; the server is started again.
    Cut {
        /// Whether it is on disk all the same.
        survived: bool,
    },
}
