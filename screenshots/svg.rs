//! A screen buffer as SVG, and that SVG as PNG. Every character gets its own place, so the grid
//! holds whatever the font does.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

const CELL: (u32, u32) = (10, 22);
const PAD: u32 = 12;
const BACK: &str = "#16181d";
const FORE: &str = "#d8dee9";

/// The colours of a common dark terminal for the sixteen ANSI names the themes use.
fn hex(color: Color) -> &'static str {
    match color {
        Color::Cyan | Color::LightCyan => "#56b6c2",
        Color::Green | Color::LightGreen => "#98c379",
        Color::Yellow | Color::LightYellow => "#e5c07b",
        Color::Red | Color::LightRed => "#e06c75",
        _ => FORE,
    }
}

/// Writes the buffer as SVG.
pub fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2 * PAD, rows * CELL.1 + 2 * PAD);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{BACK}\"/>\n\
         <g font-family=\"JetBrains Mono, DejaVu Sans Mono, monospace\" font-size=\"16.667\" xml:space=\"preserve\">\n"
    );
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let (left, top) = (PAD + u32::from(x) * CELL.0, PAD + u32::from(y) * CELL.1);
            let reversed = cell.modifier.contains(Modifier::REVERSED);
            let ink = hex(cell.fg);
            if reversed {
                let _ = writeln!(
                    out,
                    "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"{ink}\" shape-rendering=\"crispEdges\"/>",
                    CELL.0, CELL.1
                );
            }
            let symbol = cell.symbol();
            if symbol.trim().is_empty() {
                continue;
            }
            let fill = if reversed { BACK } else { ink };
            let dim = if cell.modifier.contains(Modifier::DIM) { " opacity=\"0.6\"" } else { "" };
            let bold = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
            let text = symbol.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let base = top + 16;
            let _ = writeln!(out, "<text x=\"{left}\" y=\"{base}\" fill=\"{fill}\"{dim}{bold}>{text}</text>");
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
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
