//! What an answer says about a right (`redcap-permissions.md` §6.6).

use super::Verdict;

/// What came back, sorted by its status and its words. Never by the full text: few are attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A success of the expected shape.
    Success,
    /// Words of a missing right, with the name of the right if they tell it.
    NoRight(Option<String>),
    /// "You do not have permissions to use the API".
    TokenRefused,
    /// The project has no such thing.
    NotHere,
    /// This REDCap does not know the method.
    NotSupported,
    /// REDCap refused something else: a name, a number, the data.
    Other,
    /// A page or text that is not REDCap's.
    Page,
    /// No usable answer: busy, cut off, timed out.
    None,
}

/// What a read says: the verdict, and whether the rights it needs are there.
pub fn read(answer: &Answer) -> (Verdict, Option<bool>) {
    match answer {
        Answer::Success => (Verdict::Allowed, Some(true)),
        Answer::NoRight(_) | Answer::TokenRefused => (Verdict::Refused, Some(false)),
        // Rights are checked before the project's shape (§5.2), so they are there.
        Answer::NotHere => (Verdict::NotHere, Some(true)),
        Answer::NotSupported => (Verdict::NotHere, None),
        Answer::Other | Answer::Page | Answer::None => (Verdict::Unknown, None),
    }
}

/// What a call says that would write but names what cannot be: the first right is checked before
/// anything else, so every other refusal shows that it is there (§5.1, §6.6).
pub fn write(answer: &Answer) -> (Verdict, Option<bool>) {
    match answer {
        Answer::Success | Answer::Other | Answer::NotHere => (Verdict::Allowed, Some(true)),
        Answer::NoRight(_) | Answer::TokenRefused => (Verdict::Refused, Some(false)),
        Answer::NotSupported => (Verdict::NotHere, None),
        Answer::Page | Answer::None => (Verdict::Unknown, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_a_right_refuse() {
        for (answer, reads, writes) in [
            (Answer::Success, Verdict::Allowed, Verdict::Allowed),
            (Answer::NoRight(None), Verdict::Refused, Verdict::Refused),
            (Answer::TokenRefused, Verdict::Refused, Verdict::Refused),
            (Answer::NotHere, Verdict::NotHere, Verdict::Allowed),
            (Answer::NotSupported, Verdict::NotHere, Verdict::NotHere),
            (Answer::Other, Verdict::Unknown, Verdict::Allowed),
            (Answer::Page, Verdict::Unknown, Verdict::Unknown),
            (Answer::None, Verdict::Unknown, Verdict::Unknown),
        ] {
            assert_eq!((read(&answer).0, write(&answer).0), (reads, writes), "{answer:?}");
        }
    }
}
