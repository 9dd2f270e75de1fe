//! The corpus that the throughput example measures with is the one its definition gives.

use crate::corpus;

#[test]
fn the_corpus_is_made_byte_for_byte() {
    let whole = corpus::write(corpus::FRAMES);
    assert_eq!(whole.len(), corpus::BYTES);
    assert_eq!(corpus::fingerprint(&whole), corpus::FINGERPRINT);
}
