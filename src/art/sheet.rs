//! The sheet a motif is cut from: flat shapes in a square of 200 by 200, kept as short as SVG allows.

use std::fmt::Write as _;

use super::colour::Tone;

/// Shapes from back to front. Neighbours of one tone become one path.
#[derive(Default)]
pub struct Sheet(Vec<Shape>);

struct Shape {
    tone: Tone,
    /// `None` is filled.
    stroke: Option<Stroke>,
    path: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Stroke {
    width: i32,
    is_round: bool,
}

/// A circle as the data of a path, clockwise.
pub fn disc(x: i32, y: i32, r: i32) -> String {
    let wide = 2 * r;
    format!("M{} {y}a{r} {r} 0 1 1 {wide} 0a{r} {r} 0 1 1 -{wide} 0z", x - r)
}

/// A rectangle as the data of a path, clockwise.
pub fn rect(x: i32, y: i32, width: i32, height: i32) -> String {
    format!("M{x} {y}h{width}v{height}h{}z", -width)
}

/// The point at `degrees` (0 is right, 90 is down) and `r` from a centre.
pub fn polar(x: i32, y: i32, r: i32, degrees: i32) -> (f64, f64) {
    let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
    // Rounded to a tenth, platforms whose sine differs in the last bit agree.
    let tenth = |value: f64| (value * 10.0).round() / 10.0 + 0.0;
    (tenth(f64::from(x) + f64::from(r) * cos), tenth(f64::from(y) + f64::from(r) * sin))
}

/// The closed path through `points`.
pub fn polygon(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = String::from("M");
    for (x, y) in points {
        let _ = write!(path, "{x} {y} ");
    }
    path.pop();
    path.push('z');
    path
}

impl Sheet {
    pub fn field(&mut self, tone: Tone) {
        self.fill(tone, "M0 0h200v200H0z");
    }

    pub fn fill(&mut self, tone: Tone, path: impl AsRef<str>) {
        self.add(tone, None, path.as_ref());
    }

    pub fn disc(&mut self, tone: Tone, x: i32, y: i32, r: i32) {
        self.fill(tone, disc(x, y, r));
    }

    pub fn rect(&mut self, tone: Tone, x: i32, y: i32, width: i32, height: i32) {
        self.fill(tone, rect(x, y, width, height));
    }

    pub fn line(&mut self, tone: Tone, width: i32, path: impl AsRef<str>) {
        self.add(tone, Some(Stroke { width, is_round: false }), path.as_ref());
    }

    /// A line with round ends and joints. `h0` after a move makes a dot.
    pub fn round(&mut self, tone: Tone, width: i32, path: impl AsRef<str>) {
        self.add(tone, Some(Stroke { width, is_round: true }), path.as_ref());
    }

    pub fn ring(&mut self, tone: Tone, width: i32, x: i32, y: i32, r: i32) {
        self.line(tone, width, disc(x, y, r));
    }

    /// Somebody in a coat, seen from far; `y` is the ground under the feet.
    pub fn figure(&mut self, tone: Tone, x: i32, y: i32, height: i32) {
        let (head, wide) = (height / 7, height / 4);
        let body = height - 2 * head;
        let (neck, hem) = (wide * 2 / 3, wide * 3 / 4);
        self.disc(tone, x, y - height + head, head);
        self.fill(
            tone,
            format!(
                "M{} {y}L{} {} {x} {}L{} {} {} {y}z",
                x - hem,
                x - neck,
                y - body * 3 / 4,
                y - body - 2,
                x + neck,
                y - body * 3 / 4,
                x + hem
            ),
        );
    }

    fn add(&mut self, tone: Tone, stroke: Option<Stroke>, path: &str) {
        if let Some(last) = self.0.last_mut()
            && (last.tone, last.stroke) == (tone, stroke)
        {
            last.path.push_str(path);
        } else {
            self.0.push(Shape { tone, stroke, path: path.to_owned() });
        }
    }

    /// The shapes as SVG; `paint` gives the attributes that colour a tone: as an area (`None`), or
    /// as a line, with round ends or not.
    pub fn svg(&self, paint: impl Fn(Tone, Option<bool>) -> String) -> String {
        let mut svg = String::new();
        for Shape { tone, stroke, path } in &self.0 {
            let paint = paint(*tone, stroke.map(|stroke| stroke.is_round));
            let width = stroke
                .map(|stroke| format!(" stroke-width=\"{}\"", stroke.width))
                .unwrap_or_default();
            let path = path.replace(" -", "-");
            let _ = write!(svg, "<path {paint}{width} d=\"{path}\"/>");
        }
        svg
    }
}
