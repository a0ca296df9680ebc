//! What can be computed of colours: their contrast to the backgrounds they are made for, and
//! whether people who see fewer of them can tell their meanings apart.

use super::*;

type Rgb = [u8; 3];

/// Backgrounds of dark terminals: black, and what widespread schemes use.
const DARK_GROUNDS: [Rgb; 6] =
    [[0, 0, 0], [30, 30, 30], [40, 44, 52], [0, 43, 54], [48, 10, 36], [46, 52, 54]];
const LIGHT_GROUNDS: [Rgb; 4] = [[255, 255, 255], [250, 250, 250], [253, 246, 227], [238, 238, 238]];

/// The value of a colour of the 256-colour cube or of its greys.
fn rgb(color: Color) -> Rgb {
    let Color::Indexed(n @ 16..) = color else { panic!("{color} has no known value") };
    if n >= 232 {
        return [8 + 10 * (n - 232); 3];
    }
    let level = |i: u8| [0, 95, 135, 175, 215, 255][usize::from(i % 6)];
    [level((n - 16) / 36), level((n - 16) / 6), level(n - 16)]
}

fn linear(color: Rgb) -> [f64; 3] {
    color.map(|v| {
        let v = f64::from(v) / 255.0;
        if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    })
}

/// The contrast ratio of WCAG 2.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let luminance = |c: Rgb| {
        let [r, g, b] = linear(c);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn styles(theme: &Theme) -> [(&'static str, Style); 9] {
    [
        ("muted", theme.muted),
        ("title", theme.title),
        ("focus", theme.focus),
        ("selection", theme.selection),
        ("good", theme.good),
        ("warning", theme.warning),
        ("bad", theme.bad),
        ("masked", theme.masked),
        ("key", theme.key),
    ]
}

/// The backgrounds a theme is made for; none where the terminal chooses the colours.
fn grounds(kind: ThemeKind) -> &'static [Rgb] {
    match kind {
        ThemeKind::Auto | ThemeKind::Mono => &[],
        ThemeKind::Dark | ThemeKind::HighContrast | ThemeKind::ColourBlind => &DARK_GROUNDS,
        ThemeKind::Light | ThemeKind::HighContrastLight | ThemeKind::ColourBlindLight => &LIGHT_GROUNDS,
    }
}

#[test]
fn text_has_the_contrast_that_wcag_asks_for() {
    let mut n = 0;
    for kind in ThemeKind::ALL {
        let strong = matches!(kind, ThemeKind::HighContrast | ThemeKind::HighContrastLight);
        for (name, style) in styles(&Theme::of(kind)) {
            assert!(style.bg.is_none(), "{kind:?}: {name} sets a background");
            let Some(color) = style.fg else { continue };
            for (i, ground) in grounds(kind).iter().enumerate() {
                // Level AA for all; AAA on pure black or white where contrast is what was asked for.
                let least = if strong && i == 0 { 7.0 } else { 4.5 };
                let found = contrast(rgb(color), *ground);
                assert!(found >= least, "{kind:?}: {name} on {ground:?} has only {found:.2}");
                n += 1;
            }
        }
    }
    assert!(n > 100, "{n}");
}

/// How colours look to people without one kind of cone (Machado, Oliveira and Fernandes, 2009).
const SIGHT: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ],
    [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ],
    [
        [1.255_528, -0.076_749, -0.178_779],
        [-0.078_411, 0.930_809, 0.147_602],
        [0.004_733, 0.691_367, 0.303_900],
    ],
];

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// How different two colours look, for the eye that confuses them most: a distance in Oklab.
fn distance(a: Rgb, b: Rgb) -> f64 {
    let oklab = |c: Rgb, eye: &[[f64; 3]; 3]| {
        let seen = eye.map(|row| dot(row, linear(c)).clamp(0.0, 1.0));
        let lms = [
            dot([0.412_221, 0.536_333, 0.051_446], seen).cbrt(),
            dot([0.211_903, 0.680_700, 0.107_397], seen).cbrt(),
            dot([0.088_302, 0.281_719, 0.629_979], seen).cbrt(),
        ];
        [
            dot([0.210_454, 0.793_618, -0.004_072], lms),
            dot([1.977_998, -2.428_592, 0.450_594], lms),
            dot([0.025_904, 0.782_772, -0.808_676], lms),
        ]
    };
    let apart = |eye| {
        let (a, b) = (oklab(a, eye), oklab(b, eye));
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    };
    SIGHT.iter().map(apart).fold(f64::INFINITY, f64::min)
}

#[test]
fn good_warning_and_bad_stay_apart_without_a_kind_of_cone() {
    let closest = |kind| {
        let theme = Theme::of(kind);
        let [good, warning, bad] = [theme.good, theme.warning, theme.bad].map(|s| rgb(s.fg.unwrap()));
        distance(good, warning).min(distance(warning, bad)).min(distance(good, bad))
    };
    for kind in [ThemeKind::ColourBlind, ThemeKind::ColourBlindLight] {
        assert!(closest(kind) > 0.15, "{kind:?}: {:.3}", closest(kind));
    }
    // The measure can tell: red and green of the common theme are hard to tell apart.
    assert!(closest(ThemeKind::Dark) < 0.08);
}
