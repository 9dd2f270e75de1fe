//! One scheme ranks and another pays: what the one comes to at each unit is an input of the other.

use super::ground::Ground;
use super::period::{self, Column, Found, Grounds, Unit};
use super::sources::{self, Given, InputBody, Stated, refused};
use super::{By, ReplayBody, ReplayedPeriod, ReplayedRow, ReplayedSource, Way, best, chosen};
use crate::http::account::schemes::{Kept, SchemeAnswer, known};
use crate::http::error::{Answer, ApiError, shortened};
use crate::http::known::Moment;
use crate::http::state::AppState;
use crate::words::Words;
use account::report::shortest;
use account::scheme::{Best, Direction, Scheme, Takes};
use serde::{Deserialize, Serialize};
use standards::{Exact, Span};
use utoipa::ToSchema;

/// Which scheme ranks, and where its inputs come from.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReplayScore)]
pub struct ScoreBody {
    /// Key of a scheme whose direction is `score`; or the scheme itself in `toml`. Without both the one that the scheme
    /// that pays states (`of`).
    scheme: Option<String>,
    toml: Option<String>,
    /// Where each of its inputs comes from; none of them is a score. What it states itself need not be said.
    #[serde(default)]
    inputs: Vec<InputBody>,
    /// Which end is the best, `high` or `low`; without it what the score states. A place needs it.
    best: Option<String>,
}

/// What a score came to, by which another scheme pays.
#[derive(Serialize, ToSchema)]
pub struct ReplayedScore {
    scheme: SchemeAnswer,
    /// Where each of its inputs came from.
    inputs: Vec<ReplayedSource>,
    /// Which end is the best; null when nobody said.
    #[schema(value_type = Option<String>)]
    best: Option<Best>,
    /// In the order of the periods of the scheme that pays; a row opens to its lines and inputs.
    periods: Vec<ReplayedPeriod>,
}

/// A score that was checked.
pub struct Score {
    kept: Kept,
    best: Option<Best>,
    ways: Vec<Way>,
}

impl Score {
    /// The score that sources take; none where none does.
    ///
    /// # Errors
    /// `unused_score`, `missing_score`, `not_a_score`, `missing_best`, `score_chain`, or what is wrong with its inputs.
    pub(super) fn read(
        app: &AppState,
        body: &ReplayBody,
        (by, moment): (By, Moment),
        payer: &[Stated],
    ) -> Answer<Option<Self>> {
        let takers: Vec<&Stated> = payer.iter().filter(|own| own.source.is_score()).collect();
        if takers.is_empty() {
            return body.score.as_ref().map_or(Ok(None), |_| Err(unused()));
        }
        let none = ScoreBody::default();
        let own = body.score.as_ref().unwrap_or(&none);
        let stated = takers.iter().find_map(|taker| taker.source.of.as_deref());
        let key = own.scheme.as_deref().or(stated.filter(|_| own.toml.is_none()));
        if key.is_none() && own.toml.is_none() {
            return Err(missing(app, moment, takers[0])?);
        }
        let kept = chosen(app, moment, "score.", key, own.toml.as_deref())?;
        let scheme = &kept.0;
        if scheme.direction != Direction::Score {
            return Err(not_a_score(app, moment, scheme)?);
        }
        let best = best(scheme, own.best.as_deref(), "score.best")?;
        let placed = takers.iter().find(|taker| is_placed(taker.source.takes));
        if let (Some(taker), None) = (placed, best) {
            return Err(no_best(taker, scheme));
        }
        let given = Given { inputs: &own.inputs, item: None, reference: None, at: "score." };
        let stated = sources::stated(scheme, &given, by)?;
        if let Some(own) = stated.iter().find(|own| own.source.is_score()) {
            return Err(chain(own, scheme));
        }
        let ways = sources::checked(app, by, stated, None)?;
        Ok(Some(Self { kept, best, ways }))
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.kept.0
    }

    /// The sources of its inputs.
    pub(super) fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// One period of it, from the columns of its sources.
    ///
    /// # Errors
    /// When it cannot take what the sources give, or numbers do not fit exact arithmetic.
    pub fn period(&self, span: Span, grounds: Grounds) -> Answer<ReplayedPeriod> {
        period::of(self.scheme(), self.best, &self.ways, span, grounds)
    }

    /// What it came to, for people.
    pub(super) fn answer(&self, periods: Vec<ReplayedPeriod>) -> ReplayedScore {
        let (scheme, toml, adopted) = &self.kept;
        ReplayedScore {
            scheme: SchemeAnswer::of(scheme, toml, *adopted),
            inputs: self.ways.iter().map(ReplayedSource::of).collect(),
            best: self.best,
            periods,
        }
    }

    /// What it came to at each unit, as it is read of its rows.
    fn column(
        &self,
        units: &[Unit],
        period: &ReplayedPeriod,
        before: Option<&ReplayedPeriod>,
        reads: Reads,
    ) -> Column {
        let find = |unit: &Unit| {
            let Some(row) = row_of(period, unit) else { return Found::default() };
            let (number, rank) = reads(row);
            Found {
                value: number.as_ref().map(shortest),
                number,
                before: before.and_then(|before| reads(row_of(before, unit)?).0),
                rank: rank.filter(|_| self.best.is_some()),
                note: row.other.as_deref().map(read_otherwise),
                reason: row.reason.clone(),
                explain: vec![],
            }
        };
        units.iter().map(find).collect()
    }
}

/// The amount of a row and its rank.
type Reads = fn(&ReplayedRow) -> (Option<Exact>, Option<u32>);

fn row_of<'a>(period: &'a ReplayedPeriod, unit: &Unit) -> Option<&'a ReplayedRow> {
    period.rows.iter().find(|row| row.key == unit.key)
}

/// A score over the spans of a replay, and over the same a year earlier where a change is asked for.
pub struct Chain<'a> {
    score: &'a Score,
    /// The sources of the scheme that pays.
    payer: &'a [Way],
    earlier: Option<Ground<'a>>,
    periods: Vec<ReplayedPeriod>,
}

impl<'a> Chain<'a> {
    /// Reads the year before, where it is asked for.
    ///
    /// # Errors
    /// A span that is too long; `internal` when the store cannot read.
    pub(super) fn read(
        app: &'a AppState,
        body: &'a ReplayBody,
        at: (By, Moment),
        (score, payer): (&'a Score, &'a [Way]),
        spans: &[Span],
    ) -> Answer<Self> {
        let has_change =
            payer.iter().any(|way| way.source.is_score() && way.source.takes == Takes::Change);
        let earlier = if has_change {
            let spans: Vec<Span> = spans.iter().map(Span::a_year_earlier).collect();
            Some(Ground::read(app, body, at, score.ways.iter().collect(), &spans)?)
        } else {
            None
        };
        Ok(Self { score, payer, earlier, periods: vec![] })
    }

    /// From the columns of all sources, those of the scheme that pays before those of the score, its columns with the score
    /// among them.
    ///
    /// # Errors
    /// When the score cannot take what the sources give, or numbers do not fit exact arithmetic.
    pub fn join(&mut self, span: Span, grounds: Grounds) -> Answer<Grounds> {
        let Grounds { units, mut with, mut without } = grounds;
        let own = self.payer.iter().filter(|way| !way.source.is_score()).count();
        let of_score = Grounds {
            units: units.clone(),
            with: with.split_off(own),
            without: without.split_off(own),
        };
        let period = self.score.period(span, of_score)?;
        let before = match &self.earlier {
            Some(ground) => {
                let span = span.a_year_earlier();
                Some(self.score.period(span, ground.found(span)?)?)
            }
            None => None,
        };
        let column = |reads: Reads| self.score.column(&units, &period, before.as_ref(), reads);
        let score = column(|row| (row.exact, row.rank));
        let plainly = column(|row| (row.exact_without, row.rank_without_exemptions));
        self.periods.push(period);
        let (with, without) = (self.among(with, &score), self.among(without, &plainly));
        Ok(Grounds { units, with, without })
    }

    /// What the score came to, for people.
    pub fn answer(self) -> ReplayedScore {
        self.score.answer(self.periods)
    }

    /// The columns of the scheme that pays, in the order of its inputs.
    fn among(&self, own: Vec<Column>, score: &Column) -> Vec<Column> {
        let mut own = own.into_iter();
        let next = |way: &Way| {
            if way.source.is_score() { Some(score.clone()) } else { own.next() }
        };
        self.payer.iter().filter_map(next).collect()
    }
}

fn is_placed(takes: Takes) -> bool {
    matches!(takes, Takes::Place | Takes::PlaceFromEnd)
}

fn read_otherwise(other: &str) -> Words {
    Words::new(
        format!("得分的来源另一种读法得 {other}，此处未用"),
        format!("{other} by the other reading of the score's source, which is not used here"),
    )
}

fn unused() -> ApiError {
    refused(
        "unused_score",
        "写了 score，但没有输入取自得分".to_owned(),
        "there is a score, and no input takes it".to_owned(),
    )
    .with_hint(
        "给一个输入写 item: \"score\"，或去掉 score",
        "write item: \"score\" for an input, or leave out the score",
    )
}

fn missing(app: &AppState, moment: Moment, taker: &Stated) -> Answer<ApiError> {
    let name = &taker.source.name;
    let error = refused(
        "missing_score",
        format!("输入 {name} 取自得分，但没有说明是哪个得分办法"),
        format!("the input {name} is a score, and nothing says which scheme's"),
    );
    hinted(error, app, moment)
}

fn not_a_score(app: &AppState, moment: Moment, scheme: &Scheme) -> Answer<ApiError> {
    let key = shortened(&scheme.key);
    let error = refused(
        "not_a_score",
        format!("办法 {key} 不是得分（direction 不是 score）"),
        format!("the scheme {key} is no score: its direction is another"),
    );
    hinted(error, app, moment)
}

/// The error, with the scores that there are.
fn hinted(error: ApiError, app: &AppState, moment: Moment) -> Answer<ApiError> {
    let all = known(app, moment.known)?;
    let scores = all.iter().filter(|(_, (own, _, _))| own.direction == Direction::Score);
    let keys: Vec<&str> = scores.map(|(key, _)| key.as_str()).collect();
    let keys = keys.join(", ");
    Ok(error.with_hint(
        format!("在 score.scheme 写得分办法：{keys}；或在 score.toml 写办法全文"),
        format!("write a score in score.scheme: {keys}; or the scheme itself in score.toml"),
    ))
}

fn no_best(taker: &Stated, scheme: &Scheme) -> ApiError {
    let (name, key) = (&taker.source.name, shortened(&scheme.key));
    refused(
        "missing_best",
        format!("输入 {name} 取得分的名次，但办法 {key} 与问题都未说明得分高好还是低好"),
        format!(
            "the input {name} is a place by the score, and neither {key} nor the question says which end is the best"
        ),
    )
    .with_hint("在 score.best 写 high 或 low", "write high or low in score.best")
}

fn chain(own: &Stated, scheme: &Scheme) -> ApiError {
    let (name, key) = (&own.source.name, shortened(&scheme.key));
    refused(
        "score_chain",
        format!("得分办法 {key} 的输入 {name} 又取自得分；得分不能取自另一个得分"),
        format!(
            "the input {name} of the score {key} is a score itself; a score is made of no other one"
        ),
    )
    .with_hint(
        format!("在 score.inputs 给 {name} 写测得的项目"),
        format!("write an item that is measured for {name} in score.inputs"),
    )
}
