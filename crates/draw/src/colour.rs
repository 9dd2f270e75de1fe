//! Colours of amounts and differences.

/// Viridis, at ten equidistant places.
const VIRIDIS: [[u8; 3]; 10] = [
    [68, 1, 84],
    [72, 40, 120],
    [62, 73, 137],
    [49, 104, 142],
    [38, 130, 142],
    [31, 158, 137],
    [53, 183, 121],
    [110, 206, 88],
    [181, 222, 43],
    [253, 231, 37],
];

/// Blue over grey to brown.
const DIFFERENCE: [[u8; 3]; 3] = [[33, 102, 172], [247, 247, 247], [179, 88, 6]];

/// Steps in which amounts are coloured: neighbours of one step are drawn as one mark.
pub const LEVELS: usize = 40;

/// The colour of a share of 0 to 1.
pub fn amount(share: f64) -> String {
    between(&VIRIDIS, share)
}

/// The colour of −1 to 1.
pub fn difference(value: f64) -> String {
    between(&DIFFERENCE, f64::midpoint(value, 1.0))
}

/// The step of a share of 0 to 1.
pub fn level(share: f64) -> usize {
    ((share.clamp(0.0, 1.0) * LEVELS as f64) as usize).min(LEVELS - 1)
}

/// The colour of a step.
pub fn of_level(level: usize) -> String {
    amount((level as f64 + 0.5) / LEVELS as f64)
}

fn between(colours: &[[u8; 3]], share: f64) -> String {
    let at = share.clamp(0.0, 1.0) * (colours.len() - 1) as f64;
    let low = (at.floor() as usize).min(colours.len() - 2);
    let part = at - low as f64;
    let mix = |of: usize| {
        let (a, b) = (f64::from(colours[low][of]), f64::from(colours[low + 1][of]));
        (a + (b - a) * part).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_viridis_and_nothing_lies_in_the_middle_of_a_difference() {
        assert_eq!([amount(-1.0), amount(1.0)], ["#440154", "#fde725"]);
        assert_eq!(difference(0.0), "#f7f7f7");
        assert_eq!([level(0.0), level(1.0)], [0, LEVELS - 1]);
    }
}
