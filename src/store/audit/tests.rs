use super::*;
use proptest::prelude::*;

fn entry(rows: u64) -> Entry {
    Entry { host: "h.org".into(), rows: Some(rows), outcome: "done".into(), ..Entry::default() }
}

fn add(paths: &Paths, rows: u64) {
    append(paths, &[(Timestamp::UNIX_EPOCH, entry(rows))]).unwrap();
}

fn home() -> (tempfile::TempDir, Paths) {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    (home, paths)
}

#[test]
fn lines_are_chained_and_an_empty_log_is_no_fault() {
    let (_home, paths) = home();
    assert_eq!(verify(&paths).unwrap(), Report::default());
    for n in 0..3 {
        add(&paths, n);
    }
    let report = verify(&paths).unwrap();
    assert_eq!((report.lines, report.files, report.problems.len()), (3, 1, 0));
    let all = lines(&paths).unwrap();
    assert_eq!(
        all.iter().map(|l| (l.n, l.entry.rows)).collect::<Vec<_>>(),
        [(1, Some(0)), (2, Some(1)), (3, Some(2))]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(current_file(&paths)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn every_changed_byte_and_every_removed_or_moved_line_is_found() {
    let (_home, paths) = home();
    for n in 0..4 {
        add(&paths, n);
    }
    let path = current_file(&paths);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        let report = verify(&paths).unwrap();
        // A newline that became another sign joins two lines into none.
        let last_line = whole[..whole.len() - 1].iter().rposition(|b| *b == b'\n').unwrap();
        let quiet = report.problems.is_empty() && report.remarks.is_empty();
        assert!(!quiet || at == whole.len() - 1, "{at}");
        assert!(!report.problems.is_empty() || at >= last_line, "{at}");
    }
    let text = String::from_utf8(whole).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for order in [vec![0, 1, 3], vec![1, 2, 3], vec![0, 2, 1, 3], vec![0, 1, 1, 2, 3]] {
        let moved: Vec<&str> = order.iter().map(|i| lines[*i]).collect();
        std::fs::write(&path, moved.join("\n") + "\n").unwrap();
        assert!(!verify(&paths).unwrap().problems.is_empty(), "{order:?}");
    }
}

#[test]
fn a_line_that_was_cut_off_anywhere_does_not_break_the_chain() {
    let (_home, paths) = home();
    add(&paths, 1);
    let path = current_file(&paths);
    let one = std::fs::read(&path).unwrap();
    add(&paths, 2);
    let two = std::fs::read(&path).unwrap();
    for cut in one.len()..two.len() {
        std::fs::write(&path, &two[..cut]).unwrap();
        add(&paths, 3);
        let report = verify(&paths).unwrap();
        assert_eq!(report.problems, Vec::<String>::new(), "{cut}");
        let whole = cut == one.len() || cut == two.len() - 1;
        assert_eq!(report.remarks.len(), usize::from(!whole), "{cut}: {:?}", report.remarks);
        assert_eq!(lines(&paths).unwrap().last().unwrap().entry.rows, Some(3));
    }
}

#[test]
fn long_files_are_put_aside_and_the_chain_goes_on() {
    let (_home, paths) = home();
    for n in 0..40 {
        append_within(&paths, &[(Timestamp::UNIX_EPOCH, entry(n))], 2000).unwrap();
    }
    assert!(old_files(&paths).len() > 2);
    let report = verify(&paths).unwrap();
    assert_eq!((report.lines, report.problems.len()), (40, 0), "{:?}", report.problems);
    // A stop between putting aside and the first new line.
    std::fs::rename(current_file(&paths), folder(&paths).join("audit-000000009999.jsonl")).unwrap();
    add(&paths, 40);
    assert_eq!(verify(&paths).unwrap().problems, Vec::<String>::new());
    std::fs::remove_file(&old_files(&paths)[1]).unwrap();
    let problems = verify(&paths).unwrap().problems;
    assert!(problems.iter().any(|p| p.contains("are missing")), "{problems:?}");
}

#[test]
fn many_writers_at_once_make_one_chain() {
    let (_home, paths) = home();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for n in 0..25 {
                    append_within(&paths, &[(Timestamp::UNIX_EPOCH, entry(n))], 4000).unwrap();
                }
            });
        }
    });
    let report = verify(&paths).unwrap();
    assert_eq!((report.lines, report.problems), (200, Vec::new()));
}

#[test]
fn a_clock_that_goes_back_is_a_remark() {
    let (_home, paths) = home();
    let at = |s| Timestamp::from_second(s).unwrap();
    append(&paths, &[(at(9), entry(1)), (at(5), entry(2)), (at(6), entry(3))]).unwrap();
    let report = verify(&paths).unwrap();
    assert_eq!((report.problems.len(), report.remarks.len()), (0, 1));
}

#[test]
fn hashes_of_records_need_this_computers_key() {
    let (_one, here) = home();
    let (_two, there) = home();
    let key = RecordKey::load(&here).unwrap();
    assert_eq!(key.hash("001"), RecordKey::load(&here).unwrap().hash("001"));
    assert_ne!(key.hash("001"), RecordKey::load(&there).unwrap().hash("001"));
    assert_ne!(key.hash("001"), key.hash("002"));
    assert_eq!(key.hash("001").len(), 16);
}

proptest! {
    /// Whatever a damaged file holds: no panic, and the next line can be added and read.
    #[test]
    fn no_damage_stops_the_log(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (_home, paths) = home();
        add(&paths, 1);
        std::fs::write(current_file(&paths), &bytes).unwrap();
        let _ = verify(&paths).unwrap();
        add(&paths, 7);
        prop_assert_eq!(lines(&paths).unwrap().last().unwrap().entry.rows, Some(7));
    }
}
