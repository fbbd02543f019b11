//! The lines that a pattern is made of: dashes along a line, hatching inside a rectangle.

const DASH: f64 = 6.0;
const GAP: f64 = 4.0;

/// Distance between two lines of a hatching along the edge.
const HATCH_STEP: f64 = 6.0;

/// Which way the lines of a hatching lean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lean {
    /// Like a slash.
    Right,
    /// Like a backslash.
    Left,
}

/// The dashes along a line through the points. The pattern goes on over the corners, else a curve of many points
/// would look solid.
pub(super) fn dashes(points: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
    let mut dashes = Vec::new();
    let mut dash = Vec::new();
    let mut at = 0.0_f64;
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let along = |d: f64| (from.0 + (to.0 - from.0) * d / length, from.1 + (to.1 - from.1) * d / length);
        let mut done = 0.0;
        while length - done > 1e-9 {
            let in_pattern = at % (DASH + GAP);
            let drawing = in_pattern < DASH;
            let left = if drawing { DASH - in_pattern } else { DASH + GAP - in_pattern };
            let step = left.max(1e-6).min(length - done);
            if drawing {
                if dash.is_empty() {
                    dash.push(along(done));
                }
                dash.push(along(done + step));
            } else {
                dashes.extend((!dash.is_empty()).then(|| std::mem::take(&mut dash)));
            }
            done += step;
            at += step;
        }
    }
    dashes.extend((!dash.is_empty()).then_some(dash));
    dashes
}

/// The hatching of a rectangle as one line that goes to and fro and takes its turns on the border; empty where no
/// line has room.
pub(super) fn hatch((left, top): (f64, f64), (right, bottom): (f64, f64), lean: Lean) -> Vec<(f64, f64)> {
    let (width, height) = (right - left, bottom - top);
    if width <= 1.0 || height <= 1.0 {
        return Vec::new();
    }
    let first = -(height / HATCH_STEP).floor() as i64;
    let last = (width / HATCH_STEP).ceil() as i64;
    let mut line = Vec::new();
    // The lines rise from the bottom at 45 degrees; `foot` is where they start, possibly outside.
    for (number, foot) in (first..last).map(|k| k as f64 * HATCH_STEP).enumerate() {
        let low = (-foot).max(0.0);
        let high = (width - foot).min(height);
        if high <= low {
            continue;
        }
        let (from, to) = ((foot + low, height - low), (foot + high, height - high));
        let (from, to) = if number % 2 == 0 { (from, to) } else { (to, from) };
        line.extend(line.last().and_then(|before| corner(*before, from, (width, height))));
        line.extend([from, to]);
    }
    let place = |(x, y): (f64, f64)| match lean {
        Lean::Right => (left + x, top + y),
        Lean::Left => (right - x, top + y),
    };
    line.into_iter().map(place).collect()
}

/// The corner between two points of which one lies on a side and the other on the bottom or the top.
fn corner(a: (f64, f64), b: (f64, f64), (width, height): (f64, f64)) -> Option<(f64, f64)> {
    let turns = (a.0 - b.0).abs() > 1e-9 && (a.1 - b.1).abs() > 1e-9;
    let upper_right = a.0 > width - 1e-9 || b.0 > width - 1e-9;
    turns.then_some(if upper_right { (width, 0.0) } else { (0.0, height) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_goes_on_over_a_corner() {
        let dashes = dashes(&[(0.0, 0.0), (4.0, 0.0), (4.0, 20.0)]);
        assert_eq!(dashes[0], [(0.0, 0.0), (4.0, 0.0), (4.0, 2.0)]);
        assert_eq!(dashes[1], [(4.0, 6.0), (4.0, 12.0)]);
    }

    #[test]
    fn a_hatching_stays_inside_and_turns_on_the_border() {
        for (to, lean) in
            [((95.0, 30.0), Lean::Right), ((14.0, 80.0), Lean::Left), ((11.5, 21.2), Lean::Right)]
        {
            let line = hatch((10.0, 20.0), to, lean);
            assert!(line.len() > 1 || to.1 < 22.0);
            for (x, y) in &line {
                assert!((10.0..=to.0).contains(x) && (20.0..=to.1).contains(y), "{x} {y}");
            }
            for pair in line.windows(2) {
                let (dx, dy) = ((pair[1].0 - pair[0].0).abs(), (pair[1].1 - pair[0].1).abs());
                let (diagonal, straight) = ((dx - dy).abs() < 1e-6, dx < 1e-6 || dy < 1e-6);
                assert!(diagonal || straight, "{pair:?}");
            }
        }
        assert!(hatch((0.0, 0.0), (0.5, 9.0), Lean::Right).is_empty());
    }
}
