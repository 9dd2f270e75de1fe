//! A rise in a river: the network of the registry, its water sites and outfalls.

mod network;

use super::gather::{by_step, witnesses};
use super::said::{Candidate, Kind, TraceAdvice, TraceAnswer, name_of};
use super::{Kept, Question, Refused};
use crate::words::Words;
use model::{HOUR_MS, Parameter, Place, PlaceKind};
use network::Rivers;
use serde_json::json;
use space::river::{RiverCandidate, RiverRefusal, SiteSeries, Source, Spot, trace_river};

/// Hours before the window that tell what is usual, and in which a release may have begun.
const LEAD_MS: i64 = 48 * HOUR_MS;
/// Candidates that are told one by one.
const TOLD: usize = 12;

/// Where a rise in a river comes from.
///
/// # Errors
/// As [`super::answer`].
pub fn answer(
    kept: Kept<'_>,
    parameter: &Parameter,
    question: &Question,
) -> Result<TraceAnswer, Refused> {
    let registry = kept.reader.view().registry().clone();
    let Some(rivers) = Rivers::of(&registry) else {
        return Err(Refused::not(
            "no_river",
            "没有登记河流",
            "no river is registered",
            "请导入河流或河段（按流向绘制）",
            "import rivers or reaches, drawn downstream",
        ));
    };
    let (from, to) = ((question.from - LEAD_MS).floor(HOUR_MS), question.to);
    let sites = witnesses(&registry, question, &parameter.key, &[PlaceKind::WaterSite])?;
    let steps = (to - from + HOUR_MS - 1) / HOUR_MS;
    let (mut series, mut spoke) = (vec![], vec![]);
    for site in sites {
        let Some(place) = registry.place(site.id) else { continue };
        let Some(at) = rivers.spot(place) else { continue };
        let values = by_step(kept.reader, &site.from, (from, to, HOUR_MS), question.known)?.values;
        if values.is_empty() {
            continue;
        }
        let values = (0..steps).map(|step| values.get(&step).copied()).collect();
        series.push(SiteSeries { at, values });
        spoke.push(site.key);
    }
    let outfalls: Vec<(Place, Spot)> = registry
        .places()
        .iter()
        .filter(|place| place.kind == PlaceKind::Outfall)
        .filter(|place| place.emits.is_empty() || place.emits.contains(&parameter.key))
        .filter_map(|place| Some((place.clone(), rivers.spot(place)?)))
        .collect();
    let spots: Vec<Spot> = outfalls.iter().map(|(_, spot)| *spot).collect();
    let answer =
        trace_river(&rivers.network, &series, &spots, HOUR_MS as f64 / 1e3).map_err(refused)?;
    let written = |one: &RiverCandidate| candidate(&rivers, &outfalls, one, from);
    let told: Vec<Candidate> = gathered(&answer.candidates).iter().map(written).collect();
    Ok(TraceAnswer {
        parameter: parameter.key.clone(),
        unit: parameter.unit.clone(),
        medium: "river",
        from: question.from.to_string(),
        to: question.to.to_string(),
        step_s: HOUR_MS / 1_000,
        places: spoke,
        values: series.iter().map(|site| site.values.iter().flatten().count()).sum(),
        wind: None,
        advice: Some(advice(&told)),
        pair: None,
        regions: regions(&rivers, &outfalls, &answer.candidates),
        candidates: told,
        doubts: doubts(),
        record: Words::new(
            "在模拟河网的泄漏上检验过；没有真实泄漏的真值",
            "Proved on spills of the pretend rivers; there is no truth of real ones",
        ),
    })
}

/// Outfalls one by one, and all unknown stretches as the likeliest of them with what they have together.
fn gathered(all: &[RiverCandidate]) -> Vec<RiverCandidate> {
    let is_outfall = |one: &&RiverCandidate| matches!(one.source, Source::Outfall(_));
    let mut told: Vec<RiverCandidate> = all.iter().filter(is_outfall).copied().collect();
    let unknown = || all.iter().filter(|one| !is_outfall(one));
    let sum: f64 = unknown().map(|one| one.probability).sum();
    told.extend(unknown().next().map(|one| RiverCandidate { probability: sum, ..*one }));
    told.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    told.truncate(TOLD);
    told
}

fn candidate(
    rivers: &Rivers,
    outfalls: &[(Place, Spot)],
    one: &RiverCandidate,
    from: model::Timestamp,
) -> Candidate {
    let (kind, place, name, spot) = match one.source {
        Source::Outfall(at) => {
            let (place, spot) = &outfalls[at];
            (Kind::Emitter, Some(place.key.clone()), name_of(place), *spot)
        }
        Source::Stretch(reach, [low, high]) => {
            let line = &rivers.names[reach];
            let name = Words::new(
                format!("{}上未登记的某处", line.zh),
                format!("some place in no register on {}", line.en),
            );
            (Kind::Unknown, None, name, Spot { reach, along_m: f64::midpoint(low, high) })
        }
    };
    let hour = |step: usize| (from + step as i64 * HOUR_MS).to_string();
    let (rose, stayed, load) = (one.rose, one.stayed, one.load_g_s);
    Candidate {
        kind,
        place,
        name,
        at: rivers.point(spot),
        probability: one.probability,
        rate_g_s: Some([0.4 * load, load, 2.5 * load]),
        on: Some([hour(one.start), hour(one.start + one.length)]),
        rose: vec![],
        stayed: vec![],
        unexplained: vec![],
        reported: None,
        evidence: Words::new(
            format!(
                "其下游 {rose} 个断面按流程时间先后升高，{stayed} 个没有；约 {} 小时，{load:.1} 克/秒",
                one.length
            ),
            format!(
                "{rose} sites below it rose in their turn, {stayed} did not; some {} h at {load:.1} g/s",
                one.length
            ),
        ),
    }
}

/// Points of the candidates that together hold a half and nine tenths.
fn regions(
    rivers: &Rivers,
    outfalls: &[(Place, Spot)],
    all: &[RiverCandidate],
) -> serde_json::Value {
    let feature = |share: f64| {
        let (mut held, mut points, mut emitters) = (0.0, vec![], vec![]);
        for one in all {
            if held >= share {
                break;
            }
            held += one.probability;
            let spot = match one.source {
                Source::Outfall(at) => {
                    emitters.push(outfalls[at].0.key.clone());
                    outfalls[at].1
                }
                Source::Stretch(reach, [low, high]) => {
                    Spot { reach, along_m: f64::midpoint(low, high) }
                }
            };
            points.extend(rivers.point(spot));
        }
        json!({
            "type": "Feature",
            "properties": { "share": share, "emitters": emitters },
            "geometry": { "type": "MultiPoint", "coordinates": points },
        })
    };
    json!({ "type": "FeatureCollection", "features": [feature(0.5), feature(0.9)] })
}

fn advice(told: &[Candidate]) -> TraceAdvice {
    let first = told.first();
    let at = first.and_then(|one| one.at);
    let say = match first {
        Some(one) if one.kind == Kind::Emitter => Words::new(
            format!("在“{}”上、下游各取一个水样即可判定", one.name.zh),
            format!("one sample above and one below {} settle it", one.name.en),
        ),
        _ => Words::new(
            "沿该河段每隔一公里取样，升高处的上游一侧即为来源",
            "sample each kilometre of the stretch: it comes from just above where values rise",
        ),
    };
    TraceAdvice { at, say }
}

fn doubts() -> Vec<Words> {
    vec![Words::new(
        "流量没有登记：每条源头按 1 立方米/秒、流速 0.25 米/秒（及其四分之三、三分之四倍）计，排放量只作量级参考",
        "flow is not registered: each head counts as 1 m³/s at 0.25 m/s (and three quarters and four thirds of it); loads are an order of magnitude",
    )]
}

fn refused(refusal: RiverRefusal) -> Refused {
    match refusal {
        RiverRefusal::NoRise => super::said::refused(space::trace::Refusal::NoRise),
        RiverRefusal::TooFew => Refused::not(
            "too_few_places",
            "没有断面有足够的小时值（至少 12 个）",
            "no water site has enough hours (12 at least)",
            "请加长时段，或检查断面是否登记在河流上",
            "take a longer window, or check that water sites lie on rivers",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Registry, Timestamp};
    use sim::{Event, FaultRates, Scenario, Settings, What, Zone};

    const NOON: Timestamp = Timestamp::from_ms(1_772_337_600_000);

    fn zone(scenario: Scenario) -> Zone {
        Zone::new(Settings { seed: 11, scenario, faults: FaultRates::NONE })
    }

    /// Hours by site.
    type Series = Vec<(String, Vec<Option<f64>>)>;

    /// Ammonia at all water sites of the pretend zone, hour by hour, while one outfall lets out more for three hours.
    fn spilled(source: &str) -> (Registry, Series) {
        let what = What::Release { source: source.to_owned(), factor: 25.0 };
        let event = Event { start: NOON, end: NOON + 3 * HOUR_MS, what };
        let zone = zone(Scenario { events: vec![event] });
        let inventory = zone.registry();
        let mut registry = Registry::default();
        registry.lines = inventory.lines;
        for place in inventory.places {
            registry.put_place(place);
        }
        let mut series: Series = vec![];
        for hour in -48..24 {
            for (number, (key, _, water)) in
                zone.waters(NOON + hour * HOUR_MS).into_iter().enumerate()
            {
                if series.len() <= number {
                    series.push((key.to_owned(), vec![]));
                }
                series[number].1.push(Some(water.nh3n));
            }
        }
        (registry, series)
    }

    #[test]
    fn a_spill_of_the_pretend_rivers_is_traced_to_its_outfall() {
        let mut right = vec![];
        for number in 1..=6 {
            let source = format!("outfall-{number:02}");
            let (registry, series) = spilled(&source);
            let rivers = Rivers::of(&registry).unwrap();
            let sites: Vec<SiteSeries> = series
                .iter()
                .filter_map(|(key, values)| {
                    let place = registry.place(registry.place_id(key)?)?;
                    Some(SiteSeries { at: rivers.spot(place)?, values: values.clone() })
                })
                .collect();
            assert_eq!(sites.len(), 12);
            let outfalls: Vec<&Place> =
                registry.places().iter().filter(|place| place.kind == PlaceKind::Outfall).collect();
            let spots: Vec<Spot> = outfalls.iter().filter_map(|place| rivers.spot(place)).collect();
            assert_eq!(spots.len(), 6);
            let Ok(answer) = trace_river(&rivers.network, &sites, &spots, 3_600.0) else {
                continue;
            };
            let told = gathered(&answer.candidates);
            let name = |one: &RiverCandidate| match one.source {
                Source::Outfall(at) => outfalls[at].key.clone(),
                Source::Stretch(..) => "unknown".to_owned(),
            };
            let own = told.iter().find(|one| name(one) == source).map(|one| one.probability);
            println!("{source}: first {}, own {own:.3?}", name(&told[0]));
            match name(&told[0]) {
                first if first == source => right.push(source),
                first => assert_eq!(first, "unknown", "another outfall than {source}"),
            }
        }
        assert!(right.len() >= 5, "{right:?}");
        assert!(right.contains(&"outfall-02".to_owned()));
    }
}
