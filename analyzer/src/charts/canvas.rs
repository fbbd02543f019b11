//! A drawing area in logical pixels, with the marks that all charts use.
//!
//! plotters has integer coordinates, so everything is drawn at [`SCALE`] times its size and shrunk by the
//! viewBox. It guesses the width of text from its bytes, so no layout relies on it: margins are set by hand.

use super::strokes::{self, Lean};
use super::style::{Ink, Shape, style};
use crate::report::escape;
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle};
use std::cell::RefCell;
use thiserror::Error;

/// Drawn pixels per logical pixel.
const SCALE: f64 = 4.0;

/// plotters divides the size of a font by this before it writes it.
const FONT_DIVISOR: f64 = 1.24;

/// A chart that could not be drawn: a fault of this program, never of the data.
#[derive(Debug, Error)]
#[error("drawing {chart}: {reason}")]
pub struct ChartError {
    /// Title of the chart.
    pub chart: String,
    /// What the drawing library says.
    pub reason: String,
}

/// Where text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// The area. The first error is kept and given by [`draw`], so that charts read as a list of marks.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    error: RefCell<Option<String>>,
}

/// Draws a chart of the given size and returns the SVG document, which holds its title and description. Their ids
/// come from the name of the file: a page may hold several charts.
pub(super) fn draw(
    file: &str,
    (width, height): (u32, u32),
    title: &str,
    description: &str,
    marks: impl FnOnce(&Canvas),
) -> Result<String, ChartError> {
    let mut svg = String::new();
    let drawn = (width * SCALE as u32, height * SCALE as u32);
    let failed = |reason: String| ChartError { chart: title.to_owned(), reason };
    {
        let canvas = Canvas {
            area: SVGBackend::with_string(&mut svg, drawn).into_drawing_area(),
            error: RefCell::new(None),
        };
        canvas.rect((0.0, 0.0), (f64::from(width), f64::from(height)), style().background);
        marks(&canvas);
        if let Err(e) = canvas.area.present() {
            canvas.keep(e.to_string());
        }
        if let Some(reason) = canvas.error.into_inner() {
            return Err(failed(reason));
        }
    }
    let name = file.trim_end_matches(".svg");
    // The first line is the opening tag, written by the library without title or description.
    let body =
        svg.split_once('\n').map(|(_, body)| body).ok_or_else(|| failed("no svg element".to_owned()))?;
    Ok(format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" role=\"img\" \
         aria-labelledby=\"{name}-title {name}-desc\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <title id=\"{name}-title\">{}</title>\n<desc id=\"{name}-desc\">{}</desc>\n{body}",
        drawn.0,
        drawn.1,
        escape::svg(title),
        escape::svg(description),
    ))
}

fn px((x, y): (f64, f64)) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

fn rgba(ink: Ink) -> RGBAColor {
    RGBColor(ink.rgb.0, ink.rgb.1, ink.rgb.2).mix(ink.opacity)
}

fn stroke(ink: Ink, width: f64) -> ShapeStyle {
    rgba(ink).stroke_width((width * SCALE).round() as u32)
}

impl<'a> Canvas<'a> {
    fn keep(&self, reason: String) {
        self.error.borrow_mut().get_or_insert(reason);
    }

    fn put<E>(&self, element: E)
    where
        for<'b> &'b E: PointCollection<'b, (i32, i32)>,
        E: Drawable<SVGBackend<'a>>,
    {
        if let Err(e) = self.area.draw(&element) {
            self.keep(e.to_string());
        }
    }

    /// A straight line.
    pub(super) fn line(&self, from: (f64, f64), to: (f64, f64), ink: Ink, width: f64) {
        self.put(PathElement::new(vec![px(from), px(to)], stroke(ink, width)));
    }

    /// A solid line through the points.
    pub(super) fn polyline(&self, points: &[(f64, f64)], ink: Ink, width: f64) {
        self.put(PathElement::new(points.iter().copied().map(px).collect::<Vec<_>>(), stroke(ink, width)));
    }

    /// A dashed line through the points.
    pub(super) fn dashed(&self, points: &[(f64, f64)], ink: Ink, width: f64) {
        for dash in strokes::dashes(points) {
            self.polyline(&dash, ink, width);
        }
    }

    /// Parallel diagonal lines inside a rectangle.
    pub(super) fn hatch(&self, from: (f64, f64), to: (f64, f64), lean: Lean, ink: Ink, width: f64) {
        let lines = strokes::hatch(from, to, lean);
        if !lines.is_empty() {
            self.polyline(&lines, ink, width);
        }
    }

    /// The border of a rectangle.
    pub(super) fn border(&self, from: (f64, f64), to: (f64, f64), ink: Ink, width: f64) {
        self.put(Rectangle::new([px(from), px(to)], stroke(ink, width)));
    }

    /// A filled rectangle.
    pub(super) fn rect(&self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        self.put(Rectangle::new([px(from), px(to)], rgba(ink).filled()));
    }

    /// One line of text, `size` in logical pixels, vertically centred on the point.
    pub(super) fn text(&self, text: &str, at: (f64, f64), anchor: Anchor, size: f64, ink: Ink) {
        self.styled_text(text, at, anchor, size, ink, FontStyle::Normal);
    }

    /// The same in bold.
    pub(super) fn bold(&self, text: &str, at: (f64, f64), anchor: Anchor, size: f64, ink: Ink) {
        self.styled_text(text, at, anchor, size, ink, FontStyle::Bold);
    }

    fn styled_text(&self, text: &str, at: (f64, f64), anchor: Anchor, size: f64, ink: Ink, font: FontStyle) {
        let h = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let font = (FontFamily::SansSerif, size * SCALE * FONT_DIVISOR, font);
        let colour = rgba(ink);
        let text_style = TextStyle::from(font).color(&colour).pos(Pos::new(h, VPos::Center));
        self.put(Text::new(escape::plain(text), px(at), text_style));
    }

    /// A mark of the given radius: filled, or with a white centre when `hollow`.
    pub(super) fn mark(&self, shape: Shape, at: (f64, f64), radius: f64, ink: Ink, hollow: bool) {
        let lines = |points: &[(f64, f64)]| {
            points.iter().map(|(dx, dy)| px((at.0 + dx * radius, at.1 + dy * radius))).collect::<Vec<_>>()
        };
        if let Some(strokes) = shape.strokes() {
            for pair in strokes {
                self.put(PathElement::new(lines(pair), stroke(ink, radius * 0.5)));
            }
            return;
        }
        let outline = stroke(ink, (radius * 0.35).max(0.5));
        let fill = if hollow { rgba(style().background) } else { rgba(ink) };
        match shape.polygon() {
            None => {
                let r = (radius * SCALE).round() as i32;
                self.put(Circle::new(px(at), r, fill.filled()));
                self.put(Circle::new(px(at), r, outline));
            }
            Some(corners) => {
                let mut points = lines(corners);
                self.put(Polygon::new(points.clone(), fill.filled()));
                points.extend(points.first().copied());
                self.put(PathElement::new(points, outline));
            }
        }
    }
}
