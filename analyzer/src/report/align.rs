//! Tables as aligned plain text.

/// Columns padded to their widest entry, two spaces apart; the first `left` columns lean to the left, the rest to the
/// right.
pub(crate) fn aligned<R: AsRef<[String]>>(rows: &[R], left: usize) -> String {
    let length = |entry: &String| entry.chars().count();
    let mut widths: Vec<usize> = Vec::new();
    for row in rows.iter().map(AsRef::as_ref) {
        widths.resize(widths.len().max(row.len()), 0);
        widths.iter_mut().zip(row).for_each(|(width, entry)| *width = (*width).max(length(entry)));
    }
    let mut text = String::new();
    for row in rows.iter().map(AsRef::as_ref) {
        let mut line = String::new();
        for (column, (entry, width)) in row.iter().zip(&widths).enumerate() {
            line += &if column < left { format!("  {entry:<width$}") } else { format!("  {entry:>width$}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn names_lean_to_the_left_and_numbers_to_the_right() {
        let rows = [["arm", "n"], ["smol", "12"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows, 1), "  arm    n\n  smol  12\n");
        assert_eq!(aligned(&rows, 2), "  arm   n\n  smol  12\n");
    }
}
