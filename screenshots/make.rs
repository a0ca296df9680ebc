//! Remakes the README's pictures from the real screens: the whole program on the embedded demo
//! server, drawn into memory, written as SVG and PNG.
//!
//! `cargo run --release --features pictures --example screenshots`
//! With `-- --check` nothing is written; it fails if a picture on disk is not what would be made.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic, reason = "a tool for developers")]

#[path = "../tests/support/mod.rs"]
mod support;
#[path = "svg.rs"]
mod svg;

use capscope::app::Model;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::path::Path;
use support::App;

/// A picture: its name, and the keys that lead to it from the start of the demo.
const PICTURES: &[(&str, u16, u16, &str)] = &[
    ("overview", 120, 36, ""),
    ("instruments", 120, 36, "2jj<Enter>jj"),
    ("records", 120, 36, "3j<Enter><Right>"),
    ("record", 120, 36, "3<Enter><Enter>jjjjj"),
    ("grid", 120, 36, "3Sjj<Right><Right>"),
    ("filter", 120, 36, "3j<Enter>/sbp >= 125 and event: Week"),
    ("quality", 120, 36, "3Qj"),
    ("check", 120, 36, "5o<C-u>screenshots/visits.csv<Enter>"),
    ("playground", 120, 36, "7/metadata<Enter><Enter>"),
    ("token", 120, 36, "6t"),
    ("users", 120, 36, "4"),
    ("activity", 120, 36, "9"),
    ("commands", 80, 24, "3<C-p>rec"),
    ("help", 80, 24, "3?"),
    ("narrow", 80, 24, "3j<Enter>"),
];

fn main() {
    let check = std::env::args().any(|a| a == "--check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let mut stale = Vec::new();
    for (name, width, height, keys) in PICTURES {
        let mut app = App::demo(*width, *height);
        // One key at a time: some start a load that the next one needs.
        let mut rest = *keys;
        while let Some((_, tail)) = capscope::app::keys::Key::parse_one(rest) {
            app.keys(&rest[..rest.len() - tail.len()]).idle();
            rest = tail;
        }
        let buffer = draw(&app.still());
        let text = svg::svg(&buffer);
        let png = svg::png(&text, &folder.join("fonts"));
        for (file, bytes) in [(format!("{name}.svg"), text.into_bytes()), (format!("{name}.png"), png)] {
            let path = folder.join(&file);
            if check {
                // The bytes of a PNG are promised for one version of the renderer only.
                if path.extension().is_some_and(|e| e == "svg")
                    && std::fs::read(&path).ok().as_deref() != Some(&bytes[..])
                {
                    stale.push(file);
                }
            } else {
                std::fs::write(&path, bytes).unwrap();
                println!("{}", path.display());
            }
        }
    }
    assert!(stale.is_empty(), "these pictures are old: {stale:?}; make them again");
}

fn draw(model: &Model) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    capscope::ui::render(model, &mut buffer);
    buffer
}
