//! Curves in the terminal.

use crate::measures::short;

/// Columns and rows of the drawing area.
const COLUMNS: usize = 65;
const ROWS: usize = 12;

/// A curve over a logarithmic axis, with one marked position.
pub struct Curve<'a> {
    /// The label of the vertical axis.
    pub title: &'a str,
    /// The label of the horizontal axis.
    pub axis: &'a str,
    /// Points (x, y), with x above 0 and in ascending order.
    pub points: &'a [(f64, f64)],
    /// The marked x.
    pub mark: Option<f64>,
}

impl Curve<'_> {
    /// Draws the curve; empty for fewer than two points. Parts far above the first point are cut
    /// off at the top.
    pub fn draw(&self) -> String {
        let (Some((first, start)), Some((last, _))) = (self.points.first(), self.points.last()) else {
            return String::new();
        };
        if self.points.len() < 2 {
            return String::new();
        }
        let scale = Scale { from: first.log10(), to: last.log10() };
        let low = self.points.iter().map(|(_, y)| *y).fold(f64::INFINITY, f64::min);
        let high = start + 0.25 * (start - low).max(0.25 * start.abs());
        let row = |y: f64| (((high - y) / (high - low)).clamp(0.0, 1.0) * (ROWS - 1) as f64).round() as usize;
        let mut cells = vec![vec![' '; COLUMNS]; ROWS];
        if let Some(mark) = self.mark {
            cells.iter_mut().for_each(|cells| cells[scale.column(mark)] = '│');
        }
        for (x, y) in self.points {
            cells[row(*y)][scale.column(*x)] = '•';
        }
        let labels = [short(high), short(low)];
        let width = labels.iter().map(String::len).max().unwrap_or_default();
        let mut text = format!("{:width$} ┤ {}\n", "", self.title);
        for (index, cells) in cells.iter().enumerate() {
            let label = match index {
                0 => labels[0].as_str(),
                _ if index == ROWS - 1 => labels[1].as_str(),
                _ => "",
            };
            let line: String = cells.iter().collect();
            text += format!("{label:>width$} ┤{line}").trim_end();
            text.push('\n');
        }
        text += &format!("{:width$} └{}\n", "", scale.ticks());
        text + &format!("{:width$}  {}  {}\n", "", scale.labels(), self.axis)
    }
}

/// The horizontal axis: decades from left to right.
struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    fn column(&self, x: f64) -> usize {
        let share = (x.log10() - self.from) / (self.to - self.from);
        (share.clamp(0.0, 1.0) * (COLUMNS - 1) as f64).round() as usize
    }

    /// The decades on the axis, with their columns.
    fn decades(&self) -> impl Iterator<Item = (usize, i32)> {
        let (first, last) = ((self.from - 1e-6).ceil() as i32, (self.to + 1e-6).floor() as i32);
        (first..=last).map(|decade| (self.column(10_f64.powi(decade)), decade))
    }

    fn ticks(&self) -> String {
        let mut line = vec!['─'; COLUMNS];
        self.decades().for_each(|(column, _)| line[column] = '┬');
        line.into_iter().collect()
    }

    fn labels(&self) -> String {
        let mut line = String::new();
        for (column, decade) in self.decades() {
            let label = format!("1e{decade}");
            let free = if line.is_empty() { 0 } else { line.len() + 1 };
            if column >= free && column + label.len() <= COLUMNS + 2 {
                line = format!("{line:column$}{label}");
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_drawn_over_its_decades() {
        let points: Vec<(f64, f64)> = (0..65)
            .map(|step| (10_f64.powf(f64::from(step) / 16.0 - 3.0), if step < 32 { 2.0 } else { 1.0 }))
            .collect();
        let curve = Curve { title: "loss", axis: "learning rate", points: &points, mark: Some(0.1) };
        let drawn = curve.draw();
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[0], "       ┤ loss");
        assert_eq!(lines[1], format!("2.2500 ┤{}│", " ".repeat(32)));
        assert_eq!(lines[3], format!("       ┤{}│", "•".repeat(32)));
        assert_eq!(lines[12], format!("1.0000 ┤{}{}", " ".repeat(32), "•".repeat(33)));
        assert_eq!(lines[13], format!("       └┬{0}┬{0}┬{0}┬{0}┬", "─".repeat(15)));
        assert_eq!(
            lines[14],
            "        1e-3            1e-2            1e-1            1e0             1e1  learning rate"
        );
    }

    #[test]
    fn a_point_is_not_a_curve() {
        let curve = |points| Curve { title: "", axis: "", points, mark: None }.draw();
        assert_eq!((curve(&[]), curve(&[(1.0, 1.0)])), (String::new(), String::new()));
    }
}
