//! Year, title and director of a poster that is a file: set here, as SVG does not break lines.

use std::fmt::Write as _;

use super::colour::Tone;

/// The text of the panel, placed for a panel at the foot of a poster of 400 by 600.
pub struct Lettering {
    pub svg: String,
    /// Of the panel; more lines make it taller.
    pub height: i32,
}

/// How films of a time were titled.
struct Face {
    families: &'static str,
    weight: i32,
    /// Letters between this one's and the next one's start, in hundredths of the size, of an
    /// average small letter, with a quarter in reserve: the reader's font is not known.
    advance: i32,
}

const ROOM: i32 = 344;
const MARGIN: i32 = 28;
const MOST_LINES: usize = 6;
const SIZES: [i32; 7] = [56, 48, 42, 36, 31, 26, 22];
/// Longest text in letters that is kept; the rest becomes an ellipsis.
const LONGEST_TITLE: usize = 150;
const LONGEST_DIRECTOR: usize = 50;

/// Sets the panel's text in the colours of `colour`.
pub fn set(
    title: &str,
    year: Option<i16>,
    director: Option<&str>,
    colour: impl Fn(Tone) -> String,
) -> Lettering {
    let title = clean(title, LONGEST_TITLE);
    let director = director.map(|name| clean(name, LONGEST_DIRECTOR)).unwrap_or_default();
    let face = face(year);
    let (size, lines) = fit(&title, &face);
    let leading = size * 11 / 10;
    let count = i32::try_from(lines.len()).unwrap_or(1);
    let below = if director.is_empty() { 30 } else { 66 };
    let height = 54 + count * leading + below;

    let mut svg = String::new();
    let mut baseline = 600 - height + 42;
    if let Some(year) = year {
        let accent = colour(Tone::Accent);
        let _ = write!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{baseline}\" fill=\"{accent}\" font-family=\"system-ui,sans-serif\" \
             font-size=\"18\" letter-spacing=\"3\">{year}</text>"
        );
    }
    let ink = colour(Tone::Ink);
    let _ = write!(
        svg,
        "<g fill=\"{ink}\" font-family=\"{}\" font-weight=\"{}\" font-size=\"{size}\">",
        face.families, face.weight
    );
    let side = side(&title);
    baseline += 12 + size / 8;
    for line in &lines {
        baseline += leading;
        let _ =
            write!(svg, "<text {side} y=\"{}\">{}</text>", baseline - leading / 5, escape(line));
    }
    svg.push_str("</g>");
    if !director.is_empty() {
        let letters = i32::try_from(director.chars().count()).unwrap_or(1);
        let size = (ROOM * 100 / 62 / letters).clamp(11, 19);
        let _ = write!(
            svg,
            "<text {} y=\"570\" fill=\"{ink}\" font-family=\"system-ui,sans-serif\" \
             font-size=\"{size}\">{}</text>",
            self::side(&director),
            escape(&director)
        );
    }
    Lettering { svg, height }
}

const fn face(year: Option<i16>) -> Face {
    let (families, weight, advance) = match year {
        Some(..1930) => ("Didot,'Bodoni MT','Noto Serif Display',Georgia,serif", 400, 64),
        Some(1930..1960) | None => {
            ("'Iowan Old Style','Palatino Linotype',Palatino,'Book Antiqua',Georgia,serif", 700, 68)
        }
        Some(1960..1980) => ("Futura,'Century Gothic','Avenir Next',Jost,sans-serif", 700, 70),
        Some(1980..) => ("'Helvetica Neue',Inter,Arial,'Liberation Sans',sans-serif", 800, 70),
    };
    Face { families, weight, advance }
}

/// The largest size at which the title fits, and its lines.
fn fit(title: &str, face: &Face) -> (i32, Vec<String>) {
    for size in SIZES {
        let lines = break_lines(title, size, face);
        let widest = pieces(title).iter().map(|piece| width(piece.trim_end(), face)).max();
        // A word is broken only where no size takes it whole.
        if widest.is_some_and(|widest| widest > ROOM * 100 / size) {
            continue;
        }
        let allowed = if size >= 42 {
            3
        } else if size >= 31 {
            4
        } else {
            MOST_LINES - 1
        };
        if lines.len() <= allowed {
            return (size, lines);
        }
    }
    let size = SIZES[SIZES.len() - 1];
    let mut lines = break_lines(title, size, face);
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines[MOST_LINES - 1].push('…');
    }
    (size, lines)
}

fn break_lines(title: &str, size: i32, face: &Face) -> Vec<String> {
    let room = ROOM * 100 / size;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces(title) {
        let joined = format!("{line}{piece}");
        if width(joined.trim_end(), face) <= room || line.is_empty() {
            line = joined;
        } else {
            lines.push(std::mem::replace(&mut line, piece));
        }
        // A word longer than a line is broken where the line ends.
        while width(line.trim_end(), face) > room {
            let mut rest =
                line.split_off(line.char_indices().nth(1).map_or(line.len(), |(at, _)| at));
            while let Some(letter) = rest.chars().next()
                && width(&line, face) + width(letter.encode_utf8(&mut [0; 4]), face) <= room
            {
                line.push(letter);
                rest.remove(0);
            }
            if rest.is_empty() {
                break;
            }
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// What must stay on one line: a word with the space after it, or one letter of CJK.
fn pieces(title: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut may_break = false;
    for letter in title.chars() {
        // 、。」 and their like never begin a line.
        let closes = matches!(letter, '、' | '。' | '」' | '』' | '！' | '？' | 'ー' | '）');
        let wide = is_wide(letter);
        if (may_break && letter != ' ' || wide) && !closes {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
        may_break = letter == ' ' || letter == '-' || letter == '–' || wide;
    }
    pieces
}

/// In hundredths of the type size.
fn width(text: &str, face: &Face) -> i32 {
    text.chars()
        .map(|letter| match letter {
            _ if is_wide(letter) => 106,
            'i' | 'j' | 'l' | 't' | 'f' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '’' | '!' => {
                face.advance * 6 / 10
            }
            'm' | 'w' | 'M' | 'W' | '—' | '…' | '@' | '%' => face.advance * 3 / 2,
            _ if letter.is_uppercase() => face.advance * 5 / 4,
            _ => face.advance,
        })
        .sum()
}

/// Letters that stand in a square and between which a line may end.
const fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}')
}

/// Attributes that place a text by the direction of its first strong letter.
fn side(text: &str) -> String {
    let is_rtl = text.chars().find(|letter| letter.is_alphabetic()).is_some_and(|letter| {
        matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    });
    if is_rtl {
        format!("direction=\"rtl\" x=\"{}\"", 400 - MARGIN)
    } else {
        format!("x=\"{MARGIN}\"")
    }
}

/// One line of at most `most` letters without control characters and marks that turn text round.
fn clean(text: &str, most: usize) -> String {
    let text: String = text
        .chars()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| !letter.is_control() && !is_forbidden(*letter))
        .collect();
    let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

const fn is_forbidden(letter: char) -> bool {
    // Bidi controls, other invisible format characters, and what XML 1.0 does not allow.
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{200b}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}' | '\u{ffff}')
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{clean, escape, face, fit, side};

    #[test]
    fn control_and_bidi_characters_are_dropped() {
        assert_eq!(clean("  A\u{0}B\u{202e}\tC\u{200f}\n\u{1b} D ", 50), "AB C D");
    }

    #[test]
    fn a_text_too_long_ends_in_an_ellipsis() {
        assert_eq!(clean("abcdefgh", 5), "abcd…");
    }

    #[test]
    fn marks_of_xml_are_escaped() {
        assert_eq!(escape("<\"&\">"), "&lt;&quot;&amp;&quot;&gt;");
    }

    #[test]
    fn the_first_strong_letter_decides_the_direction() {
        assert!(side("12: ביקור התזמורת").contains("rtl"));
        assert!(side("کسی از گربه").contains("rtl"));
        assert!(!side("M (ביקור)").contains("rtl"));
    }

    #[test]
    fn a_short_title_is_one_large_line() {
        assert_eq!(fit("M", &face(Some(1931))), (56, vec!["M".to_owned()]));
    }

    #[test]
    fn cjk_breaks_between_letters_but_not_before_a_stop() {
        let (size, lines) = fit("千と千尋の神隠し、千と千尋", &face(Some(2001)));
        assert!(size >= 42 && lines.len() > 1, "{size} {lines:?}");
        assert!(lines.iter().all(|line| !line.starts_with('、')));
        assert_eq!(lines.concat(), "千と千尋の神隠し、千と千尋");
    }

    #[test]
    fn a_long_word_is_broken_and_nothing_is_lost() {
        let word = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch";
        let (_, lines) = fit(word, &face(Some(1990)));
        assert_eq!(lines.concat(), word);
    }
}
