//! Values that are missing from a block design, estimated so that they change no sum of squares of the error.

/// Steps after which the estimates stay as they are; with most values there, fifty leave no digit to gain.
const MOST_STEPS: usize = 500;

/// Blocks and combinations with every gap filled by the value that the additive model (block + combination) fitted to
/// the others gives it (Yates 1933; Montgomery 2017, section 4.1.3), and the number of gaps. Each step of the iteration puts
/// the fit of the filled table into the gaps (Healy & Westmacott 1956).
///
/// `None` where a block or a combination has no more than half of its values: only then do any two combinations
/// surely share a block.
pub(super) fn filled(rows: &[Vec<Option<f64>>]) -> Option<(Vec<Vec<f64>>, usize)> {
    let (b, k) = (rows.len(), rows.first()?.len());
    let there = |combination: usize| rows.iter().filter(|row| row[combination].is_some()).count();
    let enough = rows.iter().all(|row| 2 * row.iter().flatten().count() > k)
        && (0..k).all(|combination| 2 * there(combination) > b);
    if !enough {
        return None;
    }
    let known: Vec<f64> = rows.iter().flatten().flatten().copied().collect();
    let start = known.iter().sum::<f64>() / known.len() as f64;
    let mut table: Vec<Vec<f64>> =
        rows.iter().map(|row| row.iter().map(|value| value.unwrap_or(start)).collect()).collect();
    let gaps: Vec<(usize, usize)> =
        (0..b).flat_map(|i| (0..k).map(move |j| (i, j))).filter(|&(i, j)| rows[i][j].is_none()).collect();
    let scale = known.iter().map(|value| (value - start).abs()).fold(0.0, f64::max);
    for _ in 0..MOST_STEPS {
        let block: Vec<f64> = table.iter().map(|row| row.iter().sum::<f64>() / k as f64).collect();
        let combination: Vec<f64> =
            (0..k).map(|j| table.iter().map(|row| row[j]).sum::<f64>() / b as f64).collect();
        let grand = block.iter().sum::<f64>() / b as f64;
        let mut moved = 0.0f64;
        for &(i, j) in &gaps {
            let fit = block[i] + combination[j] - grand;
            moved = moved.max((fit - table[i][j]).abs());
            table[i][j] = fit;
        }
        if moved <= 1e-13 * scale {
            break;
        }
    }
    Some((table, gaps.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_additive_table_gets_back_what_was_taken_out() {
        let value = |i: usize, j: usize| (i * i) as f64 + 10.0 * j as f64;
        let mut rows: Vec<Vec<Option<f64>>> =
            (0..5).map(|i| (0..4).map(|j| Some(value(i, j))).collect()).collect();
        (rows[0][1], rows[2][3], rows[4][0]) = (None, None, None);
        let (table, gaps) = filled(&rows).unwrap();
        assert_eq!(gaps, 3);
        for (i, j) in [(0, 1), (2, 3), (4, 0)] {
            assert!((table[i][j] - value(i, j)).abs() < 1e-9, "{i} {j}: {}", table[i][j]);
        }
    }

    #[test]
    fn one_gap_has_a_closed_form() {
        // Yates 1933: (k T + b B - G) / ((b - 1)(k - 1)) with k combinations, b blocks, totals of what is there.
        let rows = vec![
            vec![None, Some(3.0), Some(8.0)],
            vec![Some(2.0), Some(5.0), Some(7.0)],
            vec![Some(1.0), Some(9.0), Some(4.0)],
            vec![Some(6.0), Some(2.0), Some(2.0)],
        ];
        let (block, combination, grand) = (11.0, 9.0, 49.0);
        let wanted = (3.0 * combination + 4.0 * block - grand) / (3.0 * 2.0);
        assert!((filled(&rows).unwrap().0[0][0] - wanted).abs() < 1e-9);
    }

    #[test]
    fn half_of_the_values_are_not_enough() {
        let mut rows = vec![vec![Some(1.0); 4]; 4];
        (rows[0][0], rows[1][0]) = (None, None);
        assert!(filled(&rows).is_none());
        assert!(filled(&[]).is_none());
    }
}
