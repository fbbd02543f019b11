//! Aligned columns.

/// Columns padded to their widest entry, two spaces apart; the first `left` columns lean to the left, the rest to the
/// right.
pub(super) fn aligned(rows: &[Vec<String>], left: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest =
        |column| rows.iter().filter_map(|row| row.get(column)).map(|c: &String| c.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (entry, width)) in row.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width - entry.chars().count());
            let (before, after) = if column < left { ("", padding.as_str()) } else { (padding.as_str(), "") };
            line += &format!("  {before}{entry}{after}");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
