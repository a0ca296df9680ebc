//! A screen buffer as SVG, several as one that moves, and an SVG as PNG. Every character gets its
//! own place, so the grid holds whatever the font does.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

const CELL: (u32, u32) = (10, 22);
const PAD: u32 = 12;
/// How long each step of a tour is shown, in seconds.
const STEP: usize = 4;

/// The colours of a terminal.
#[derive(Clone, Copy)]
pub enum Paper {
    /// Light letters on a dark ground.
    Dark,
    /// Dark letters on a light ground.
    Light,
}

impl Paper {
    fn back(self) -> &'static str {
        match self {
            Self::Dark => "#16181d",
            Self::Light => "#ffffff",
        }
    }

    fn fore(self) -> &'static str {
        match self {
            Self::Dark => "#d8dee9",
            Self::Light => "#24292f",
        }
    }

    /// A colour of the themes: one of the sixteen names as a common dark terminal shows it, or a
    /// number of the 256 colours, which is the same everywhere.
    fn ink(self, color: Color) -> String {
        match color {
            Color::Cyan | Color::LightCyan => "#56b6c2".into(),
            Color::Green | Color::LightGreen => "#98c379".into(),
            Color::Yellow | Color::LightYellow => "#e5c07b".into(),
            Color::Red | Color::LightRed => "#e06c75".into(),
            Color::Indexed(n @ 16..232) => {
                let part = |of: u8| if of == 0 { 0 } else { 55 + 40 * u32::from(of) };
                let n = n - 16;
                format!("#{:02x}{:02x}{:02x}", part(n / 36), part(n / 6 % 6), part(n % 6))
            }
            Color::Indexed(n @ 232..) => {
                let gray = 8 + 10 * u32::from(n - 232);
                format!("#{gray:02x}{gray:02x}{gray:02x}")
            }
            _ => self.fore().into(),
        }
    }
}

/// How a cell is drawn; neighbours that are drawn alike share one element.
#[derive(PartialEq, Clone)]
struct Style {
    ink: String,
    reversed: bool,
    bold: bool,
    dim: bool,
}

impl Style {
    fn of(cell: &Cell, paper: Paper) -> Self {
        let has = |modifier| cell.modifier.contains(modifier);
        Self {
            ink: paper.ink(cell.fg),
            reversed: has(Modifier::REVERSED),
            bold: has(Modifier::BOLD),
            dim: has(Modifier::DIM),
        }
    }
}

/// Writes the buffer as SVG.
pub fn svg(buffer: &Buffer, paper: Paper) -> String {
    let (width, height) = pixels(buffer);
    let mut out = head(width, height, paper);
    cells(buffer, paper, &mut out);
    out.push_str("</g>\n</svg>\n");
    out
}

/// Writes steps as one SVG that shows them in turn, each with its words below it. Whoever asked
/// the system for less motion sees the first one.
pub fn tour(steps: &[(Buffer, String)], paper: Paper) -> String {
    let Some((first, _)) = steps.first() else { return String::new() };
    let (width, height) = pixels(first);
    let (all, part) = (steps.len() * STEP, 100.0 / steps.len() as f64);
    let mut out = head(width, height + 2 * CELL.1, paper);
    let _ = writeln!(
        out,
        "<style>.s{{visibility:hidden;animation:s {all}s steps(1) infinite}}\
         @keyframes s{{0%{{visibility:visible}}{part:.3}%{{visibility:hidden}}}}\
         @media(prefers-reduced-motion:reduce){{.s{{animation:none}}.s0{{visibility:visible}}}}</style>"
    );
    for (at, (buffer, words)) in steps.iter().enumerate() {
        let _ = writeln!(out, "<g class=\"s s{at}\" style=\"animation-delay:{}s\">", at * STEP);
        cells(buffer, paper, &mut out);
        let (fore, base) = (paper.fore(), height + CELL.1 / 2);
        let words = escape(words);
        let _ = writeln!(
            out,
            "<text x=\"{PAD}\" y=\"{base}\" fill=\"{fore}\" font-weight=\"bold\">{words}</text>\n</g>"
        );
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn pixels(buffer: &Buffer) -> (u32, u32) {
    let (columns, rows) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    (columns * CELL.0 + 2 * PAD, rows * CELL.1 + 2 * PAD)
}

fn head(width: u32, height: u32, paper: Paper) -> String {
    let back = paper.back();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{back}\"/>\n\
         <g font-family=\"JetBrains Mono, DejaVu Sans Mono, monospace\" font-size=\"16.667\" xml:space=\"preserve\">\n"
    )
}

/// The cells of a buffer, row by row, in runs of the same style.
fn cells(buffer: &Buffer, paper: Paper, out: &mut String) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let style = Style::of(&buffer[(x, y)], paper);
            let start = x;
            while x < buffer.area.width && Style::of(&buffer[(x, y)], paper) == style {
                x += 1;
            }
            run(buffer, (start, x, y), &style, paper, out);
        }
    }
}

fn run(buffer: &Buffer, (start, end, y): (u16, u16, u16), style: &Style, paper: Paper, out: &mut String) {
    let (left, top) = (PAD + u32::from(start) * CELL.0, PAD + u32::from(y) * CELL.1);
    let ink = &style.ink;
    if style.reversed {
        let width = u32::from(end - start) * CELL.0;
        let _ = writeln!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{}\" fill=\"{ink}\" shape-rendering=\"crispEdges\"/>",
            CELL.1
        );
    }
    let (mut places, mut text) = (Vec::new(), String::new());
    for x in start..end {
        let symbol = buffer[(x, y)].symbol();
        if symbol.trim().is_empty() {
            continue;
        }
        let place = (PAD + u32::from(x) * CELL.0).to_string();
        // A place for every character: marks that combine stay where their letter is.
        places.extend(symbol.chars().map(|_| place.clone()));
        text.push_str(symbol);
    }
    if text.is_empty() {
        return;
    }
    let fill = if style.reversed { paper.back() } else { ink };
    let dim = if style.dim { " opacity=\"0.6\"" } else { "" };
    let bold = if style.bold { " font-weight=\"bold\"" } else { "" };
    let (places, text, base) = (places.join(" "), escape(&text), top + 16);
    let _ = writeln!(out, "<text x=\"{places}\" y=\"{base}\" fill=\"{fill}\"{dim}{bold}>{text}</text>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Draws the SVG as PNG, with the fonts of the folder.
pub fn png(svg: &str, fonts: &Path) -> Vec<u8> {
    let mut database = resvg::usvg::fontdb::Database::new();
    for name in ["JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf"] {
        database.load_font_data(std::fs::read(fonts.join(name)).unwrap());
    }
    let options = resvg::usvg::Options { fontdb: Arc::new(database), ..resvg::usvg::Options::default() };
    let tree = resvg::usvg::Tree::from_str(svg, &options).unwrap();
    let size = tree.size().to_int_size();
    let mut pixels = resvg::tiny_skia::Pixmap::new(size.width(), size.height()).unwrap();
    resvg::render(&tree, resvg::tiny_skia::Transform::identity(), &mut pixels.as_mut());
    pixels.encode_png().unwrap()
}
