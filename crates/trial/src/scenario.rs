//! Scenarios: what goes wrong, and how often.

/// One kind of bad days. Chances are per mille and turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it tries, in one sentence.
    pub about: &'static str,
    /// How many turns.
    pub turns: u32,
    /// Minutes between two turns, at least and at most.
    pub minutes: (i64, i64),
    /// The power fails in the middle of a commit.
    pub cut: u32,
    /// The process is killed between two commits.
    pub kill: u32,
    /// A device's line breaks.
    pub snap: u32,
    /// A line delivers nothing for a while.
    pub partition: u32,
    /// A device sends again what was acknowledged.
    pub resend: u32,
    /// A device is silent for hours and then sends all at once.
    pub late: u32,
    /// A device sends another value for an hour it has sent already.
    pub correct: u32,
    /// Bytes that are no frame, or a frame that is torn or altered.
    pub garbage: u32,
    /// A device does not read its answers for a while.
    pub slow: u32,
    /// The clock jumps ahead or back, at most a day.
    pub jump: u32,
    /// The database may not grow for some turns.
    pub full: u32,
    /// The archive's folder refuses files for some turns.
    pub refuse: u32,
    /// A closed day is sealed, when there is one.
    pub seal: u32,
    /// The write-ahead log is written back into the database.
    pub checkpoint: u32,
    /// Something on disk is damaged at the end.
    pub damage: bool,
}

const CALM: Scenario = Scenario {
    name: "calm",
    about: "nothing fails but what always does: frames come in pieces, hours come late, days are sealed",
    turns: 40,
    minutes: (20, 150),
    cut: 0,
    kill: 0,
    snap: 20,
    partition: 0,
    resend: 20,
    late: 20,
    correct: 30,
    garbage: 10,
    slow: 0,
    jump: 0,
    full: 0,
    refuse: 0,
    seal: 300,
    checkpoint: 50,
    damage: false,
};

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 12] = [
        CALM,
        Self {
            name: "flood",
            about: "devices are silent for days and then send all they have, into sealed days",
            late: 250,
            correct: 120,
            seal: 500,
            ..CALM
        },
        Self {
            name: "crash",
            about: "killed between any two commits, and the power fails at any of them",
            cut: 120,
            kill: 120,
            ..CALM
        },
        Self {
            name: "torn",
            about: "the power fails within commits and checkpoints: sectors torn, lost, out of order, overwritten with nonsense",
            cut: 300,
            checkpoint: 250,
            ..CALM
        },
        Self {
            name: "full",
            about: "the disk is full for some turns, again and again; nothing is acknowledged meanwhile",
            full: 90,
            refuse: 60,
            kill: 30,
            ..CALM
        },
        Self {
            name: "clock",
            about: "the clock jumps ahead and back by up to a day",
            jump: 150,
            kill: 40,
            ..CALM
        },
        Self {
            name: "partition",
            about: "lines deliver nothing for hours while devices open second ones; the old ones deliver later",
            partition: 200,
            snap: 120,
            ..CALM
        },
        Self {
            name: "storm",
            about: "devices send again what was acknowledged, and lose the acknowledgements of the rest",
            resend: 500,
            snap: 250,
            ..CALM
        },
        Self {
            name: "sealing",
            about: "sealing at every chance, cut off and killed at each of its steps",
            seal: 900,
            late: 120,
            cut: 150,
            kill: 150,
            refuse: 40,
            ..CALM
        },
        Self {
            name: "slow",
            about: "devices do not read their answers; the server stops reading from them and goes on later",
            slow: 300,
            snap: 60,
            resend: 150,
            ..CALM
        },
        Self {
            name: "damage",
            about: "a blob, a file's footer or page, or a whole file is damaged: the rest is served, the damage is named",
            damage: true,
            kill: 20,
            ..CALM
        },
        Self {
            name: "mixed",
            about: "everything at once",
            cut: 60,
            kill: 40,
            snap: 80,
            partition: 60,
            resend: 100,
            late: 80,
            correct: 80,
            garbage: 60,
            slow: 60,
            jump: 40,
            full: 30,
            refuse: 20,
            seal: 500,
            checkpoint: 100,
            ..CALM
        },
    ];

    /// The scenario of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        // A constant has no address of its own: the list that is looked through does.
        static ALL: [Scenario; 12] = Scenario::ALL;
        ALL.iter().find(|scenario| scenario.name == name)
    }
}
