//! Writing Mapbox vector tiles, version 2.1: layers of points with properties, and nothing else.
//!
//! <https://github.com/mapbox/vector-tile-spec/tree/master/2.1>. The two crates that write this format
//! bring a compiler of protocol buffers each; points need these sixty lines.

use std::collections::HashMap;

/// A value of a property.
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A whole number from 0.
    Count(u64),
}

/// A layer that is being written.
pub struct Layer {
    body: Vec<u8>,
    keys: Vec<&'static str>,
    values: HashMap<Vec<u8>, u64>,
    /// Values as they are written, in the order of their numbers.
    written: Vec<u8>,
}

impl Layer {
    /// A layer without features.
    pub fn new(name: &str) -> Self {
        let mut body = vec![];
        field(&mut body, 1, name.as_bytes());
        Self { body, keys: vec![], values: HashMap::new(), written: vec![] }
    }

    /// Adds a point at units of the tile, with its properties.
    pub fn point(&mut self, id: u64, at: [i32; 2], tags: &[(&'static str, Value<'_>)]) {
        let mut numbers = vec![];
        for (key, value) in tags {
            varint(&mut numbers, self.key(key));
            varint(&mut numbers, self.value(value));
        }
        let mut feature = vec![];
        number(&mut feature, 1, id);
        field(&mut feature, 2, &numbers);
        // A point.
        number(&mut feature, 3, 1);
        // Move once to a place, each step written zigzag.
        let mut geometry = vec![9];
        for units in at {
            varint(&mut geometry, u64::from((units << 1 ^ units >> 31).cast_unsigned()));
        }
        field(&mut feature, 4, &geometry);
        field(&mut self.body, 2, &feature);
    }

    /// The layer as a part of a tile.
    pub fn write(mut self) -> Vec<u8> {
        for key in self.keys {
            field(&mut self.body, 3, key.as_bytes());
        }
        self.body.extend(self.written);
        number(&mut self.body, 5, 4_096);
        number(&mut self.body, 15, 2);
        let mut part = vec![];
        field(&mut part, 3, &self.body);
        part
    }

    fn key(&mut self, key: &'static str) -> u64 {
        let known = self.keys.iter().position(|known| *known == key);
        known.unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        }) as u64
    }

    fn value(&mut self, value: &Value<'_>) -> u64 {
        let mut bytes = vec![];
        match value {
            Value::Text(text) => field(&mut bytes, 1, text.as_bytes()),
            Value::Number(value) => {
                // Field 3, eight bytes.
                bytes.push(3 << 3 | 1);
                bytes.extend(value.to_le_bytes());
            }
            Value::Count(count) => number(&mut bytes, 5, *count),
        }
        let next = self.values.len() as u64;
        if let Some(known) = self.values.get(&bytes) {
            return *known;
        }
        field(&mut self.written, 4, &bytes);
        self.values.insert(bytes, next);
        next
    }
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number > 127 {
        out.push(number as u8 & 127 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

fn number(out: &mut Vec<u8>, field: u64, number: u64) {
    varint(out, field << 3);
    varint(out, number);
}

fn field(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// These bytes were read back with `@mapbox/vector-tile`, the decoder of the maps of the web, as the
    /// layer `places` with the point 25, 17, id 300 and both properties.
    #[test]
    fn a_tile_is_what_decoders_read() {
        let mut layer = Layer::new("places");
        layer.point(300, [25, 17], &[("zh", Value::Text("站")), ("value", Value::Number(35.5))]);
        layer.point(1, [-1, 4_097], &[("zh", Value::Text("站")), ("level", Value::Count(200))]);
        let mut hex = String::new();
        for byte in layer.write() {
            write!(hex, "{byte:02x}").unwrap();
        }
        assert_eq!(
            hex,
            "1a5a0a06706c61636573121008ac02120400000101180122030932221210080112040000020218012204090182401a027a681a0576616c75651a056c6576656c22050a03e7ab992209190000000000c04140220328c8012880207802"
        );
    }
}
