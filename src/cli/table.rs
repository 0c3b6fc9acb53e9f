//! Plain-text tables.

use std::fmt;

/// Rows of cells under a header. Words start at the left; numbers are aligned on their decimal
/// points.
pub struct Table<const N: usize> {
    header: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    pub fn new(header: [&'static str; N]) -> Self {
        Self { header, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    /// The cells of column `k` as they are printed, without the padding on the right.
    fn column(&self, k: usize) -> Vec<String> {
        let before_point = |row: &[String; N]| row[k].find('.').map_or(width(&row[k]), |point| width(&row[k][..point]));
        let numbers = self.rows.iter().filter(|row| is_number(&row[k]));
        let widest = numbers.map(before_point).max().unwrap_or(0);
        let indent = |row: &[String; N]| if is_number(&row[k]) { widest - before_point(row) } else { 0 };
        let cells = self.rows.iter().map(|row| format!("{:indent$}{}", "", row[k], indent = indent(row)));
        std::iter::once(self.header[k].to_owned()).chain(cells).collect()
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: [_; N] = std::array::from_fn(|k| self.column(k));
        let widths = columns.each_ref().map(|cells| cells.iter().map(|cell| width(cell)).max().unwrap_or(0));
        (0..=self.rows.len()).try_for_each(|line| {
            let text: String = (0..N).map(|k| format!("  {:1$}", columns[k][line], widths[k])).collect();
            writeln!(f, "{}", text.trim_end())
        })
    }
}

/// Whether a cell is a number, perhaps behind a sign.
fn is_number(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit() || "+-≈≥≤".contains(c))
}

/// The number of columns a text takes on the screen; all our signs take one.
fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_line_up_on_their_points_and_words_on_the_left() {
        let mut table = Table::new(["method", "ln Z", "verdict"]);
        for [method, log_z, verdict] in
            [["exact", "245.2192", "exact"], ["tap2", "≥ 7.5", "off by −2.3"], ["ais", "–", "cancelled"]]
        {
            table.row([method.into(), log_z.into(), verdict.into()]);
        }
        let lines = [
            "method  ln Z      verdict",
            "exact   245.2192  exact",
            "tap2    ≥ 7.5     off by −2.3",
            "ais     –         cancelled",
        ];
        assert_eq!(table.to_string(), lines.map(|line| format!("  {line}\n")).concat());
    }
}
