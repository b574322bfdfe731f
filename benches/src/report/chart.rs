//! The run as an SVG chart: for each workload a bar for each peer, as long as the logarithm of how
//! many times ours it takes.

use std::fmt::Write as _;

use crate::report::table::figures;
use crate::report::{Compared, compared};
use crate::rounds::Run;

const WIDTH: f64 = 900.0;
/// Where bars begin.
const LEFT: f64 = 170.0;
/// The space for the number after the longest bar.
const RIGHT: f64 = 80.0;
const LINE: f64 = 18.0;

/// One run.
pub fn one(run: &Run) -> String {
    let groups: Vec<(&str, Vec<Compared>)> =
        run.results.iter().map(|results| (results.workload.name, compared(run, results))).collect();
    let ratios = groups.iter().flat_map(|(_, peers)| peers.iter().map(|peer| peer.ratio.median));
    let longest = ratios.fold(2.0_f64, f64::max);
    let lines: usize = groups.iter().map(|(_, peers)| peers.len() + 2).sum();
    let height = LINE * (lines as f64 + 2.0);
    let mut chart = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    let mut y = LINE;
    text(&mut chart, 8.0, y, &format!("time of peers as a multiple of ours, {} thread(s)", run.surroundings.threads));
    for (workload, peers) in &groups {
        y += LINE * 1.5;
        text(&mut chart, 8.0, y, workload);
        for peer in peers {
            y += LINE;
            bar(&mut chart, y, peer, longest);
        }
        y += LINE * 0.5;
    }
    chart + "</svg>\n"
}

fn bar(chart: &mut String, y: f64, peer: &Compared, longest: f64) {
    let ratio = peer.ratio.median;
    let length = ratio.max(1.0).ln() / longest.ln() * (WIDTH - LEFT - RIGHT);
    let colour = if ratio < 1.0 { "#c33" } else { "#48a" };
    let (top, thickness) = (y - LINE + 6.0, LINE - 4.0);
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        chart,
        "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{:.1}\" height=\"{thickness}\" fill=\"{colour}\"/>",
        length.max(2.0)
    );
    text(chart, 24.0, y, peer.peer);
    text(chart, LEFT + length + 8.0, y, &format!("× {}", figures(ratio)));
}

/// A text with the special characters of XML escaped.
fn text(chart: &mut String, x: f64, y: f64, text: &str) {
    let _ = writeln!(chart, "<text x=\"{x:.1}\" y=\"{y}\">{text}</text>");
}
