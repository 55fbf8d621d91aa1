//! Ranks: short words whose order is the order of things that people arrange by hand (stages, cards).
//!
//! A rank is digits in base 36 read as a fraction, so there is always room between two of them
//! (fractional indexing). Only one record is written when one thing moves.

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A rank above `above` (or first of all) and below `below` (or last of all).
///
/// When the two leave no room (equal, or out of order after concurrent moves) the result follows `above`.
pub fn between(above: Option<&str>, below: Option<&str>) -> String {
    let low = above.unwrap_or("").as_bytes();
    let high = below.filter(|high| above.is_none_or(|low| low < *high)).map(str::as_bytes);
    match (above, high) {
        (None, Some(first)) if first.iter().any(|digit| value(*digit) > 0) => return before(first),
        (Some(_), None) if !low.is_empty() => return after(low),
        _ => {}
    }
    let mut rank = Vec::new();
    let mut bound = high;
    for index in 0.. {
        let from = low.get(index).map_or(0, |digit| value(*digit));
        let to = bound.map_or(DIGITS.len(), |high| high.get(index).map_or(0, |digit| value(*digit)));
        if to > from + 1 {
            rank.push(DIGITS[(from + to) / 2]);
            break;
        }
        // No room at this digit: keep the lower one. Once it is below the upper bound, the bound no longer counts.
        rank.push(DIGITS[from]);
        if from < to {
            bound = None;
        }
        if index > low.len() + high.map_or(0, <[u8]>::len) {
            rank.push(DIGITS[DIGITS.len() / 2]);
            break;
        }
    }
    String::from_utf8(rank).expect("ranks are ASCII")
}

/// A rank a small step before the first one. Halving what is left would make ranks longer every five cards that are put
/// on top; so the longer the run of zeros has become, the more digits count.
fn before(first: &[u8]) -> String {
    step(first, 0, |digit| digit.checked_sub(1))
}

/// A rank a small step after the last one.
fn after(last: &[u8]) -> String {
    step(last, DIGITS.len() - 1, |digit| Some(digit + 1).filter(|digit| *digit < DIGITS.len()))
}

/// Moves a rank by one in the last of the digits that count: twice as many as there are of `edge` at its start, and two.
fn step(rank: &[u8], edge: usize, moved: impl Fn(usize) -> Option<usize>) -> String {
    let run = rank.iter().take_while(|digit| value(**digit) == edge).count();
    let mut digits: Vec<usize> =
        (0..2 * run + 2).map(|index| rank.get(index).map_or(0, |digit| value(*digit))).collect();
    for digit in digits.iter_mut().rev() {
        if let Some(next) = moved(*digit) {
            *digit = next;
            break;
        }
        // Borrowed from, or carried to, the digit before.
        *digit = DIGITS.len() - 1 - edge;
    }
    // A rank that ends with a zero would leave no room before it.
    digits.push(DIGITS.len() / 2);
    digits.into_iter().map(|digit| char::from(DIGITS[digit])).collect()
}

/// The `index`-th of a series of ranks in ascending order, with room between them.
pub fn nth(index: u64) -> String {
    let mut digits = [b'0'; 7];
    let mut rest = index;
    for digit in digits[..6].iter_mut().rev() {
        *digit = DIGITS[usize::try_from(rest % 36).expect("below 36")];
        rest /= 36;
    }
    digits[6] = b'i';
    String::from_utf8(digits.to_vec()).expect("ranks are ASCII")
}

fn value(digit: u8) -> usize {
    match digit {
        b'0'..=b'9' => usize::from(digit - b'0'),
        b'a'..=b'z' => usize::from(digit - b'a') + 10,
        _ if digit < b'0' => 0,
        _ => DIGITS.len() - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_thousand_cards_put_on_top_or_below_keep_short_ranks() {
        let (mut top, mut bottom) = (between(None, None), between(None, None));

        for _ in 0..10_000 {
            let higher = between(None, Some(&top));
            let lower = between(Some(&bottom), None);
            assert!(higher < top && lower > bottom, "{higher} {lower}");
            (top, bottom) = (higher, lower);
        }

        assert!(top.len() <= 8 && bottom.len() <= 8, "{top} {bottom}");
    }

    proptest! {
        #[test]
        fn there_is_always_room_between_two_ranks(places in prop::collection::vec(0_usize..1000, 1..200)) {
            let mut ranks: Vec<String> = Vec::new();

            for place in places {
                let index = place % (ranks.len() + 1);
                let above = index.checked_sub(1).map(|above| ranks[above].clone());
                let below = ranks.get(index).cloned();
                ranks.insert(index, between(above.as_deref(), below.as_deref()));
            }

            prop_assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "{ranks:?}");
        }

        #[test]
        fn any_words_yield_a_rank(above in ".{0,8}", below in ".{0,8}") {
            prop_assert!(!between(Some(&above), Some(&below)).is_empty());
        }

        #[test]
        fn a_series_ascends(index in 0_u64..1_000_000) {
            prop_assert!(nth(index) < nth(index + 1));
        }
    }

    #[test]
    fn moving_to_the_top_again_and_again_keeps_ranks_short() {
        let mut top = between(None, None);

        for _ in 0..100 {
            top = between(None, Some(&top));
        }

        assert!(top.len() < 40, "{top}");
    }
}
