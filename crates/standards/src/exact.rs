//! Exact numbers: what a judgement computes with instead of binary floats.
//!
//! A reading is an f64 whose shortest decimal text *is* what the device sent. [`Exact::from_reading`]
//! turns it back into that decimal; from there on every step is a fraction of two integers, so that a
//! ceiling or a rounding lands on the digit that the law means. A number too large for 128 bits is an
//! error and never wraps.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub};
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The powers of ten that an i128 holds.
const POWERS: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut i = 1;
    while i < 39 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// A rational number, always reduced.
#[derive(Clone, Copy, Eq)]
pub struct Exact(Ratio<i128>);

/// Why a number could not be made or computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExactError {
    /// The text is not a decimal number.
    #[error("not a decimal number")]
    NotANumber,
    /// The reading is NaN or infinite.
    #[error("not a finite number")]
    NotFinite,
    /// The result does not fit 128 bits.
    #[error("the number is too large to compute exactly")]
    TooLarge,
    /// The divisor is zero.
    #[error("division by zero")]
    DivisionByZero,
}

impl Exact {
    /// Nought.
    pub const ZERO: Self = Self(Ratio::new_raw(0, 1));

    /// A whole number.
    pub const fn whole(n: i64) -> Self {
        Self(Ratio::new_raw(n as i128, 1))
    }

    /// The fraction `numerator / denominator`.
    ///
    /// # Errors
    /// [`ExactError::DivisionByZero`] when the denominator is zero, [`ExactError::TooLarge`] at the
    /// very end of 128 bits.
    pub fn fraction(numerator: i128, denominator: i128) -> Result<Self, ExactError> {
        if denominator == 0 {
            return Err(ExactError::DivisionByZero);
        }
        if numerator == i128::MIN || denominator == i128::MIN {
            return Err(ExactError::TooLarge);
        }
        if denominator == 1 {
            return Ok(Self(Ratio::new_raw(numerator, 1)));
        }
        // Nearly every number of a day or a year fits 64 bits, where division is many times cheaper.
        if let (Ok(n), Ok(d)) = (i64::try_from(numerator), i64::try_from(denominator))
            && d > 0
            && n != i64::MIN
        {
            let common = common_divisor(n.unsigned_abs(), d.unsigned_abs()) as i64;
            return Ok(Self(Ratio::new_raw((n / common).into(), (d / common).into())));
        }
        Ok(Self(Ratio::new(numerator, denominator)))
    }

    /// The decimal that the text writes: `12`, `-0.50`, `1.5e-3`.
    ///
    /// # Errors
    /// [`ExactError::NotANumber`] for any other text, [`ExactError::TooLarge`] when it does not fit.
    pub fn parse(text: &str) -> Result<Self, ExactError> {
        Decimal::parse(text)?.exact()
    }

    /// The decimal that a device sent, from the f64 it is kept as.
    ///
    /// # Errors
    /// [`ExactError::NotFinite`] for NaN and infinities, [`ExactError::TooLarge`] when it does not fit.
    pub fn from_reading(value: f64) -> Result<Self, ExactError> {
        Decimal::from_reading(value)?.exact()
    }

    /// The sum.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] when it does not fit.
    pub fn plus(&self, other: &Self) -> Result<Self, ExactError> {
        self.0.checked_add(&other.0).map(Self).ok_or(ExactError::TooLarge)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] when it does not fit.
    pub fn minus(&self, other: &Self) -> Result<Self, ExactError> {
        self.0.checked_sub(&other.0).map(Self).ok_or(ExactError::TooLarge)
    }

    /// The product.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] when it does not fit.
    pub fn times(&self, other: &Self) -> Result<Self, ExactError> {
        self.0.checked_mul(&other.0).map(Self).ok_or(ExactError::TooLarge)
    }

    /// The quotient.
    ///
    /// # Errors
    /// [`ExactError::DivisionByZero`], or [`ExactError::TooLarge`] when it does not fit.
    pub fn over(&self, other: &Self) -> Result<Self, ExactError> {
        if *other.0.numer() == 0 {
            return Err(ExactError::DivisionByZero);
        }
        self.0.checked_div(&other.0).map(Self).ok_or(ExactError::TooLarge)
    }

    /// Rounded to `decimals` places in one step, a half to the even digit (GB/T 8170).
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] when the scaled number does not fit.
    pub fn half_even(&self, decimals: u8) -> Result<Self, ExactError> {
        let (scaled, denominator, power) = self.scaled(decimals)?;
        if let (Ok(scaled), Ok(denominator)) = (i64::try_from(scaled), i64::try_from(denominator)) {
            let floor = scaled.div_euclid(denominator);
            let rest = scaled.rem_euclid(denominator);
            let up = match rest.cmp(&(denominator - rest)) {
                Ordering::Less => false,
                Ordering::Greater => true,
                Ordering::Equal => floor % 2 != 0,
            };
            return Self::fraction(i128::from(floor) + i128::from(up), power);
        }
        let floor = scaled.div_euclid(denominator);
        let rest = scaled - floor * denominator;
        let up = match rest.cmp(&(denominator - rest)) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => floor % 2 != 0,
        };
        Self::fraction(floor + i128::from(up), power)
    }

    /// Cut after `decimals` places, towards zero (the US index truncates concentrations).
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] when the scaled number does not fit.
    pub fn cut(&self, decimals: u8) -> Result<Self, ExactError> {
        let (scaled, denominator, power) = self.scaled(decimals)?;
        Self::fraction(scaled / denominator, power)
    }

    /// The smallest whole number that is not below this one.
    pub fn ceiling(&self) -> i128 {
        Self::ceiling_of(*self.0.numer(), *self.0.denom())
    }

    /// The ceiling of a fraction with a positive denominator, reduced or not.
    pub(crate) fn ceiling_of(n: i128, d: i128) -> i128 {
        if let (Ok(n), Ok(d)) = (i64::try_from(n), i64::try_from(d)) {
            return i128::from(n.div_euclid(d)) + i128::from(n.rem_euclid(d) != 0);
        }
        let floor = n.div_euclid(d);
        floor + i128::from(floor * d != n)
    }

    /// The largest whole number that is not above this one.
    pub fn floor(&self) -> i128 {
        self.0.numer().div_euclid(*self.0.denom())
    }

    /// Below zero.
    pub fn is_negative(&self) -> bool {
        *self.0.numer() < 0
    }

    /// Numerator and denominator, reduced, the denominator positive.
    pub fn parts(&self) -> (i128, i128) {
        (*self.0.numer(), *self.0.denom())
    }

    /// The nearest f64: for drawing and for handing on, never for judging.
    pub fn to_f64(&self) -> f64 {
        // Text is the shortest way to the correctly rounded float where the decimal ends.
        let (n, d) = self.parts();
        self.terminating().and_then(|text| text.parse().ok()).unwrap_or(n as f64 / d as f64)
    }

    /// The text with exactly `decimals` places, rounded half to even when there are more.
    pub fn fixed(&self, decimals: u8) -> String {
        let Ok(rounded) = self.half_even(decimals) else { return self.to_string() };
        let Ok((scaled, denominator, _)) = rounded.scaled(decimals) else {
            return self.to_string();
        };
        write_decimal(scaled / denominator, decimals)
    }

    /// `self * 10^decimals` as a fraction, and that power.
    fn scaled(&self, decimals: u8) -> Result<(i128, i128, i128), ExactError> {
        let power = *POWERS.get(usize::from(decimals)).ok_or(ExactError::TooLarge)?;
        let (n, d) = self.parts();
        Ok((product(n, power).ok_or(ExactError::TooLarge)?, d, power))
    }

    /// The decimal text when the expansion ends within 18 places.
    fn terminating(&self) -> Option<String> {
        let (n, d) = self.parts();
        let mut places = 0_u8;
        while places <= 18 {
            let power = POWERS[usize::from(places)];
            if power % d == 0 {
                return n.checked_mul(power / d).map(|scaled| write_decimal(scaled, places));
            }
            places += 1;
        }
        None
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        // Cross multiplication spares the divisions that fractions of any size need.
        let ((a, b), (c, d)) = (self.parts(), other.parts());
        match (product(a, d), product(c, b)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => self.0.cmp(&other.0),
        }
    }
}

/// Reduced as they are, equal numbers have equal parts.
impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Hash for Exact {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The decimal where it ends (`60.5`), else the fraction (`37/3`).
impl fmt::Display for Exact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.terminating() {
            Some(text) => out.pad(&text),
            None => write!(out, "{}/{}", self.0.numer(), self.0.denom()),
        }
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// As text, so that no reader turns it into a binary float unasked.
impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

/// A decimal `mantissa / 10^scale`: cheaper than a fraction while readings are only being summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) mantissa: i128,
    pub(crate) scale: u8,
}

impl Decimal {
    /// See [`Exact::from_reading`].
    #[expect(clippy::float_cmp, reason = "the very question is whether it is the same float")]
    pub(crate) fn from_reading(value: f64) -> Result<Self, ExactError> {
        // Below 10^15 a decimal of at most 15 digits that reads back as the same float is the only
        // one of that length, hence the shortest text; both operations below round correctly.
        const FEW_DIGITS: f64 = 1e15;
        let whole = value as i64;
        if whole as f64 == value && value.abs() < FEW_DIGITS {
            return Ok(Self { mantissa: whole.into(), scale: 0 });
        }
        for (scale, power) in [(1, 10.0), (2, 100.0), (3, 1e3), (4, 1e4), (5, 1e5)] {
            let scaled = value * power;
            if scaled.is_nan() || scaled.abs() >= FEW_DIGITS {
                break;
            }
            // Whatever this rounds to, it counts only when it reads back as the same float.
            let mantissa = (scaled + 0.5_f64.copysign(scaled)) as i64;
            if mantissa as f64 / power == value {
                return Ok(Self { mantissa: mantissa.into(), scale });
            }
        }
        if value.is_finite() { Self::parse(&value.to_string()) } else { Err(ExactError::NotFinite) }
    }

    fn parse(text: &str) -> Result<Self, ExactError> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => {
                (number, exponent.parse::<i16>().map_err(|_| ExactError::NotANumber)?)
            }
            None => (text, 0),
        };
        let (negative, digits) = match number.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let (mut mantissa, mut scale, mut seen, mut after_point) = (0_i128, 0_i32, false, false);
        for byte in digits {
            match byte {
                b'0'..=b'9' => {
                    seen = true;
                    scale += i32::from(after_point);
                    mantissa = mantissa
                        .checked_mul(10)
                        .and_then(|m| m.checked_add(i128::from(byte - b'0')))
                        .ok_or(ExactError::TooLarge)?;
                }
                b'.' if !after_point => after_point = true,
                _ => return Err(ExactError::NotANumber),
            }
        }
        if !seen {
            return Err(ExactError::NotANumber);
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        Self { mantissa, scale: 0 }.shifted(scale - i32::from(exponent))
    }

    /// `self / 10^places`, kept within what 128 bits hold.
    fn shifted(self, places: i32) -> Result<Self, ExactError> {
        let (mut mantissa, mut places) = (self.mantissa, places);
        while places > 0 && mantissa % 10 == 0 && mantissa != 0 {
            mantissa /= 10;
            places -= 1;
        }
        if mantissa == 0 {
            return Ok(Self { mantissa, scale: 0 });
        }
        let power = *POWERS
            .get(usize::try_from(places.unsigned_abs()).map_err(|_| ExactError::TooLarge)?)
            .ok_or(ExactError::TooLarge)?;
        if places >= 0 {
            Ok(Self { mantissa, scale: places as u8 })
        } else {
            let mantissa = mantissa.checked_mul(power).ok_or(ExactError::TooLarge)?;
            Ok(Self { mantissa, scale: 0 })
        }
    }

    pub(crate) fn exact(self) -> Result<Exact, ExactError> {
        quotient(self.mantissa, self.scale, 1)
    }
}

/// The mantissa that `mantissa / 10^from` has at the finer scale `to`.
pub(crate) fn rescaled(mantissa: i64, from: u8, to: u8) -> Result<i128, ExactError> {
    if from == to {
        return Ok(mantissa.into());
    }
    let power = to.checked_sub(from).and_then(|up| POWERS.get(usize::from(up)));
    power.and_then(|power| i128::from(mantissa).checked_mul(*power)).ok_or(ExactError::TooLarge)
}

/// `mantissa / 10^scale / count`.
pub(crate) fn quotient(mantissa: i128, scale: u8, count: u32) -> Result<Exact, ExactError> {
    let power = *POWERS.get(usize::from(scale)).ok_or(ExactError::TooLarge)?;
    let denominator = power.checked_mul(i128::from(count)).ok_or(ExactError::TooLarge)?;
    Exact::fraction(mantissa, denominator)
}

/// The product where it fits; of numbers of 64 bits, which nearly all are, without a test.
pub(crate) fn product(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
        _ => a.checked_mul(b),
    }
}

/// The greatest common divisor by halving (Stein), for `b` above nought.
fn common_divisor(a: u64, b: u64) -> u64 {
    if a == 0 {
        return b;
    }
    let shift = (a | b).trailing_zeros();
    let (mut a, mut b) = (a >> a.trailing_zeros(), b >> b.trailing_zeros());
    while a != b {
        if a > b {
            std::mem::swap(&mut a, &mut b);
        }
        b -= a;
        b >>= b.trailing_zeros();
    }
    a << shift
}

fn write_decimal(scaled: i128, places: u8) -> String {
    let sign = if scaled < 0 { "-" } else { "" };
    let digits =
        format!("{:0>width$}", scaled.unsigned_abs().to_string(), width = usize::from(places) + 1);
    let (whole, part) = digits.split_at(digits.len() - usize::from(places));
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(text: &str) -> Exact {
        Exact::parse(text).unwrap()
    }

    #[test]
    fn a_reading_is_the_decimal_that_the_device_sent() {
        let check = |value: f64, text: &str| {
            assert_eq!(Exact::from_reading(value).unwrap(), exact(text), "{value}");
        };
        check(0.1, "0.1");
        check(2.2, "2.2");
        check(-0.0, "0");
        check(114.4999, "114.4999");
        check(0.1 + 0.2, "0.30000000000000004");
        check(1.0e-7, "0.0000001");
        check(123_456_789_012_345_680.0, "123456789012345680");
    }

    #[test]
    fn what_is_no_number_or_too_large_is_an_error() {
        assert_eq!(Exact::from_reading(f64::NAN), Err(ExactError::NotFinite));
        assert_eq!(Exact::from_reading(f64::INFINITY), Err(ExactError::NotFinite));
        assert_eq!(Exact::from_reading(1e300), Err(ExactError::TooLarge));
        assert_eq!(Exact::from_reading(1e-300), Err(ExactError::TooLarge));
        for text in ["", "-", ".", "1.2.3", "NA", "1e", "0x1", " 1"] {
            assert_eq!(Exact::parse(text), Err(ExactError::NotANumber), "{text:?}");
        }
        let huge = Exact::whole(i64::MAX).times(&Exact::whole(i64::MAX)).unwrap();
        assert_eq!(huge.times(&huge), Err(ExactError::TooLarge));
        assert_eq!(huge.over(&Exact::ZERO), Err(ExactError::DivisionByZero));
    }

    #[test]
    fn text_shows_the_decimal_where_it_ends_and_the_fraction_where_it_does_not() {
        assert_eq!(exact("60.50").to_string(), "60.5");
        assert_eq!(exact("-0.05").to_string(), "-0.05");
        assert_eq!(Exact::fraction(37, 3).unwrap().to_string(), "37/3");
        assert_eq!(Exact::fraction(37, 3).unwrap().fixed(2), "12.33");
        assert_eq!(exact("100").fixed(1), "100.0");
        assert_eq!(exact("-0.5").fixed(0), "0");
        assert_eq!(exact("-1.25").fixed(1), "-1.2");
    }

    proptest! {
        #[test]
        fn the_quick_ways_agree_with_fractions_of_any_size(n in any::<i64>(), d in 1_i64..i64::MAX, m in -9_999_i64..9_999, e in 1_i64..999) {
            prop_assume!(n != i64::MIN);
            let x = Exact::fraction(n.into(), d.into()).unwrap();
            prop_assert_eq!(x.parts(), Ratio::new(i128::from(n), i128::from(d)).into_raw());
            let y = Exact::fraction(m.into(), e.into()).unwrap();
            prop_assert_eq!(x.cmp(&y), x.0.cmp(&y.0));
            prop_assert_eq!(x == y, x.0 == y.0);
            prop_assert_eq!(Exact::ceiling_of(n.into(), d.into()), i128::from(n).div_euclid(d.into()) + i128::from(i128::from(n).rem_euclid(d.into()) != 0));
        }

        #[test]
        fn every_short_decimal_survives_the_way_through_a_float(n in -999_999_999_i64..999_999_999, places in 0_u8..9) {
            let text = write_decimal(i128::from(n), places);
            prop_assert_eq!(Exact::from_reading(text.parse().unwrap()).unwrap(), exact(&text));
        }

        #[test]
        fn the_quick_way_from_a_float_equals_the_way_through_its_text(value in -1e9_f64..1e9) {
            prop_assert_eq!(Exact::from_reading(value), Exact::parse(&value.to_string()));
        }

        #[test]
        fn rounding_is_never_further_than_half_a_step_and_even_on_a_tie(n in -10_000_000_i128..10_000_000, d in 1_i128..5_000, places in 0_u8..4) {
            let x = Exact::fraction(n, d).unwrap();
            let r = x.half_even(places).unwrap();
            let twice = r.minus(&x).unwrap().times(&Exact::whole(2)).unwrap();
            let step = Exact::fraction(1, POWERS[usize::from(places)]).unwrap();
            let distance = if twice.is_negative() { Exact::ZERO.minus(&twice).unwrap() } else { twice };
            prop_assert!(distance <= step);
            if distance == step {
                prop_assert_eq!(r.over(&step).unwrap().parts().0 % 2, 0);
            }
        }

        #[test]
        fn the_ceiling_is_the_least_whole_number_not_below(n in -1_000_000_i128..1_000_000, d in 1_i128..1_000) {
            let c = Exact::fraction(n, d).unwrap().ceiling();
            prop_assert!(c * d >= n && (c - 1) * d < n);
        }
    }
}
