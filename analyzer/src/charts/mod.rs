//! The charts of a report as SVG documents. Equal input gives equal bytes.

mod axis;
mod canvas;
pub(crate) mod compare;
mod difference;
mod ecdf;
mod efficiency;
mod factors;
mod log_scale;
mod looks;
pub(crate) mod ratios;
mod run_order;
mod strokes;
mod style;
mod text;
mod timeline;
pub mod tr115;

pub use canvas::ChartError;

use crate::analysis::{Analysis, Cell};
use looks::Looks;

/// One chart of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// File name inside the report's folder.
    pub file: &'static str,
    /// Title, also the text shown in place of the picture.
    pub title: String,
    /// One sentence that says what to see.
    pub caption: String,
    /// The SVG document.
    pub svg: String,
}

/// Name and text of the files of charts.
pub(crate) fn files(charts: &[Chart]) -> impl Iterator<Item = (&str, &str)> {
    charts.iter().map(|chart| (chart.file, chart.svg.as_str()))
}

/// Most cells that stand in `difference.svg`; with more, it shows the headline's and `cells.svg` shows all.
const CELLS_BESIDE_HEADLINE: usize = 4;

/// Draws every chart that the data support: without a trial that counts there is none.
///
/// # Errors
/// When the drawing library fails, which no data should cause.
pub fn draw_all(analysis: &Analysis) -> Result<Vec<Chart>, ChartError> {
    let looks = Looks::new(&analysis.arms, &analysis.settings.baseline);
    let mut charts = Vec::new();
    let judged: Vec<&Cell> = analysis.cells.iter().filter(|cell| cell.has_differences()).collect();
    if !judged.is_empty() {
        let shown = if judged.len() > CELLS_BESIDE_HEADLINE { &judged[..1] } else { &judged[..] };
        charts.push(difference::draw("difference.svg", analysis, &looks, shown)?);
    }
    let Some(headline) = analysis.headline().filter(|cell| cell.has_counted_trials()) else {
        return Ok(charts);
    };
    let has_efficiency = headline.facts.has_efficiency();
    if has_efficiency {
        charts.push(efficiency::draw(analysis, &looks, headline)?);
        charts.push(factors::draw(analysis, &looks, headline)?);
    }
    charts.extend(ecdf::draw(analysis, &looks, headline)?);
    if has_efficiency {
        charts.push(run_order::draw(analysis, &looks, headline)?);
        charts.extend(timeline::draw(analysis, headline)?);
    }
    if judged.len() > CELLS_BESIDE_HEADLINE {
        charts.push(difference::draw("cells.svg", analysis, &looks, &judged)?);
    }
    Ok(charts)
}

/// The line under a title: a name, shortened to the room that the words after it leave.
fn subtitle(name: &str, words: &str) -> String {
    let size = style::style().small_size;
    let room = f64::from(style::style().width) - 28.0 - text::width(words, size);
    format!("{}{words}", text::fitted(name, size, room))
}

/// Title and the line under it, at the top of every chart.
fn heading(canvas: &canvas::Canvas, title: &str, below: &str) {
    let look = style::style();
    let room = f64::from(look.width) - 28.0;
    let title = text::fitted(title, look.title_size * text::BOLD, room);
    canvas.bold(&title, (14.0, 20.0), canvas::Anchor::Left, look.title_size, look.text);
    let below = text::fitted(below, look.small_size, room);
    canvas.text(&below, (14.0, 41.0), canvas::Anchor::Left, look.small_size, look.quiet);
}
