//! A drawing as a list of flat shapes, written as compact SVG.

use std::fmt::Write as _;

use crate::dice::Dice;
use crate::palette::Tone;

/// Returns the nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "coordinates are far below the limits of i32")]
pub fn whole(value: f64) -> i32 {
    value.round() as i32
}

/// Returns `value` to a tenth, so that platforms whose sines differ in the last bit agree.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0 + 0.0
}

/// Returns the point at `degrees` (0 is right, 90 is down) and distance `r` from a centre.
pub fn polar((x, y): (f64, f64), r: f64, degrees: f64) -> (f64, f64) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    (tenths(x + r * cos), tenths(y + r * sin))
}

/// Appends `value` to a tenth, without a leading zero, and with a space only where one is needed.
pub fn push_number(text: &mut String, value: f64) {
    let value = tenths(value);
    let number = value.abs().to_string();
    let number = number.strip_prefix("0.").map_or(number.clone(), |rest| format!(".{rest}"));
    if value < 0.0 {
        text.push('-');
    } else if text.ends_with(|last: char| last.is_ascii_digit()) {
        text.push(' ');
    }
    text.push_str(&number);
}

/// The data of an SVG path.
#[derive(Default)]
pub struct Path(String);

impl Path {
    /// Appends a path command and its numbers.
    pub fn add<const N: usize>(&mut self, command: char, numbers: [f64; N]) -> &mut Self {
        self.0.push(command);
        numbers.into_iter().for_each(|number| push_number(&mut self.0, number));
        self
    }

    /// Appends an arc of radii `rx` and `ry` to a point, clockwise or not: the large one of both or
    /// not. Flags are one digit each and need no spaces.
    pub fn arc(
        &mut self,
        command: char,
        (rx, ry): (f64, f64),
        (is_large, is_clockwise): (bool, bool),
        (x, y): (f64, f64),
    ) -> &mut Self {
        self.add(command, [rx, ry]);
        let flag = |is_set| if is_set { '1' } else { '0' };
        self.0.extend([' ', '0', ' ', flag(is_large), flag(is_clockwise)]);
        let start = self.0.len();
        push_number(&mut self.0, x);
        if self.0[start..].starts_with(' ') {
            self.0.remove(start);
        }
        push_number(&mut self.0, y);
        self
    }

    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64) -> &mut Self {
        self.add('M', [x, y]).add('h', [width]).add('v', [height]).add('H', [x]).add('z', [])
    }

    /// Appends a disc: one arc to almost where it starts, which takes half the bytes of two halves.
    pub fn disc(&mut self, (x, y): (f64, f64), r: f64) -> &mut Self {
        self.add('M', [x, y - r]).arc('a', (r, r), (true, true), (-0.1, 0.0)).add('z', [])
    }

    pub fn line(&mut self, from: (f64, f64), to: (f64, f64)) -> &mut Self {
        self.add('M', [from.0, from.1, to.0, to.1])
    }

    pub fn polygon(&mut self, points: &[(f64, f64)]) -> &mut Self {
        self.0.push('M');
        for number in points.iter().flat_map(|&(x, y)| [x, y]) {
            push_number(&mut self.0, number);
        }
        self.add('z', [])
    }
}

/// How a shape is painted with its tone.
#[derive(Clone, Copy, PartialEq)]
pub enum Style {
    Fill,
    EvenOdd,
    /// Multiplied with what lies below, or screened on a dark field.
    Overprint,
    Opacity(f64),
    Line {
        width: f64,
        is_round: bool,
    },
    Dashes {
        width: f64,
        on: f64,
        off: f64,
        is_round: bool,
    },
    /// A line that encloses the tone of the field.
    Outline {
        width: f64,
        field: Tone,
    },
    /// Characters in the face of the title.
    Text {
        size: f64,
        at: (f64, f64),
    },
}

struct Shape {
    tone: Tone,
    style: Style,
    path: Path,
}

/// Shapes from back to front, and the dice that place them.
pub struct Canvas {
    pub dice: Dice,
    shapes: Vec<Shape>,
}

impl Canvas {
    pub fn new(dice: Dice) -> Self {
        Self { dice, shapes: Vec::new() }
    }

    /// Returns the path to extend: that of the last shape, if it is painted alike.
    pub fn shape(&mut self, tone: Tone, style: Style) -> &mut Path {
        let is_alike =
            self.shapes.last().is_some_and(|last| (last.tone, last.style) == (tone, style));
        if !is_alike || matches!(style, Style::Overprint | Style::Outline { .. }) {
            self.shapes.push(Shape { tone, style, path: Path::default() });
        }
        let last = self.shapes.len() - 1;
        &mut self.shapes[last].path
    }

    pub fn fill(&mut self, tone: Tone) -> &mut Path {
        self.shape(tone, Style::Fill)
    }

    pub fn even_odd(&mut self, tone: Tone) -> &mut Path {
        self.shape(tone, Style::EvenOdd)
    }

    pub fn overprint(&mut self, tone: Tone) -> &mut Path {
        self.shape(tone, Style::Overprint)
    }

    pub fn line(&mut self, tone: Tone, width: f64) -> &mut Path {
        self.shape(tone, Style::Line { width: tenths(width), is_round: false })
    }

    /// Returns a path of lines with round ends; one of no length makes a dot.
    pub fn round(&mut self, tone: Tone, width: f64) -> &mut Path {
        self.shape(tone, Style::Line { width: tenths(width), is_round: true })
    }

    pub fn text(&mut self, tone: Tone, size: f64, at: (f64, f64), text: &str) {
        self.shape(tone, Style::Text { size: tenths(size), at }).0.push_str(text);
    }

    /// Joins the shapes that are painted alike, which must not overlap others.
    pub fn join(&mut self) {
        let mut joined: Vec<Shape> = Vec::new();
        for shape in self.shapes.drain(..) {
            let alike = |other: &&mut Shape| (other.tone, other.style) == (shape.tone, shape.style);
            match joined.iter_mut().find(alike) {
                Some(other) => other.path.0.push_str(&shape.path.0),
                None => joined.push(shape),
            }
        }
        self.shapes = joined;
    }

    /// Returns the shapes as SVG elements with classes of the style sheet, on a light field or not.
    pub fn svg(&self, is_light: bool) -> String {
        let mut svg = String::new();
        for shape in &self.shapes {
            shape.push_to(&mut svg, is_light);
        }
        svg
    }
}

impl Shape {
    fn push_to(&self, svg: &mut String, is_light: bool) {
        let letter = self.tone.letter();
        let (tone, class) = match self.style {
            Style::Fill | Style::Opacity(_) => (letter, ""),
            Style::EvenOdd => (letter, " e"),
            Style::Overprint => (letter, if is_light { " m" } else { " n" }),
            Style::Text { .. } => (letter, " t"),
            Style::Line { is_round: true, .. } => (letter.to_ascii_uppercase(), " r"),
            Style::Dashes { is_round: true, .. } => (letter.to_ascii_uppercase(), " r"),
            _ => (letter.to_ascii_uppercase(), ""),
        };
        let name = if matches!(self.style, Style::Text { .. }) { "text" } else { "path" };
        // Writing to a `String` cannot fail.
        _ = write!(svg, "<{name} class=\"{tone}{class}");
        if let Style::Outline { field, .. } = self.style {
            _ = write!(svg, " f{}", field.letter());
        }
        svg.push('"');
        let mut attribute = |name: &str, numbers: &[f64]| {
            _ = write!(svg, " {name}=\"");
            numbers.iter().for_each(|&number| push_number(svg, number));
            svg.push('"');
        };
        match self.style {
            Style::Line { width, .. } | Style::Outline { width, .. } => {
                attribute("stroke-width", &[width]);
            }
            Style::Dashes { width, on, off, .. } => {
                attribute("stroke-width", &[width]);
                attribute("stroke-dasharray", &[on, off]);
            }
            Style::Text { size, at: (x, y) } => {
                attribute("x", &[x]);
                attribute("y", &[y]);
                attribute("font-size", &[size]);
            }
            Style::Opacity(opacity) => _ = write!(svg, " opacity=\"{opacity:.2}\""),
            _ => {}
        }
        let path = &self.path.0;
        _ = if name == "text" {
            write!(svg, ">{path}</text>")
        } else {
            write!(svg, " d=\"{path}\"/>")
        };
    }
}
