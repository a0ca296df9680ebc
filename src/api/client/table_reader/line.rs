//! Finds the cells of one line of CSV that has no quotes, eight bytes at a time.
//!
//! Most cells of an export are blank, so what is looked for is not every separator but where
//! something stands between two of them.

/// Bytes looked at before cells are noted: a bit each.
const BLOCK: usize = 64;

/// A cell that is not blank: its column, and where it begins and ends in the line.
pub(super) type Part = (u32, u32, u32);

/// Replaces `parts` by the cells of a line that are not blank, and tells how many cells there are.
///
/// The line has no quotes and no line end in it, and at most 4 GB.
pub(super) fn split(line: &[u8], delimiter: u8, parts: &mut Vec<Part>) -> usize {
    parts.clear();
    // Separators before the block, and the cell that goes on into it.
    let mut before = 0;
    let mut open: Option<(u32, usize)> = None;
    let mut after_separator = 1;
    for (at, block) in line.chunks(BLOCK).enumerate() {
        let base = at * BLOCK;
        let here = separators(block, delimiter);
        let length = if block.len() == BLOCK { u64::MAX } else { (1 << block.len()) - 1 };
        let after = here << 1 | after_separator;
        let starts = !here & after & length;
        let mut ends = here & !after;
        let column_at = |bit: u32| before + (here & ((1 << bit) - 1)).count_ones();
        if open.is_some() && here & 1 == 1 {
            // The separator right at the beginning ends the cell of the block before.
            ends |= 1;
        }
        let mut left = starts;
        while ends != 0 {
            let end = ends.trailing_zeros();
            ends &= ends - 1;
            let (column, start) = match open.take() {
                Some(cell) => cell,
                None => {
                    let start = left.trailing_zeros();
                    left &= left.wrapping_sub(1);
                    (column_at(start), base + start as usize)
                }
            };
            parts.push((column, start as u32, (base + end as usize) as u32));
        }
        if left != 0 {
            let start = left.trailing_zeros();
            open = Some((column_at(start), base + start as usize));
        }
        before += here.count_ones();
        after_separator = here >> (BLOCK - 1);
    }
    if let Some((column, start)) = open {
        parts.push((column, start as u32, line.len() as u32));
    }
    before as usize + 1
}

/// A bit for each byte of a block that is the separator.
fn separators(block: &[u8], delimiter: u8) -> u64 {
    let pattern = u64::from_le_bytes([delimiter; 8]);
    let (words, rest) = block.as_chunks::<8>();
    let mut bits = 0;
    for (at, word) in words.iter().enumerate() {
        bits |= equal(u64::from_le_bytes(*word) ^ pattern) << (at * 8);
    }
    for (at, byte) in rest.iter().enumerate() {
        bits |= u64::from(*byte == delimiter) << (words.len() * 8 + at);
    }
    bits
}

/// A bit for each of the eight bytes of a word that is zero.
fn equal(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    // The high bit of a byte stays clear only where the whole byte is zero.
    let zero = !((word & LOW).wrapping_add(LOW) | word | LOW);
    (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_line_has_the_cells_between_its_separators(line in "[,,,,,,,,,,a1é]{0,200}|[,a]{60,70}|[a]{0,200}") {
            let mut parts = vec![(9, 9, 9)];
            let cells: Vec<&str> = line.split(',').collect();
            prop_assert_eq!(split(line.as_bytes(), b',', &mut parts), cells.len());
            let found: Vec<(u32, &str)> =
                parts.iter().map(|&(c, from, to)| (c, &line[from as usize..to as usize])).collect();
            let expected: Vec<(u32, &str)> =
                cells.into_iter().zip(0..).filter(|(t, _)| !t.is_empty()).map(|(t, c)| (c, t)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
