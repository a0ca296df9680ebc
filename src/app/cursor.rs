//! A cursor in a list: which row, and which row is the first on screen.

/// A place in a list of known length. Works without knowing what the rows are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The chosen row.
    pub at: usize,
    /// The first row on screen, as of the last update.
    pub top: usize,
}

/// A movement in a list or a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One column left.
    Left,
    /// One column right.
    Right,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// The first row.
    First,
    /// The last row.
    Last,
}

impl Cursor {
    /// Moves within `len` rows of which `page` fit on the screen.
    pub fn step(&mut self, movement: Move, len: usize, page: usize) {
        let page = page.max(1);
        let last = len.saturating_sub(1);
        self.at = match movement {
            Move::Up => self.at.saturating_sub(1),
            Move::Down => self.at.saturating_add(1),
            Move::PageUp => self.at.saturating_sub(page),
            Move::PageDown => self.at.saturating_add(page),
            Move::First => 0,
            Move::Last => last,
            Move::Left | Move::Right => self.at,
        }
        .min(last);
        self.top = self.visible_top(len, page);
    }

    /// Puts the cursor on a row.
    pub fn set(&mut self, at: usize, len: usize, page: usize) {
        self.at = at.min(len.saturating_sub(1));
        self.top = self.visible_top(len, page);
    }

    /// The first row to draw so that the cursor is visible in `page` rows and no space is wasted.
    ///
    /// Drawing calls this too: the window may have changed since the last update.
    pub fn visible_top(&self, len: usize, page: usize) -> usize {
        let page = page.max(1);
        let at = self.at.min(len.saturating_sub(1));
        let lowest = (at + 1).saturating_sub(page);
        self.top.clamp(lowest, at).min(len.saturating_sub(page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_is_always_on_a_row_that_is_drawn(
            moves in prop::collection::vec(0u8..6, 0..40),
            len in 0usize..30,
            page in 0usize..12,
        ) {
            let all = [Move::Up, Move::Down, Move::PageUp, Move::PageDown, Move::First, Move::Last];
            let mut cursor = Cursor::default();
            for m in moves {
                cursor.step(all[m as usize], len, page);
                let top = cursor.visible_top(len, page);
                prop_assert!(len == 0 || cursor.at < len);
                prop_assert!(top <= cursor.at);
                prop_assert!(cursor.at < top + page.max(1));
            }
        }
    }
}
