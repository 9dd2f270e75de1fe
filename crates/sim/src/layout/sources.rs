//! What lets out: stacks and sites as points, quarters of the town as soft blobs, roads as lines.

/// What the strength of a source over the day and the year follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Runs day and night, a little more by day.
    Furnace,
    /// Works by shifts.
    Works,
    /// Heats from November to March.
    Boiler,
    /// Works by day, not on Sundays.
    Site,
    /// Homes and kitchens.
    Homes,
    /// Cars in the small streets.
    Streets,
}

/// Masses of the five things that are let out, in the order PM2.5, coarse dust, `SO2`, `NOx`, CO.
pub(crate) type Mix = [f64; 5];

/// A stack or a site.
pub(crate) struct Stack {
    pub key: &'static str,
    pub name: (&'static str, &'static str),
    pub kind: Kind,
    pub x: f64,
    pub y: f64,
    /// Height at which the plume levels off in a light wind, m; for a site the height of its dust.
    pub height_m: f64,
    /// Width of the source, m.
    pub width_m: f64,
    /// g/s at full strength.
    pub emission_g_s: Mix,
}

/// A quarter as a Gaussian hill of emission.
pub(crate) struct Blob {
    pub kind: Kind,
    pub x: f64,
    pub y: f64,
    /// Standard deviation of the hill, km.
    pub sigma_km: f64,
    /// µg/m³ in its middle at full strength, wind 2 m/s, mixing height 500 m.
    pub reference_ug_m3: Mix,
}

const fn stack(
    (key, name): (&'static str, (&'static str, &'static str)),
    kind: Kind,
    (x, y): (f64, f64),
    (height_m, width_m): (f64, f64),
    emission_g_s: Mix,
) -> Stack {
    Stack { key, name, kind, x, y, height_m, width_m, emission_g_s }
}

pub(crate) const STACKS: [Stack; 12] = [
    stack(
        ("stack-01", ("示例热电厂", "Example Heat and Power")),
        Kind::Furnace,
        (4.4, -3.3),
        (190.0, 8.0),
        [1.8, 0.6, 7.0, 14.0, 18.0],
    ),
    stack(
        ("stack-02", ("样本水泥厂", "Specimen Cement Works")),
        Kind::Works,
        (-4.9, -2.7),
        (75.0, 20.0),
        [1.5, 1.6, 2.2, 7.0, 12.0],
    ),
    stack(
        ("stack-03", ("假设化工厂", "Hypothesis Chemicals")),
        Kind::Works,
        (3.6, 3.6),
        (60.0, 15.0),
        [0.6, 0.2, 1.8, 3.2, 4.0],
    ),
    stack(
        ("stack-04", ("草图砖瓦厂", "Sketch Brickworks")),
        Kind::Works,
        (-4.6, 3.0),
        (40.0, 25.0),
        [0.7, 0.8, 1.3, 1.0, 8.0],
    ),
    stack(
        ("stack-05", ("比例尺供热站", "Scale-bar Heating")),
        Kind::Boiler,
        (-1.0, 3.3),
        (50.0, 6.0),
        [0.5, 0.2, 1.3, 2.4, 6.0],
    ),
    stack(
        ("stack-06", ("图例供热站", "Legend Heating")),
        Kind::Boiler,
        (1.9, -1.9),
        (50.0, 6.0),
        [0.4, 0.2, 1.1, 2.0, 5.0],
    ),
    stack(
        ("site-01", ("蓝图工地", "Blueprint Site")),
        Kind::Site,
        (-0.9, 0.6),
        (4.0, 180.0),
        [0.06, 0.42, 0.0, 0.05, 0.2],
    ),
    stack(
        ("site-02", ("草稿工地", "Draft Site")),
        Kind::Site,
        (3.4, 1.6),
        (4.0, 220.0),
        [0.06, 0.50, 0.0, 0.05, 0.2],
    ),
    stack(
        ("site-03", ("模型工地", "Model Site")),
        Kind::Site,
        (1.2, -3.1),
        (4.0, 160.0),
        [0.05, 0.35, 0.0, 0.04, 0.2],
    ),
    stack(
        ("site-04", ("虚线工地", "Dotted-line Site")),
        Kind::Site,
        (-3.9, 0.9),
        (4.0, 200.0),
        [0.05, 0.40, 0.0, 0.04, 0.2],
    ),
    stack(
        ("site-05", ("附录工地", "Appendix Site")),
        Kind::Site,
        (-2.0, -3.9),
        (4.0, 150.0),
        [0.05, 0.35, 0.0, 0.04, 0.2],
    ),
    stack(
        ("site-06", ("脚注料场", "Footnote Stockpile")),
        Kind::Site,
        (5.0, -0.6),
        (6.0, 250.0),
        [0.05, 0.55, 0.0, 0.02, 0.1],
    ),
];

const fn blob(kind: Kind, (x, y): (f64, f64), sigma_km: f64, reference_ug_m3: Mix) -> Blob {
    Blob { kind, x, y, sigma_km, reference_ug_m3 }
}

pub(crate) const BLOBS: [Blob; 8] = [
    blob(Kind::Streets, (0.1, 0.2), 2.4, [3.2, 5.0, 0.4, 31.0, 240.0]),
    blob(Kind::Homes, (-0.5, 0.9), 2.0, [4.0, 1.5, 1.4, 4.0, 160.0]),
    blob(Kind::Homes, (2.6, -2.2), 1.3, [2.6, 1.0, 1.1, 2.0, 110.0]),
    blob(Kind::Homes, (-3.3, 2.2), 1.4, [3.6, 1.2, 1.6, 1.5, 150.0]),
    blob(Kind::Homes, (3.6, 2.6), 1.2, [2.2, 0.8, 0.9, 1.5, 90.0]),
    blob(Kind::Works, (-4.4, -2.2), 1.3, [3.2, 4.0, 1.4, 7.0, 90.0]),
    blob(Kind::Works, (4.3, -2.6), 1.2, [2.4, 2.2, 1.2, 7.0, 80.0]),
    blob(Kind::Streets, (-1.5, -3.0), 1.5, [1.4, 3.0, 0.2, 9.0, 90.0]),
];
