//! The one look of all charts: colours, shapes, sizes.

/// A colour with its opacity (0 to 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ink {
    pub(super) rgb: (u8, u8, u8),
    pub(super) opacity: f64,
}

impl Ink {
    const fn solid(r: u8, g: u8, b: u8) -> Ink {
        Ink { rgb: (r, g, b), opacity: 1.0 }
    }

    /// The same colour, fainter.
    pub(super) const fn faint(self, opacity: f64) -> Ink {
        Ink { rgb: self.rgb, opacity }
    }
}

/// The shape of a mark; with the colour it tells the arm, so that colour never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Circle,
    Square,
    Up,
    Down,
    Diamond,
    Cross,
    Plus,
}

const STRAIGHT: f64 = 0.88;

impl Shape {
    /// Corners in units of the radius; none for shapes that are no polygon.
    pub(super) fn polygon(self) -> Option<&'static [(f64, f64)]> {
        match self {
            Shape::Square => Some(&[
                (-STRAIGHT, -STRAIGHT),
                (STRAIGHT, -STRAIGHT),
                (STRAIGHT, STRAIGHT),
                (-STRAIGHT, STRAIGHT),
            ]),
            Shape::Up => Some(&[(0.0, -1.15), (1.05, 0.75), (-1.05, 0.75)]),
            Shape::Down => Some(&[(0.0, 1.15), (1.05, -0.75), (-1.05, -0.75)]),
            Shape::Diamond => Some(&[(0.0, -1.25), (1.0, 0.0), (0.0, 1.25), (-1.0, 0.0)]),
            Shape::Circle | Shape::Cross | Shape::Plus => None,
        }
    }

    /// Strokes in units of the radius; none for closed shapes.
    pub(super) fn strokes(self) -> Option<[&'static [(f64, f64)]; 2]> {
        match self {
            Shape::Cross => Some([&[(-0.9, -0.9), (0.9, 0.9)], &[(-0.9, 0.9), (0.9, -0.9)]]),
            Shape::Plus => Some([&[(-1.15, 0.0), (1.15, 0.0)], &[(0.0, -1.15), (0.0, 1.15)]]),
            _ => None,
        }
    }
}

/// How one arm looks in every chart of a report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    pub(super) ink: Ink,
    pub(super) shape: Shape,
    /// White centre: the A/A arm, which is the baseline once more.
    pub(super) hollow: bool,
}

/// Colours and sizes that are not an arm's.
pub(super) struct Style {
    pub(super) background: Ink,
    pub(super) text: Ink,
    pub(super) quiet: Ink,
    pub(super) axis: Ink,
    pub(super) grid: Ink,
    pub(super) band: Ink,
    pub(super) title_size: f64,
    pub(super) text_size: f64,
    pub(super) small_size: f64,
    pub(super) mark_radius: f64,
    pub(super) width: u32,
}

/// The style.
pub(super) const fn style() -> &'static Style {
    const STYLE: Style = Style {
        background: Ink::solid(255, 255, 255),
        text: Ink::solid(30, 30, 30),
        quiet: Ink::solid(95, 95, 95),
        axis: Ink::solid(120, 120, 120),
        grid: Ink::solid(226, 226, 226),
        band: Ink::solid(86, 180, 233).faint(0.18),
        title_size: 15.0,
        text_size: 12.5,
        small_size: 11.5,
        mark_radius: 4.5,
        width: 860,
    };
    &STYLE
}

/// Okabe and Ito's palette (2008), which the common colour-blindnesses can tell apart; without its yellow,
/// which white swallows. The baseline is black.
const BASELINE: Ink = Ink::solid(0, 0, 0);
const ARMS: [Ink; 6] = [
    Ink::solid(230, 159, 0),
    Ink::solid(0, 114, 178),
    Ink::solid(0, 158, 115),
    Ink::solid(213, 94, 0),
    Ink::solid(204, 121, 167),
    Ink::solid(86, 180, 233),
];
const SHAPES: [Shape; 6] = [Shape::Square, Shape::Up, Shape::Diamond, Shape::Down, Shape::Cross, Shape::Plus];

/// The look of the arm at `index` among the arms that are neither baseline nor A/A.
pub(super) fn arm_look(index: usize) -> Look {
    // The shape moves on by one with each round of colours: 36 arms before a look returns.
    let shape = SHAPES[(index + index / ARMS.len()) % SHAPES.len()];
    Look { ink: ARMS[index % ARMS.len()], shape, hollow: false }
}

/// The look of the baseline, or of the same once more.
pub(super) fn baseline_look(again: bool) -> Look {
    Look { ink: BASELINE, shape: Shape::Circle, hollow: again }
}
