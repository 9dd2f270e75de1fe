//! The balance of nitric oxide, nitrogen dioxide and ozone in light.
//!
//! `NO` + `O3` → `NO2`, and light splits `NO2` again. In balance `NO · O3 = r · NO2`, where r grows with the
//! light; nitrogen oxides and oxidant (`NO2` + `O3`) do not change. (Leighton's photostationary state.)

/// µg/m³ in a ppb of `NO2` at 25 °C and 101.325 kPa: 46.006 / 24.465.
const NO2_UG_M3_PER_PPB: f64 = 1.880;
/// µg/m³ in a ppb of `O3` at 25 °C and 101.325 kPa: 47.998 / 24.465.
const O3_UG_M3_PER_PPB: f64 = 1.962;
/// The ratio r with the sun overhead, ppb.
const LIGHT_PPB: f64 = 13.0;
/// What is left of r at night: air that is not mixed well keeps some of both, ppb.
const UNMIXED_PPB: f64 = 1.8;

/// Both in µg/m³.
#[derive(Clone, Copy, Debug)]
pub(super) struct Balance {
    pub no2: f64,
    pub o3: f64,
}

/// Splits nitrogen oxides (µg/m³, as `NO2`) and oxidant (ppb) in sunlight from 0 to 1.
///
/// A seventh of them leaves exhausts as `NO2` already and adds to the oxidant.
pub(super) fn balance(nox_ug_m3: f64, oxidant_ppb: f64, sun: f64) -> Balance {
    let nox = nox_ug_m3 / NO2_UG_M3_PER_PPB;
    let oxidant = oxidant_ppb + nox / 7.0;
    let light = UNMIXED_PPB + LIGHT_PPB * sun;
    let half = f64::midpoint(nox, oxidant) + light / 2.0;
    let no2 = half - (half * half - nox * oxidant).max(0.0).sqrt();
    Balance { no2: no2 * NO2_UG_M3_PER_PPB, o3: (oxidant - no2).max(0.0) * O3_UG_M3_PER_PPB }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_eats_ozone_at_night_and_light_gives_it_back() {
        let night = balance(80.0, 40.0, 0.0);
        let noon = balance(80.0, 40.0, 0.8);
        assert!(night.o3 < 22.0, "{night:?}");
        assert!(noon.o3 > 1.7 * night.o3, "{noon:?}");
        assert!(night.no2 > noon.no2);
        let clean = balance(0.0, 40.0, 0.0);
        assert!((clean.o3 - 40.0 * O3_UG_M3_PER_PPB).abs() < 1e-9);
        assert!(clean.no2.abs() < 1e-9);
    }

    #[test]
    fn neither_exceeds_what_there_is() {
        for nox in [0.0, 1.0, 20.0, 300.0, 2_000.0] {
            for oxidant in [1.0, 40.0, 150.0] {
                for sun in [0.0, 0.3, 1.0] {
                    let Balance { no2, o3 } = balance(nox, oxidant, sun);
                    assert!(no2 >= 0.0 && no2 <= nox + 1e-9, "{nox} {oxidant} {sun}: {no2}");
                    assert!(o3 >= 0.0, "{nox} {oxidant} {sun}: {o3}");
                }
            }
        }
    }
}
