//! Lines between devices and the server: bytes arrive in order or not at all, late, and in pieces.

use crate::dice::Dice;
use std::collections::VecDeque;

/// One TCP connection as the network sees it.
#[derive(Debug)]
pub struct Line {
    /// Which device opened it.
    pub device: usize,
    /// Whether it is closed; what had arrived before has been delivered.
    pub is_closed: bool,
    up: VecDeque<(u32, Vec<u8>)>,
    down: VecDeque<(u32, Vec<u8>)>,
    nothing_until: u32,
}

impl Line {
    /// A line of a device.
    pub fn new(device: usize) -> Self {
        let (up, down) = (VecDeque::new(), VecDeque::new());
        Self { device, is_closed: false, up, down, nothing_until: 0 }
    }

    /// A device writes: the bytes go in pieces, each on its way for a while.
    pub fn send_up(&mut self, bytes: &[u8], turn: u32, dice: &mut Dice) {
        send(&mut self.up, bytes, turn, dice);
    }

    /// The server writes.
    pub fn send_down(&mut self, bytes: &[u8], turn: u32, dice: &mut Dice) {
        send(&mut self.down, bytes, turn, dice);
    }

    /// What arrives at the server now, piece by piece.
    pub fn arrive_up(&mut self, turn: u32) -> Option<Vec<u8>> {
        if turn < self.nothing_until { None } else { arrive(&mut self.up, turn) }
    }

    /// What arrives at the device now.
    pub fn arrive_down(&mut self, turn: u32) -> Option<Vec<u8>> {
        if turn < self.nothing_until { None } else { arrive(&mut self.down, turn) }
    }

    /// Nothing gets through until a turn.
    pub fn part(&mut self, until: u32) {
        self.nothing_until = until;
    }

    /// The line breaks: of what is on its way to the server a beginning still arrives, the rest and all
    /// answers are lost.
    pub fn snap(&mut self, dice: &mut Dice) -> Vec<u8> {
        self.is_closed = true;
        self.down.clear();
        let mut bytes: Vec<u8> = self.up.drain(..).flat_map(|(_, bytes)| bytes).collect();
        bytes.truncate(dice.below(bytes.len() as u64 + 1) as usize);
        bytes
    }
}

fn send(way: &mut VecDeque<(u32, Vec<u8>)>, bytes: &[u8], turn: u32, dice: &mut Dice) {
    let mut rest = bytes;
    let mut due = way.back().map_or(turn, |(due, _)| turn.max(*due));
    while !rest.is_empty() {
        let most = if dice.chance(300) { rest.len().min(40) } else { rest.len() };
        let (piece, left) = rest.split_at(1 + dice.below(most as u64) as usize);
        due += u32::from(dice.chance(150));
        way.push_back((due, piece.to_vec()));
        rest = left;
    }
}

fn arrive(way: &mut VecDeque<(u32, Vec<u8>)>, turn: u32) -> Option<Vec<u8>> {
    let (due, _) = way.front()?;
    if *due > turn { None } else { way.pop_front().map(|(_, bytes)| bytes) }
}
