//! Sentences about what speaks for a candidate, what is doubtful, and where to measure next.

use super::{Candidate, Kind, Scene, TraceAdvice, name_of};
use crate::words::Words;
use space::trace::{Advice, Doubt, Share};

/// Names of places that a sentence lists before it counts.
const LISTED: usize = 3;

/// What speaks for a candidate and against it.
pub fn evidence(scene: &Scene<'_>, one: &space::trace::Candidate) -> Words {
    let why = &one.why;
    if one.share == Share::None {
        return Words::new(
            "各点位的变化不需要附近的源来解释",
            "what the places say needs no source near to explain it",
        );
    }
    let (mut zh, mut en) = (vec![], vec![]);
    let (from, sd, speed) = (why.wind_from_deg, why.wind_sd_deg, why.wind_speed_m_s);
    zh.push(format!("风从 {from:.0}° ± {sd:.0}° 来，{speed:.1} 米/秒"));
    en.push(format!("wind from {from:.0}° ± {sd:.0}°, {speed:.1} m/s"));
    if why.rose.is_empty() {
        zh.push("羽流内没有点位升高".to_owned());
        en.push("no place in its plume rose".to_owned());
    } else {
        let keys: Vec<usize> = why.rose.iter().map(|(at, _)| *at).collect();
        let (zh_names, en_names) = names(scene, &keys);
        let most = why.rose.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        let most = most / if scene.parameter.unit == "mg/m3" { 1_000.0 } else { 1.0 };
        let unit = model::unit_text(&scene.parameter.unit);
        let (count, minutes) = (why.rose.len(), why.within_s / 60.0);
        zh.push(format!(
            "下风向 {count} 个点位（{zh_names}）在 {minutes:.0} 分钟内升高，最多升 {most:.0} {unit}"
        ));
        en.push(format!(
            "{count} places downwind ({en_names}) rose within {minutes:.0} min, by {most:.0} {unit} at most"
        ));
    }
    if !why.stayed.is_empty() {
        zh.push(format!("羽流内 {} 个点位没有升高", why.stayed.len()));
        en.push(format!("{} places in its plume did not rise", why.stayed.len()));
    }
    if !why.unexplained.is_empty() {
        zh.push(format!("{} 个升高的点位不在其羽流内", why.unexplained.len()));
        en.push(format!("{} places rose outside its plume", why.unexplained.len()));
    }
    if let Some(times) = why.reported {
        zh.push(format!("自身监测为其前一日中位数的 {times:.1} 倍"));
        en.push(format!("it reports {times:.1} × its middle of the day before"));
    } else if matches!(one.share, Share::Known(_)) {
        zh.push("自身没有相应的监测".to_owned());
        en.push("it reports nothing of its own".to_owned());
    }
    Words::new(zh.join("；"), en.join("; "))
}

fn names(scene: &Scene<'_>, series: &[usize]) -> (String, String) {
    let name = |at: &usize| {
        let key = &scene.witnesses[*at].key;
        let id = scene.registry.place_id(key).and_then(|id| scene.registry.place(id));
        id.map_or_else(|| Words::new(key, key), name_of)
    };
    let known: Vec<Words> = series.iter().take(LISTED).map(name).collect();
    let zh: Vec<&str> = known.iter().map(|one| one.zh.as_str()).collect();
    let en: Vec<&str> = known.iter().map(|one| one.en.as_str()).collect();
    let more = if series.len() > LISTED { ("等", " …") } else { ("", "") };
    (format!("{}{}", zh.join("、"), more.0), format!("{}{}", en.join(", "), more.1))
}

/// What makes an answer less sure.
pub fn doubt(doubt: &Doubt) -> Words {
    match doubt {
        Doubt::Calm { share } => Words::new(
            format!("{:.0} % 的时间静风，方向不可靠，范围已相应放宽", 100.0 * share),
            format!(
                "calm for {:.0} % of the time: direction says little, regions are wider for it",
                100.0 * share
            ),
        ),
        Doubt::WindGaps { share } => Words::new(
            format!("{:.0} % 的时间缺风，沿用前一时刻", 100.0 * share),
            format!(
                "wind was missing for {:.0} % of the time and taken from before",
                100.0 * share
            ),
        ),
        Doubt::WindMayBeReversed { .. } => Words::new(
            "反向的风更能解释读数：请核对气象站的风向是来向还是去向",
            "a wind from the opposite side fits much better: check whether the station says where it comes from or goes to",
        ),
        Doubt::EmittersOutside { count } => Words::new(
            format!("{count} 个排放源在搜索范围之外：已参与判断，但其周围的未登记地点没有"),
            format!(
                "{count} emitters lie outside the ground: they were judged, unknown places around them were not"
            ),
        ),
        Doubt::NothingFits => Words::new(
            "没有一处能很好地解释读数",
            "nothing explains the readings well, not even an unknown place",
        ),
    }
}

/// What would settle it.
pub fn advised(scene: &Scene<'_>, candidates: &[Candidate], advice: Option<Advice>) -> TraceAdvice {
    let Some(advice) = advice else {
        let sure = candidates.first().is_some_and(|first| first.probability > 0.95);
        let say = if sure {
            Words::new("已基本确定：请到现场核实", "it is all but certain: go there and see")
        } else {
            Words::new(
                "按现在的风，没有一处测量能分开前几位；请等风向变化，或逐个到现场核实",
                "in this wind no measurement tells the first few apart: wait for another wind, or go to each of them",
            )
        };
        return TraceAdvice { at: None, say };
    };
    let at = scene.plane.degrees(advice.at_m);
    let unit = model::unit_text(&scene.parameter.unit);
    let scale = if scene.parameter.unit == "mg/m3" { 1_000.0 } else { 1.0 };
    let (first, second) = (advice.first / scale, advice.second / scale);
    let named = |at: usize| {
        candidates.iter().filter(|one| one.kind != Kind::None).nth(at).map(|one| one.name.clone())
    };
    let (Some(one), Some(other)) = (named(0), named(1)) else {
        return TraceAdvice { at: Some(at), say: Words::new("请在此处测量", "measure here") };
    };
    let [lon, lat] = at;
    let say = Words::new(
        format!(
            "趁风未变，在 {lon:.4}, {lat:.4} 测量：若为“{}”应高 {first:.0} {unit}，若为“{}”应高 {second:.0} {unit}",
            one.zh, other.zh
        ),
        format!(
            "while the wind lasts, measure at {lon:.4}, {lat:.4}: {first:.0} {unit} more if it is {}, {second:.0} {unit} more if it is {}",
            one.en, other.en
        ),
    );
    TraceAdvice { at: Some(at), say }
}
