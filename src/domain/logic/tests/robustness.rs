//! No text does harm by its depth or its length. Any other text is tried in `tests/fuzz/logic.rs`.

use super::*;

#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    // Half of what threads get by default, without optimisation.
    let small = std::thread::Builder::new().stack_size(1 << 20);
    small.spawn(deep_nesting).unwrap().join().unwrap();
}

fn deep_nesting() {
    for (open, close) in
        [("(", ")"), ("not ", ""), ("!", ""), ("abs(", ")"), ("-(", ")"), ("2^", ""), ("if(1=1,", ",0)")]
    {
        let nested = |n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
        let deepest = nested(MAX_DEPTH - 1);
        let logic = parse(&deepest).unwrap();
        assert!(parse(&logic.to_string()).is_ok());
        assert!(in_row(&deepest, 0, &Rules::default()).is_ok());
        let error = parse(&nested(100_000)).unwrap_err();
        assert!(error.message.contains("nested"), "{open}: {error}");
    }
}

#[test]
fn long_chains_are_no_problem() {
    let rules = Rules::default();
    for (part, between) in [("[sex]='2'", " and "), ("[sex]='1'", " or "), ("1", "+"), ("1", "*"), ("1", "=")]
    {
        let long = vec![part; 50_000].join(between);
        assert!(in_row(&long, 0, &rules).is_ok(), "{part}{between}");
    }
    let many = format!("sum({})", vec!["1"; 50_000].join(","));
    assert_eq!(in_row(&many, 0, &rules).unwrap(), "50000");
}

#[test]
fn texts_do_not_grow_without_bound() {
    let rules = Rules::default();
    for (open, close) in [
        ("replace_text(", ", 'a', 'aaa')"),
        ("concat_ws(", ", 'a', 'a', 'a')"),
        ("replace_text('aaaa', 'a', ", ")"),
    ] {
        let bomb = format!("{}'aa'{}", open.repeat(90), close.repeat(90));
        let result = in_row(&bomb, 0, &rules).map_err(|e| e.problem);
        assert!(matches!(result, Err(Problem::TooLong(_))), "{open}");
    }
}
