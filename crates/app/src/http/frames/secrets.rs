//! Passwords and keys of devices: on disk as they came, on a page as asterisks.

/// What stands before a secret: password, new password, new key (2025).
const NAMES: [&[u8]; 2] = [b"PW=", b"NewSK="];

/// The bytes of a frame with every secret covered; as long as before, so that positions hold.
pub fn covered(raw: &[u8]) -> Vec<u8> {
    let mut shown = raw.to_vec();
    for name in NAMES {
        let mut from = 0;
        while let Some(found) = shown[from..].windows(name.len()).position(|window| window == name)
        {
            from += found + name.len();
            let secret = shown[from..].iter_mut().take_while(|byte| !b";,&\r\n".contains(byte));
            for byte in secret {
                *byte = b'*';
            }
        }
    }
    shown
}

/// Whether a field or item of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    matches!(name, "PW" | "NewPW" | "NewSK")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_is_covered_and_nothing_moves() {
        let check = |raw: &str, shown: &str| {
            assert_eq!(String::from_utf8(covered(raw.as_bytes())).unwrap(), shown);
        };
        check("ST=22;PW=123456;MN=X;", "ST=22;PW=******;MN=X;");
        check("CP=&&NewPW=654321&&", "CP=&&NewPW=******&&");
        check("PW=1;PW=22,NewSK=abc&&", "PW=*;PW=**,NewSK=***&&");
        check("PW=", "PW=");
        check("no secret", "no secret");
    }
}
