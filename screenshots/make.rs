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
use capscope::app::looks::ThemeKind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::path::{Path, PathBuf};
use support::App;
use svg::Paper;

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
    ("spot-check", 120, 36, "5p<Enter><Tab><C-u>42<Enter>aad28<Enter>a"),
    ("tour-step", 120, 36, "T"),
    ("refused", 120, 36, "<Esc>jjjjjjjj<Enter>"),
    ("playground", 120, 36, "7/metadata<Enter><Enter>"),
    ("token", 120, 36, "6t"),
    ("live", 120, 36, "8"),
    ("users", 120, 36, "4"),
    ("activity", 120, 36, "9"),
    ("commands", 80, 24, "3<C-p>rec"),
    ("help", 80, 24, "3?"),
    ("narrow", 80, 24, "3j<Enter>"),
];

/// The steps of the tour: what the words below say, and the keys that lead to it from the step before.
const TOUR: &[(&str, &str)] = &[
    ("capscope demo: a study in the terminal, no token needed", ""),
    ("3, Enter: the records of an instrument", "3j<Enter>"),
    ("/: a filter in plain language", "/sbp >= 125"),
    ("Esc, i: what is in a column", "<Enter><Esc><Right><Right><Right><Right>i"),
    ("S: who is missing which form", "<Esc>S"),
    ("Q: data quality, rules A to I", "Qj"),
    ("S, Enter: one participant, all forms", "SSj<Enter>"),
    ("5: a file is checked before it is imported", "5o<C-u>screenshots/visits.csv<Enter>"),
    ("6, t: what a token may do, and what it loses", "6t"),
    ("7: any call of the API, also as code", "7/metadata<Enter><Enter>p"),
];

/// Presses keys one at a time: some start a load that the next one needs.
fn press(app: &mut App, mut keys: &str) {
    while let Some((_, tail)) = capscope::app::keys::Key::parse_one(keys) {
        app.keys(&keys[..keys.len() - tail.len()]).idle();
        keys = tail;
    }
}

/// Writes files, or compares them with what is there.
struct Out {
    folder: PathBuf,
    check: bool,
    stale: Vec<String>,
}

impl Out {
    fn take(&mut self, file: String, bytes: &[u8]) {
        let path = self.folder.join(&file);
        if !self.check {
            std::fs::write(&path, bytes).unwrap();
            println!("{}", path.display());
        } else if std::fs::read(&path).ok().as_deref() != Some(bytes) {
            self.stale.push(file);
        }
    }

    /// A picture as SVG and PNG. The bytes of a PNG are promised for one version of the renderer
    /// only, so it is not compared.
    fn picture(&mut self, name: &str, model: &Model, paper: Paper) {
        let text = svg::svg(&draw(model), paper);
        self.take(format!("{name}.svg"), text.as_bytes());
        if !self.check {
            let png = svg::png(&text, &self.folder.join("fonts"));
            self.take(format!("{name}.png"), &png);
        }
    }
}

fn main() {
    let check = std::env::args().any(|a| a == "--check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let mut out = Out { folder, check, stale: Vec::new() };
    for (name, width, height, keys) in PICTURES {
        let mut app = App::demo(*width, *height);
        press(&mut app, keys);
        let mut still = app.still();
        out.picture(name, &still, Paper::Dark);
        if *width > 80 {
            still.options.theme = ThemeKind::Light;
            out.picture(&format!("light/{name}"), &still, Paper::Light);
        }
        if *name == "grid" {
            for (look, theme) in [("colour-blind", ThemeKind::ColourBlind), ("no-colours", ThemeKind::Mono)] {
                still.options.theme = theme;
                out.picture(&format!("{name}-{look}"), &still, Paper::Dark);
            }
        }
    }
    let mut app = App::demo(120, 36);
    let steps: Vec<(Buffer, String)> = TOUR
        .iter()
        .map(|(words, keys)| {
            press(&mut app, keys);
            (draw(&app.still()), (*words).to_owned())
        })
        .collect();
    out.take("tour.svg".into(), svg::tour(&steps, Paper::Dark).as_bytes());
    assert!(out.stale.is_empty(), "these pictures are old: {:?}; make them again", out.stale);
}

fn draw(model: &Model) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    capscope::ui::render(model, &mut buffer);
    buffer
}
