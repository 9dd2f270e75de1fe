//! GB/T 8170.

use crate::vectors;
use standards::Exact;

#[test]
fn every_published_rounding_comes_out_to_the_digit() {
    for row in vectors::rows("air/rounding.csv") {
        // One row shows what two steps would do: its number is the first in the chain.
        let value = row["value"].split(" -> ").next().unwrap();
        let decimals = row["decimals"].parse().unwrap();
        let exact = Exact::parse(value).unwrap().half_even(decimals).unwrap();
        assert_eq!(exact.fixed(decimals), row["expected"], "{row:?}");
        let reading = Exact::from_reading(value.parse().unwrap()).unwrap();
        assert_eq!(reading.half_even(decimals).unwrap(), exact, "{row:?} as a reading");
    }
}
