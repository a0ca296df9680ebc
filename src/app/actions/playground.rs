//! The actions of the playground.

use super::table::act;
use super::{Action, Group, Id, Scope};

/// The part of the table for the playground.
pub(super) const TABLE: &[Action] = &[
    act(
        Id::FillIn,
        "Fill in the call",
        "Goes to the form of this method.",
        &["<Enter>"],
        &[Scope::Methods],
        Group::Do,
    )
    .hint(1, "fill in"),
    act(
        Id::EditParam,
        "Set this parameter",
        "Type it, or choose from what the project has. On the last row it sends the call.",
        &["<Enter>"],
        &[Scope::Form],
        Group::Do,
    )
    .hint(1, "set"),
    act(
        Id::CycleParam,
        "Next value",
        "Goes through the few values that are possible.",
        &["<Space>"],
        &[Scope::Form],
        Group::Do,
    ),
    act(
        Id::ClearParam,
        "Do not send this parameter",
        "Empties it; REDCap takes its own choice.",
        &["<Del>", "<BS>"],
        &[Scope::Form],
        Group::Do,
    ),
    act(
        Id::SendCall,
        "Send the call",
        "Reads are sent at once; before anything is changed you are asked.",
        &["s"],
        &[Scope::Form, Scope::Methods, Scope::Answer, Scope::Code, Scope::Calls],
        Group::Do,
    )
    .hint(2, "send"),
    act(
        Id::ShowForm,
        "Show the form",
        "Goes back to what is filled in; Esc does the same.",
        &["f"],
        &[Scope::Answer, Scope::Code, Scope::Calls, Scope::Compare],
        Group::Move,
    ),
    act(
        Id::ShowAnswer,
        "Show the answer",
        "The answer that was read last.",
        &["o"],
        &[Scope::Form, Scope::Methods, Scope::Code, Scope::Calls, Scope::Compare],
        Group::Move,
    ),
    act(
        Id::ShowCode,
        "Show it as code",
        "The call as a program in curl, Python, R, and more. The token is never in it.",
        &["p"],
        &[Scope::Form, Scope::Methods, Scope::Answer, Scope::Calls],
        Group::Do,
    )
    .hint(3, "code"),
    act(
        Id::ShowCalls,
        "Show the calls made",
        "Repeat one, or compare two answers. Kept in memory only.",
        &["y"],
        &[Scope::Form, Scope::Methods, Scope::Answer, Scope::Code, Scope::Compare],
        Group::Move,
    )
    .hint(7, "calls"),
    act(
        Id::Favourite,
        "Favourite or not",
        "Favourites stand first in the list of methods, next time too.",
        &["*"],
        &[Scope::Methods, Scope::Form],
        Group::Do,
    ),
    act(
        Id::NextView,
        "Pretty, table or raw",
        "Reads the same answer another way.",
        &["v"],
        &[Scope::Answer],
        Group::Do,
    )
    .hint(3, "pretty, table, raw"),
    act(
        Id::Headers,
        "Headers",
        "The headers of the answer, and the body again.",
        &["H"],
        &[Scope::Answer],
        Group::Do,
    ),
    act(
        Id::SearchHere,
        "Search in the answer",
        "Goes to lines with the words you type.",
        &["/"],
        &[Scope::Answer],
        Group::Find,
    )
    .hint(2, "search"),
    act(
        Id::NextMatch,
        "Next match",
        "The next line with what is searched for.",
        &["n"],
        &[Scope::Answer],
        Group::Find,
    ),
    act(
        Id::PreviousMatch,
        "Previous match",
        "The line before with what is searched for.",
        &["N"],
        &[Scope::Answer],
        Group::Find,
    ),
    act(
        Id::SaveHere,
        "Save to a file",
        "The whole answer as it came, or the program. Asks for the name.",
        &["w"],
        &[Scope::Answer, Scope::Code],
        Group::Do,
    )
    .hint(4, "save"),
    act(
        Id::OtherLanguage,
        "Next language",
        "Right and Left choose the language too.",
        &["<Enter>", "v"],
        &[Scope::Code],
        Group::Do,
    )
    .hint(1, "language"),
    act(
        Id::OpenCall,
        "Open its answer",
        "And fills the form in as it was; s sends it again.",
        &["<Enter>"],
        &[Scope::Calls],
        Group::Do,
    )
    .hint(1, "answer"),
    act(
        Id::MarkCall,
        "Mark for a comparison",
        "Then go to another call and compare the two.",
        &["<Space>"],
        &[Scope::Calls],
        Group::Do,
    )
    .hint(3, "mark"),
    act(
        Id::CompareCalls,
        "Compare with the marked call",
        "What is only in the one answer, and what only in the other.",
        &["="],
        &[Scope::Calls],
        Group::Do,
    )
    .hint(4, "compare"),
];
