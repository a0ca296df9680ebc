use super::*;
use proptest::prelude::*;

/// Reads a body that comes in pieces of this size.
fn read(body: &[u8], piece: usize, has_length: bool) -> Result<RecordTable, Trouble> {
    let mut reader = TableReader::new();
    for bytes in body.chunks(piece.max(1)) {
        reader.take(bytes);
    }
    reader.finish(has_length)
}

fn cells(table: &RecordTable) -> Vec<Vec<String>> {
    (0..table.n_rows())
        .map(|r| (0..table.n_columns()).map(|c| table.cell(r, c).to_owned()).collect())
        .collect()
}

#[test]
fn a_table_is_read_in_pieces_of_any_size() {
    let body =
        "\u{feff}record_id,notes,age\r\n1,\"two\nlines, \"\"quoted\"\"\",40\r\n2,,\n3,Siân,7\n".as_bytes();
    let expected = [["1", "two\nlines, \"quoted\"", "40"], ["2", "", ""], ["3", "Siân", "7"]];
    for piece in 1..=body.len() {
        let table = read(body, piece, false).unwrap();
        assert_eq!(table.column_names().collect::<Vec<_>>(), ["record_id", "notes", "age"]);
        assert_eq!(cells(&table), expected, "{piece}");
    }
}

#[test]
fn the_header_tells_the_delimiter() {
    for (body, b) in [
        ("id;a\n1;x,y\n", "x,y"),
        ("id\ta\n1\tx\n", "x"),
        ("id|a\n1|\"x\"\n", "x"),
        ("\"id\",\"a\"\n1,x\n", "x"),
    ] {
        let table = read(body.as_bytes(), 3, false).unwrap();
        assert_eq!((table.get(0, "id"), table.get(0, "a")), ("1", b), "{body}");
    }
}

#[test]
fn nothing_and_no_rows_are_not_the_same() {
    assert_eq!(read(b"", 1, true), Err(Trouble::Empty));
    assert_eq!(read(b"\n", 1, true).unwrap().n_columns(), 0);
    let header_only = read(b"record_id,age\n", 4, false).unwrap();
    assert_eq!((header_only.n_rows(), header_only.n_columns()), (0, 2));
    // It may be all there is, or what is left of rows.
    assert_eq!(read(b"record_id,age", 4, true), Err(Trouble::NoEnd));
}

#[test]
fn bodies_that_are_cut_off_are_noticed() {
    let cut = |body: &[u8], has_length| matches!(read(body, 5, has_length), Err(Trouble::CutShort(_)));
    assert!(cut(b"a,b\n1,2\n3", true), "a row is too short");
    assert!(cut(b"a,b\n1,2\n3,\"x", true), "a value is open");
    assert!(cut(b"a,b\n1,2\n3,\"x\n", true), "a value is open at a line end");
    assert!(cut(b"a,b\n1,2\n3,4", false), "the last line has no end");
    assert_eq!(read(b"a,b\n1,2\n3,4", 5, true), Err(Trouble::NoEnd), "a length may be false");
    assert!(matches!(read(b"a,b\n1\n3,4\n", 5, true), Err(Trouble::Row(_))));
    assert!(matches!(read(b"a,b\n1,2,3\n3,4\n", 5, true), Err(Trouble::Row(_))));
}

#[test]
fn a_table_without_its_end_is_never_taken_for_whole() {
    let body = "record_id,notes\n1,\"a b\"\n2,\"c\nd\"\n3,e\n".as_bytes();
    let row_ends = [16, 24, 32, 36];
    for cut in 0..=body.len() {
        // Only a cut right behind a row looks whole; the connection has to notice that.
        let found = read(&body[..cut], 3, false);
        assert_eq!(found.is_ok(), row_ends.contains(&cut), "{cut} {found:?}");
    }
}

#[test]
fn messages_in_the_data_are_no_data() {
    let memory = "REDCap ran out of server memory. The request cannot be processed.";
    for body in [
        format!("a,b\n1,2\n{{\"error\":\"{memory}\"}}"),
        format!("a,b\n1,2\nERROR: {memory}"),
        "a,b\n1,2\n<br />\n<b>Fatal error</b>: Allowed memory size of 1 bytes exhausted".to_owned(),
        format!("a\n1\nERROR: {memory}\n"),
        format!("a\n1\n{{\"error\":\"{memory}\"}}"),
        "a\n1\n<br />\n<b>Warning</b>\n".to_owned(),
    ] {
        for piece in [1, 7, 1000] {
            assert!(matches!(read(body.as_bytes(), piece, true), Err(Trouble::NoCsv(_))), "{body}");
        }
    }
}

#[test]
fn what_is_no_csv_is_handed_over() {
    for body in [
        "<html>",
        "{\"error\":\"x\"}",
        "ERROR: no such thing",
        "[]",
        "a,,b\n",
        "a,b,a\n",
        " a\n",
        "Complete?,b\n",
    ] {
        match read(body.as_bytes(), 2, true) {
            Err(Trouble::NoCsv(start)) => assert_eq!(start, body.as_bytes()),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn bytes_that_are_no_text_harm_only_their_own_cell() {
    let table = read(b"id,name,city\n1,Si\xe2n,Z\xfcrich\n2,Si\xc3\xa2n,x\n", 3, false).unwrap();
    assert_eq!([table.get(0, "name"), table.get(0, "city")], ["Si\u{fffd}n", "Z\u{fffd}rich"]);
    assert_eq!(table.get(1, "name"), "Siân");
    // The halves of one character in two cells are two damaged cells.
    let table = read(b"id,a,b\n1,\xc3,\xa2\n", 3, false).unwrap();
    assert_eq!([table.get(0, "a"), table.get(0, "b")], ["\u{fffd}", "\u{fffd}"]);
}

#[test]
fn long_values_and_wide_tables_fit() {
    let long = "x".repeat(100_000);
    let names: Vec<String> = (0..3000).map(|i| format!("f{i}")).collect();
    let mut body = names.join(",");
    body.push('\n');
    body.push_str(&vec![""; 2999].join(","));
    body.push(',');
    body.push_str(&long);
    body.push('\n');
    let table = read(body.as_bytes(), 977, false).unwrap();
    assert_eq!((table.n_columns(), table.get(0, "f2999").len()), (3000, 100_000));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300), piece in 1_usize..50, has_length: bool) {
        let _ = read(&body, piece, has_length);
        let with_header = [b"id,a\n".as_slice(), &body].concat();
        let _ = read(&with_header, piece, has_length);
    }

    #[test]
    fn what_was_written_is_read(
        rows in prop::collection::vec(prop::collection::vec("[a-z,\"\r\n é;]{0,6}", 3), 0..8),
        piece in 1_usize..40,
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "a", "b"]).unwrap();
        let rows: Vec<Vec<String>> =
            rows.into_iter().enumerate().map(|(i, mut row)| { row[0] = i.to_string(); row }).collect();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let body = writer.into_inner().unwrap();
        prop_assert_eq!(cells(&read(&body, piece, false).unwrap()), rows);
    }

    /// Lines that come whole are read in another way than those that come in pieces.
    #[test]
    fn a_body_in_one_piece_is_read_as_byte_by_byte(
        lines in prop::collection::vec("([0-9]{1,2},[a-cé]{0,3},[a-cé]{0,3})|[0-9],,\"[a,\n\"]{0,4}\"|,,|[a,\r\"]{0,6}|", 0..9),
        end in "\n|\r\n|\r|",
    ) {
        let body = format!("id,a,b\n{}\n", lines.join(if end.is_empty() { "\n" } else { &end }));
        let whole = read(body.as_bytes(), body.len(), false);
        prop_assert_eq!(whole, read(body.as_bytes(), 1, false));
    }
}
