//! A timeline of a person's films as SVG. It has no view box: positions are percentages of the
//! width, but sizes are pixels, so that labels are as large as the surrounding text.

use std::fmt::Write as _;

/// Height in pixels of a film that is the only one of its year.
const FRAME: i32 = 14;

/// Height in pixels that the films of one year may reach.
const MAX_HEIGHT: i32 = 168;

/// Number of decades from which only every second is labelled, to fit narrow screens.
const CROWDED: i16 = 8;

/// Draws a box for each year in `years`, stacked where years repeat. Returns `None` without years.
pub fn draw(years: &[i16]) -> Option<String> {
    let first = years.iter().min()?.div_euclid(10) * 10;
    let end = (years.iter().max()?.div_euclid(10) + 1) * 10;
    let position = |year: i16| 100.0 * f64::from(year - first) / f64::from(end - first);
    let count = |year| years.iter().filter(|other| **other == year).count();
    let most = years.iter().map(|year| count(*year)).max().and_then(|most| most.try_into().ok());
    let step = (MAX_HEIGHT / most.unwrap_or(1)).clamp(2, FRAME);
    let axis = most.unwrap_or(1) * step + 4;

    let mut svg = format!(
        "<svg class=\"timeline\" width=\"100%\" height=\"{}\" aria-hidden=\"true\">",
        axis + 24
    );
    // Writing to a `String` cannot fail.
    for year in (first..=end).step_by(10) {
        let x = position(year);
        _ = write!(svg, "<line x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"0\" y2=\"{}\"/>", axis + 5);
    }
    let label_step = if (end - first) / 10 >= CROWDED { 20 } else { 10 };
    for year in (first..end).step_by(label_step) {
        let x = position(year);
        _ = write!(svg, "<text x=\"{x:.2}%\" dx=\"4\" y=\"{}\">{year}</text>", axis + 18);
    }
    let width = position(first + 1);
    let mut above = std::collections::BTreeMap::new();
    for &year in years {
        let height = above.entry(year).or_insert(0);
        *height += step;
        _ = write!(
            svg,
            "<rect x=\"{:.2}%\" y=\"{}\" width=\"{width:.2}%\" height=\"{}\"/>",
            position(year),
            axis - *height,
            step - 1
        );
    }
    _ = write!(svg, "<path d=\"M0 {axis}h4000\"/></svg>");
    Some(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeline_has_a_box_for_each_film_and_a_label_for_each_decade() {
        let svg = draw(&[1943, 1950, 1950, 1993]).unwrap();
        assert_eq!(svg.matches("<rect").count(), 4);
        let named: Vec<&str> =
            svg.split("</text>").filter_map(|part| part.rsplit('>').next()).take(6).collect();
        assert_eq!(named, ["1940", "1950", "1960", "1970", "1980", "1990"]);
        // 1943 of 1940 to 2000.
        assert!(
            svg.contains("<rect x=\"5.00%\" y=\"18\" width=\"1.67%\" height=\"13\"/>"),
            "{svg}"
        );
        assert_eq!(draw(&[]), None);
    }

    #[test]
    fn timeline_bounds_its_height_and_the_number_of_labels() {
        let busy = draw(&[1912; 80]).unwrap();
        assert!(busy.contains("height=\"188\" aria-hidden"), "{busy}");
        assert!(!busy.contains("y=\"-"));
        let long = draw(&[1905, 1999]).unwrap();
        assert_eq!(long.matches("<text").count(), 5);
        assert!(draw(&[1870, 2199]).is_some());
    }
}
