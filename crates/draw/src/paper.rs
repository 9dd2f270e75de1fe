//! The sheet that is drawn on: SVG is text.

use crate::axis::number;
use crate::{Look, colour};
use std::fmt::Write;

/// A picture in the making.
pub struct Paper {
    body: String,
    width: f64,
    height: f64,
    title: String,
}

/// Where a text stands against its point.
#[derive(Clone, Copy)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// Numbers that a mark carries: `data-name="value"`.
pub type Data<'a> = &'a [(&'a str, String)];

const STYLE: &str = ".skyplot{font:12px system-ui,\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\",sans-serif;background:var(--page,#fff)}\
.skyplot text{fill:var(--ink,#17212b)}.skyplot .m{fill:var(--muted,#55636f)}.skyplot .h{font-size:16px;font-weight:600}\
.skyplot .g{stroke:var(--line,#d5dce3);fill:none}.skyplot .a{stroke:var(--accent,#0b6bb0);fill:none;stroke-width:1.5}\
.skyplot .b{fill:var(--accent,#0b6bb0);fill-opacity:.18}.skyplot .i{stroke:var(--ink,#17212b);fill:none}\
.skyplot .o0,.skyplot .o1,.skyplot .o2{stroke:var(--ink,#17212b);fill:none;stroke-width:1.5;stroke-dasharray:7 3}\
.skyplot .o1{stroke-dasharray:2 3}.skyplot .o2{stroke-dasharray:9 3 2 3}\
.skyplot .w{stroke:var(--bad,#b42318);fill:none;stroke-width:1.5}.skyplot .d{fill:var(--accent,#0b6bb0)}\
.skyplot .n{fill:url(#skyplot-none)}.skyplot .q{fill:var(--warn,#8a5a00)}.skyplot .l{fill:#fff}.skyplot .k{fill:#17212b}";

impl Paper {
    /// A sheet with its head: what is shown, and of what; the subtitle may have two lines.
    pub fn new(width: f64, height: f64, look: &Look<'_>, kind: &str, subtitle: &str) -> Self {
        let mut paper = Self {
            body: String::new(),
            width,
            height,
            title: format!("{kind} · {} · {}", look.parameter, look.title),
        };
        let head = if look.parameter.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind} · {} ({})", look.parameter, look.unit)
        };
        paper.text(16.0, 24.0, Anchor::Start, "h", &head);
        for (at, line) in format!("{} · {subtitle}", look.title).lines().enumerate() {
            paper.text(16.0, 44.0 + 17.0 * at as f64, Anchor::Start, "m", line);
        }
        paper
    }

    /// The whole picture.
    pub fn finish(self) -> String {
        let Self { body, width, height, title } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"skyplot\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\"><title>{}</title><style>{STYLE}</style><defs><pattern id=\"skyplot-none\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><path d=\"M0 6L6 0\" stroke=\"var(--line,#d5dce3)\"/></pattern></defs>{body}</svg>",
            escaped(&title)
        )
    }

    /// A text.
    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.put(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\"{anchor}{class}>{}</text>",
            escaped(text)
        ));
    }

    /// A rectangle; its fill is a class or a colour.
    pub fn rect(&mut self, [x, y, width, height]: [f64; 4], fill: &str, data: Data<'_>) {
        let fill = fill_of(fill);
        let (attributes, title) = told(data);
        self.put(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" {fill}{attributes}{}",
            closed("rect", &title)
        ));
    }

    /// A path; its fill is a class or a colour.
    pub fn path(&mut self, path: &str, fill: &str, data: Data<'_>) {
        let (attributes, title) = told(data);
        self.put(format_args!(
            "<path d=\"{path}\" {}{attributes}{}",
            fill_of(fill),
            closed("path", &title)
        ));
    }

    /// A straight line.
    pub fn line(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], class: &str) {
        self.put(format_args!("<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" class=\"{class}\"/>"));
    }

    /// A circle.
    pub fn circle(&mut self, [x, y]: [f64; 2], radius: f64, class: &str, data: Data<'_>) {
        let (attributes, title) = told(data);
        self.put(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" class=\"{class}\"{attributes}{}",
            closed("circle", &title)
        ));
    }

    /// A line through points; a gap breaks it.
    pub fn curve(&mut self, points: impl Iterator<Item = Option<[f64; 2]>>, class: &str) {
        let mut path = String::new();
        let mut is_on = false;
        for point in points {
            if let Some([x, y]) = point {
                let _ = write!(path, "{}{x:.1} {y:.1}", if is_on { "L" } else { "M" });
            }
            is_on = point.is_some();
        }
        self.path(&path, class, &[]);
    }

    /// The area between two lines; a gap breaks it.
    pub fn band(&mut self, points: &[Option<[f64; 3]>], class: &str) {
        for run in points.split(Option::is_none) {
            let known = || run.iter().flatten();
            let mut path = String::new();
            let along = known().map(|[x, low, _]| (x, low));
            for (at, (x, y)) in along.chain(known().rev().map(|[x, _, high]| (x, high))).enumerate()
            {
                let _ = write!(path, "{}{x:.1} {y:.1}", if at == 0 { "M" } else { "L" });
            }
            if !path.is_empty() {
                path.push('Z');
                self.path(&path, class, &[]);
            }
        }
    }

    /// A scale of colours with its ends and a word.
    pub fn colour_bar(&mut self, [x, y]: [f64; 2], width: f64, ends: [f64; 2], word: &str) {
        let step = width / colour::LEVELS as f64;
        for level in 0..colour::LEVELS {
            let left = x + step * level as f64;
            self.rect([left, y, step + 0.5, 10.0], &colour::of_level(level), &[]);
        }
        self.text(x, y + 24.0, Anchor::Start, "m", &number(ends[0]));
        self.text(x + width, y + 24.0, Anchor::End, "m", &number(ends[1]));
        self.text(x + width / 2.0, y + 24.0, Anchor::Middle, "m", word);
    }

    /// Lines at the foot: what is in doubt.
    pub fn foot(&mut self, lines: &[String]) {
        let first = self.height - 8.0 - 16.0 * (lines.len() as f64 - 1.0);
        for (at, line) in lines.iter().enumerate() {
            self.text(16.0, first + 16.0 * at as f64, Anchor::Start, "q", &format!("⚠ {line}"));
        }
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.body.write_fmt(text);
    }
}

fn fill_of(fill: &str) -> String {
    if fill.starts_with('#') { format!("fill=\"{fill}\"") } else { format!("class=\"{fill}\"") }
}

/// The attributes of a mark, and its title when there is one (`title` among the data).
fn told(data: Data<'_>) -> (String, String) {
    let (mut attributes, mut title) = (String::new(), String::new());
    for (name, value) in data {
        if *name == "title" {
            title.clone_from(value);
        } else {
            let _ = write!(attributes, " data-{name}=\"{}\"", escaped(value));
        }
    }
    (attributes, title)
}

fn closed(tag: &str, title: &str) -> String {
    if title.is_empty() {
        "/>".to_owned()
    } else {
        format!("><title>{}</title></{tag}>", escaped(title))
    }
}

/// Text that is no markup; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// A piece of a ring between two radii and two directions from north, clockwise.
pub fn wedge([x, y]: [f64; 2], [inner, outer]: [f64; 2], [from_deg, to_deg]: [f64; 2]) -> String {
    let point = |radius: f64, deg: f64| {
        let (sin, cos) = deg.to_radians().sin_cos();
        format!("{:.1} {:.1}", x + radius * sin, y - radius * cos)
    };
    let large = i32::from(to_deg - from_deg > 180.0);
    format!(
        "M{}A{outer:.1} {outer:.1} 0 {large} 1 {}L{}A{inner:.1} {inner:.1} 0 {large} 0 {}Z",
        point(outer, from_deg),
        point(outer, to_deg),
        point(inner, to_deg),
        point(inner, from_deg)
    )
}
