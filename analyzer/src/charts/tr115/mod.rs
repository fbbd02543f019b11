//! The charts of the published study's data.

mod efficiency;
mod first_token;
mod identity;

use super::canvas::ChartError;
use super::looks::Looks;
use super::{Chart, axis, canvas, heading, looks, style, text};
use crate::tr115::reading::{Reading, TierReading};
use crate::tr115::study::first_seen;

/// Most tiers and runtimes that a chart shows: a file may name any number, a picture is read up to here.
const MOST_TIERS: usize = 4;
const MOST_RUNTIMES: usize = 8;

/// Draws every chart that the data support.
///
/// # Errors
/// When the drawing library fails, which no data should cause.
pub fn draw_all(reading: &Reading) -> Result<Vec<Chart>, ChartError> {
    let names = first_seen(reading.tiers.iter().flat_map(|tier| tier.tier.runtimes()));
    let names: Vec<String> = names.into_iter().take(MOST_RUNTIMES).map(str::to_owned).collect();
    let baseline = names.first().cloned().unwrap_or_default();
    let looks = Looks::new(&names, &baseline);
    let mut charts = vec![identity::draw(reading, &looks, &names)?];
    charts.extend(efficiency::draw(reading, &looks, &names)?);
    charts.extend(first_token::draw(reading, &looks, &names)?);
    Ok(charts)
}

/// The tiers that are drawn.
fn tiers<'a>(reading: &'a Reading) -> &'a [TierReading<'a>] {
    &reading.tiers[..reading.tiers.len().min(MOST_TIERS)]
}

/// What a caption says when not everything is drawn; nothing when it is.
fn left_out(reading: &Reading, names: &[String]) -> String {
    let all = first_seen(reading.tiers.iter().flat_map(|tier| tier.tier.runtimes())).len();
    let mut parts = Vec::new();
    if reading.tiers.len() > MOST_TIERS {
        parts.push(format!("the first {MOST_TIERS} of {} tiers", reading.tiers.len()));
    }
    if all > names.len() {
        parts.push(format!("the first {} of {all} runtimes", names.len()));
    }
    if parts.is_empty() { String::new() } else { format!(" Drawn are {}.", parts.join(" and ")) }
}
