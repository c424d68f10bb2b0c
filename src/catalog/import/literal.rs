//! Values in a cell: JSON, or Python's way of writing the same.

use serde_json::{Map, Number, Value};

/// Deeper nesting is no list of people.
const DEEPEST: usize = 16;

/// JSON or a Python literal; `None` when it is neither.
pub fn read(cell: &str) -> Option<Value> {
    serde_json::from_str(cell).ok().or_else(|| {
        let mut python = Python { rest: cell };
        let value = python.value(0)?;
        python.space();
        python.rest.is_empty().then_some(value)
    })
}

struct Python<'a> {
    rest: &'a str,
}

impl Python<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.space();
        if depth > DEEPEST {
            return None;
        }
        match self.rest.chars().next()? {
            '[' => self.list(']', depth),
            '(' => self.list(')', depth),
            '{' => self.dict(depth),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.word(),
        }
    }

    fn list(&mut self, end: char, depth: usize) -> Option<Value> {
        self.skip(1);
        let mut values = Vec::new();
        loop {
            if self.takes(end) {
                return Some(Value::Array(values));
            }
            values.push(self.value(depth + 1)?);
            if !self.takes(',') {
                return self.takes(end).then_some(Value::Array(values));
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Value> {
        self.skip(1);
        let mut values = Map::new();
        loop {
            if self.takes('}') {
                return Some(Value::Object(values));
            }
            self.space();
            let key = self.text()?;
            let value = if self.takes(':') { self.value(depth + 1)? } else { return None };
            values.insert(key, value);
            if !self.takes(',') {
                return self.takes('}').then_some(Value::Object(values));
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        let mut letters = self.rest.chars();
        let quote = letters.next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let mut text = String::new();
        loop {
            match letters.next()? {
                end if end == quote => break,
                '\\' => match letters.next()? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    'x' => text.push(hexadecimal(&mut letters, 2)?),
                    'u' => text.push(hexadecimal(&mut letters, 4)?),
                    'U' => text.push(hexadecimal(&mut letters, 8)?),
                    '\n' => {}
                    letter @ ('\\' | '\'' | '"') => text.push(letter),
                    other => text.extend(['\\', other]),
                },
                letter => text.push(letter),
            }
        }
        self.rest = letters.as_str();
        Some(text)
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.rest.find([',', ']', ')', '}', ':', ' ']).unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        let value = match word {
            "None" | "nan" => Value::Null,
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            number => Value::Number(number.parse::<Number>().ok()?),
        };
        self.skip(end);
        Some(value)
    }

    fn takes(&mut self, letter: char) -> bool {
        self.space();
        let taken = self.rest.starts_with(letter);
        if taken {
            self.skip(letter.len_utf8());
        }
        taken
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }
}

fn hexadecimal(letters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let code: String = letters.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&code, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_python_mean_the_same() {
        let expected = json!([{"id": 16, "name": "L'Été \"x\"", "n": null, "b": true, "f": 0.5}]);
        let python =
            r#"[{'id': 16, 'name': "L'\xc9t\u00e9 \"x\"", 'n': None, 'b': True, 'f': 0.5, },]"#;
        assert_eq!(read(python), Some(expected.clone()));
        assert_eq!(read(&expected.to_string()), Some(expected));
        assert_eq!(read("('a', [])"), Some(json!(["a", []])));
        assert_eq!(read(r"'AC\DC'"), Some(json!("AC\\DC")));
        for broken in ["", "[", "[1", "{'a'", "{'a':}", "['a' 'b']", "os.system('x')", "'\\ud800'"]
        {
            assert_eq!(read(broken), None, "{broken}");
        }
        assert_eq!(read(&"[".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(cell in "[\\[\\]{}()'\":,\\\\xu0-9aNone é]{0,60}") {
            _ = read(&cell);
        }
    }
}
