//! A rise in the air: soundings of fixed and moving instruments, emitters of the registry, wind, and the ground between them.

use super::gather::{Witness, by_step, origins, times_usual, witnesses};
use super::said::{self, Scene, TraceAnswer};
use super::weather::{blown, masts, mixing};
use super::{Kept, Question, Refused, step_ms};
use model::{AreaKind, DAY_MS, HOUR_MS, MINUTE_MS, Parameter, Place, PlaceKind, Registry};
use space::Plane;
use space::trace::{Complaint, Emitter, Ground, Sounding, Tuning, advise, trace, usual};
use std::collections::BTreeMap;

/// Hours before the window that tell what is usual.
const LEAD_MS: i64 = 3 * HOUR_MS;
/// Days before whose same hours tell which rises are usual.
const USUAL_DAYS: i64 = 3;
/// How long what was let out is followed, ms.
const AGE_MS: i64 = 2 * HOUR_MS;
/// How often a rise in a district comes from what no model of one plume holds; chosen on even seeds of the pretend zone, tried
/// on odd ones.
const ASTRAY: f64 = 0.15;
/// Cells of the ground that unknown places are looked for in, at most.
const CELLS_MAX: f64 = 900.0;
/// Side of such a cell, at least, m.
const CELL_M_MIN: f64 = 200.0;
/// Ground around instruments and emitters, m.
const MARGIN_M: f64 = 500.0;
/// Height of an instrument's inlet where none is registered, m.
const INLET_M: f64 = 3.0;
/// A stack without a registered height, m.
const STACK_M: f64 = 30.0;
/// A plume levels off above the mouth of its stack by about this share of its height.
const PLUME_RISE: f64 = 1.2;
/// Height of dust from the ground, m.
const DUST_M: f64 = 4.0;
/// Steps of a vehicle's own, ms: it is elsewhere soon.
const MOVING_STEP_MS: i64 = 2 * MINUTE_MS;

const FIXED: [PlaceKind; 2] = [PlaceKind::AirStation, PlaceKind::MicroStation];
const EMITTERS: [PlaceKind; 3] = [PlaceKind::Stack, PlaceKind::Enterprise, PlaceKind::DustSite];

/// Where a rise in the air comes from.
///
/// # Errors
/// As [`super::answer`].
pub fn answer(
    kept: Kept<'_>,
    parameter: &Parameter,
    question: &Question,
) -> Result<TraceAnswer, Refused> {
    let view = kept.reader.view();
    let registry = view.registry().clone();
    drop(view);
    let fixed = witnesses(&registry, question, &parameter.key, &FIXED)?;
    let moving = witnesses(&registry, question, &parameter.key, &[PlaceKind::Vehicle])?;
    let Some(middle) = space::bounds(fixed.iter().chain(&moving).map(|one| one.at)) else {
        return Err(said::refused(space::trace::Refusal::TooFew { series: 0 }));
    };
    let plane = Plane::at(middle.middle());
    let usual = usual_rises(kept, parameter, question, plane, &fixed)?;
    let (mut soundings, witnesses) = soundings(kept, parameter, question, plane, fixed, moving)?;
    for sounding in &mut soundings {
        sounding.usual = usual.get(&witnesses[sounding.series].key).copied();
    }
    let listed = emitters(kept, &registry, parameter, question, plane)?;
    let masts = masts(&registry, middle.middle());
    let step_ms = step_ms(question.to - question.from);
    let span = (question.from - LEAD_MS - AGE_MS, question.to, step_ms);
    let blown = blown(kept.reader, &masts, span, question.from, question.known)?;
    let ground = ground(&soundings, &listed);
    let (stability, lid_m) = mixing(&blown.winds, question, middle.middle(), question.from);
    let age_max_s = AGE_MS as f64 / 1e3;
    let about = question.about.as_ref();
    let about = about.and_then(|key| witnesses.iter().position(|own| own.key == *key));
    let tuning = Tuning {
        mixing: stability.into(),
        lid_m,
        age_max_s,
        astray: ASTRAY,
        about,
        ..Tuning::default()
    };
    let complaints: Vec<Complaint> = question
        .complaints
        .iter()
        .map(|noticed| Complaint {
            at_m: plane.metres(noticed.at),
            at_s: (noticed.time - question.from) as f64 / 1e3,
        })
        .collect();
    let emitters: Vec<Emitter> = listed.iter().map(|(_, emitter)| emitter.clone()).collect();
    let answer = trace(&soundings, &complaints, &blown.winds, &emitters, &ground, &tuning)
        .map_err(said::refused)?;
    let noise = noise(&soundings);
    let end_s = (question.to - question.from) as f64 / 1e3;
    let advice = advise(&answer, &blown.winds, end_s, &emitters, &ground, (noise, &tuning));
    let places: Vec<&Place> = listed.iter().map(|(place, _)| place).collect();
    let silent = places.iter().filter(|place| place.emits.is_empty()).count();
    Ok(said::air(
        &Scene {
            parameter,
            question,
            step_ms,
            plane,
            registry: &registry,
            witnesses: &witnesses,
            emitters: &places,
            ground: &ground,
            winds: &blown.winds,
            wind_stations: &blown.stations,
            soundings: soundings.len(),
            silent,
        },
        &answer,
        advice,
    ))
}

/// µg/m³ in the parameter's unit.
fn factor(parameter: &Parameter) -> f64 {
    if parameter.unit == "mg/m3" { 1_000.0 } else { 1.0 }
}

/// What fixed and moving instruments said, and which place each series is.
fn soundings(
    kept: Kept<'_>,
    parameter: &Parameter,
    question: &Question,
    plane: Plane,
    fixed: Vec<Witness>,
    moving: Vec<Witness>,
) -> Result<(Vec<Sounding>, Vec<Witness>), Refused> {
    let (from, to) = (question.from - LEAD_MS, question.to);
    let factor = factor(parameter);
    let step = step_ms(to - question.from);
    let (mut all, mut spoke) = (vec![], vec![]);
    for witness in fixed {
        let steps = by_step(kept.reader, &witness.from, (from, to, step), question.known)?;
        if steps.values.is_empty() {
            continue;
        }
        let at_m = plane.metres(witness.at);
        for (number, value) in steps.values {
            let start = ((steps.start + number * steps.step_ms) - question.from) as f64 / 1e3;
            all.push(Sounding {
                series: spoke.len(),
                at_m,
                to_m: None,
                height_m: INLET_M,
                from_s: start,
                to_s: start + steps.step_ms as f64 / 1e3,
                value: factor * value,
                clean: None,
                usual: None,
            });
        }
        spoke.push(witness);
    }
    let registry = kept.reader.view().registry().clone();
    for witness in moving {
        let on_way = on_way(kept, &registry, &witness, question, plane)?;
        // a few values tell no background of their own
        if on_way.len() < 12 {
            continue;
        }
        let series = spoke.len();
        all.extend(on_way.into_iter().map(|(start, at_m, value)| Sounding {
            series,
            at_m,
            to_m: None,
            height_m: 2.0,
            from_s: start,
            to_s: start + MOVING_STEP_MS as f64 / 1e3,
            value: factor * value,
            clean: None,
            usual: None,
        }));
        spoke.push(witness);
    }
    Ok((all, spoke))
}

/// What rises of each fixed instrument usually are at such hours, by the key of its place: those of the days before.
fn usual_rises(
    kept: Kept<'_>,
    parameter: &Parameter,
    question: &Question,
    plane: Plane,
    fixed: &[Witness],
) -> Result<BTreeMap<String, f64>, Refused> {
    let number = |key: &str| fixed.iter().position(|witness| witness.key == key);
    let mut windows = vec![];
    for day in 1..=USUAL_DAYS {
        let (from, to) = (question.from - day * DAY_MS, question.to - day * DAY_MS);
        let earlier = Question { from, to, ..question.clone() };
        let (mut window, spoke) =
            soundings(kept, parameter, &earlier, plane, fixed.to_vec(), vec![])?;
        for sounding in &mut window {
            sounding.series = number(&spoke[sounding.series].key).unwrap_or(usize::MAX);
        }
        windows.push(window);
    }
    let usual = usual(&windows);
    let of_place = |(series, sd): (usize, f64)| Some((fixed.get(series)?.key.clone(), sd));
    Ok(usual.into_iter().filter_map(of_place).collect())
}

/// Where a vehicle was and what it measured, in steps of its own: seconds, metres, mean.
fn on_way(
    kept: Kept<'_>,
    registry: &Registry,
    witness: &Witness,
    question: &Question,
    plane: Plane,
) -> Result<Vec<(f64, [f64; 2], f64)>, Refused> {
    let span = (question.from - LEAD_MS, question.to, MOVING_STEP_MS);
    let of = |parameter: &str| {
        let from = origins(registry, witness.id, parameter);
        by_step(kept.reader, &from, span, question.known).map(|steps| steps.values)
    };
    let (lon, lat) = (of("longitude")?, of("latitude")?);
    let values = by_step(kept.reader, &witness.from, span, question.known)?.values;
    let seen = |(step, value): (&i64, &f64)| {
        let at = [*lon.get(step)?, *lat.get(step)?];
        let start = (span.0 + step * MOVING_STEP_MS - question.from) as f64 / 1e3;
        Some((start, plane.metres(at), *value))
    };
    Ok(values.iter().filter_map(seen).collect())
}

/// Emitters of the registry that are there on the day and let out what rose, with what they report.
fn emitters(
    kept: Kept<'_>,
    registry: &Registry,
    parameter: &Parameter,
    question: &Question,
    plane: Plane,
) -> Result<Vec<(Place, Emitter)>, Refused> {
    // a validity is of civil days; one of UTC errs by hours at its ends and hides nobody for long
    let day = question.from.to_string().chars().take(10).collect::<String>();
    let mut found = vec![];
    for (at, place) in registry.places().iter().enumerate() {
        if !EMITTERS.contains(&place.kind) || !place.is_there(&day) {
            continue;
        }
        if !place.emits.is_empty() && !lets_out(&place.emits, &parameter.key) {
            continue;
        }
        let id = model::PlaceId(at as u32);
        let is_dust = place.kind == PlaceKind::DustSite;
        let own = reports(place.kind, &parameter.key);
        let own = own.iter().map(|key| origins(registry, id, key));
        let own = own.into_iter().find(|own| !own.is_empty()).unwrap_or_default();
        let span = (question.from, question.to, HOUR_MS / 2);
        let reported = times_usual(kept.reader, &own, span, question.known)?;
        let height = place.height_m.map_or(STACK_M, |mouth| PLUME_RISE * mouth);
        found.push((
            place.clone(),
            Emitter {
                at_m: plane.metres([place.lon, place.lat]),
                height_m: if is_dust { place.height_m.unwrap_or(DUST_M) } else { height },
                width_m: width_m(registry, place, plane),
                emits: true,
                reported,
            },
        ));
    }
    Ok(found)
}

/// Whether one of these lets out a parameter, perhaps under another name.
fn lets_out(emits: &[String], parameter: &str) -> bool {
    let also: &[&str] = match parameter {
        "pm25" => &["smoke"],
        "pm10" => &["smoke", "tsp", "pm25"],
        "tsp" => &["pm10", "smoke"],
        "no2" | "no" => &["nox"],
        "nox" => &["no2", "no"],
        _ => &[],
    };
    emits.iter().any(|key| key == parameter || also.contains(&key.as_str()))
}

/// What an emitter reports of itself that tells how much of a parameter it lets out, the best first.
fn reports(kind: PlaceKind, parameter: &str) -> Vec<&str> {
    let is_dust = matches!(parameter, "pm25" | "pm10" | "tsp");
    match (kind, parameter) {
        (PlaceKind::DustSite, _) => vec![parameter, "tsp", "pm10"],
        (_, "no2" | "no") => vec!["nox", "no2"],
        _ if is_dust => vec!["smoke", parameter],
        _ => vec![parameter],
    }
}

/// How wide it is: its premises when they are drawn, else usual ones of its kind.
fn width_m(registry: &Registry, emitter: &Place, plane: Plane) -> f64 {
    let premises = registry.areas.iter().filter(|area| area.kind == AreaKind::Premises);
    let own = premises
        .filter(|area| space::contains(&area.ring, [emitter.lon, emitter.lat]))
        .find_map(|area| space::bounds(area.ring.iter().copied()));
    let drawn = own.map(|bounds| {
        let [west, south] = plane.metres([bounds.west, bounds.south]);
        let [east, north] = plane.metres([bounds.east, bounds.north]);
        (0.5 * (east - west + north - south)).clamp(5.0, 1_000.0)
    });
    match emitter.kind {
        PlaceKind::Stack => 10.0,
        PlaceKind::DustSite => drawn.unwrap_or(150.0),
        _ => drawn.unwrap_or(50.0),
    }
}

/// Square cells over all instruments and emitters that stand near them.
fn ground(soundings: &[Sounding], emitters: &[(Place, Emitter)]) -> Ground {
    let mut edge = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let mut take = |[x, y]: [f64; 2]| {
        edge = [edge[0].min(x), edge[1].min(y), edge[2].max(x), edge[3].max(y)];
    };
    for sounding in soundings {
        take(sounding.at_m);
    }
    // emitters far outside do not make the cells of everybody coarse: they are judged, and said to be outside
    let reach = 15_000.0;
    let near = emitters.iter().filter(|(_, emitter)| emitter.at_m.iter().all(|m| m.abs() < reach));
    near.for_each(|(_, emitter)| take(emitter.at_m));
    let (width, height) = (edge[2] - edge[0] + 2.0 * MARGIN_M, edge[3] - edge[1] + 2.0 * MARGIN_M);
    let cell_m = (width * height / CELLS_MAX).sqrt().max(CELL_M_MIN);
    Ground {
        corner_m: [edge[0] - MARGIN_M, edge[1] - MARGIN_M],
        cell_m,
        cols: (width / cell_m).ceil() as usize,
        rows: (height / cell_m).ceil() as usize,
        height_m: 5.0,
    }
}

/// A usual noise of the instruments: what a measurement has to exceed to settle anything.
fn noise(soundings: &[Sounding]) -> f64 {
    let mut noises: Vec<f64> =
        space::trace::rises(soundings).iter().map(|rise| rise.noise).collect();
    noises.sort_by(f64::total_cmp);
    noises.get(noises.len() / 2).copied().unwrap_or(1.0).max(1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_that_reports_smoke_lets_out_fine_dust_and_a_boiler_of_nox_no_sulfur() {
        let of = |keys: &[&str], parameter| {
            lets_out(&keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), parameter)
        };
        assert!(of(&["smoke"], "pm25") && of(&["smoke"], "pm10") && of(&["nox"], "no2"));
        assert!(!of(&["nox"], "so2") && !of(&["tsp"], "pm25"));
    }

    #[test]
    fn the_ground_holds_all_instruments_in_at_most_some_nine_hundred_cells() {
        let sounding = |x: f64, y: f64| Sounding {
            series: 0,
            at_m: [x, y],
            to_m: None,
            height_m: 3.0,
            from_s: 0.0,
            to_s: 600.0,
            value: 1.0,
            clean: None,
            usual: None,
        };
        let all = [sounding(-9_000.0, 100.0), sounding(6_000.0, 8_000.0)];
        let ground = ground(&all, &[]);
        assert!(all.iter().all(|one| ground.holds(one.at_m)));
        assert!(ground.cols * ground.rows <= 1_000, "{ground:?}");
    }
}
