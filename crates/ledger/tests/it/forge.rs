//! Changes as an attacker builds them: any header, any columns, always with the right checksum.

use automerge::{Change, ExpandedChange};
use model::ChangeHash;
use sha2::{Digest, Sha256};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// A chunk of this type around a body, its checksum that of the plain change.
pub(crate) fn chunk(kind: u8, body: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut hashed = vec![1];
    hashed.extend(unsigned(plain.len() as u64));
    hashed.extend(plain);
    let mut bytes = MAGIC.to_vec();
    bytes.extend(&Sha256::digest(&hashed)[..4]);
    bytes.push(kind);
    bytes.extend(unsigned(body.len() as u64));
    bytes.extend(body);
    bytes
}

/// A plain change chunk.
pub(crate) fn seal(body: &[u8]) -> Vec<u8> {
    chunk(1, body, body)
}

/// A deflated change chunk.
pub(crate) fn deflate(body: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).expect("memory");
    chunk(2, &encoder.finish().expect("memory"), body)
}

/// What a plain chunk holds.
pub(crate) fn body(bytes: &[u8]) -> &[u8] {
    let length = bytes[9..].iter().position(|byte| byte & 0x80 == 0).expect("a length") + 1;
    &bytes[9 + length..]
}

/// A change chunk with any columns: pairs of specification and bytes.
pub(crate) struct Forged {
    pub(crate) deps: Vec<ChangeHash>,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) time: i64,
    pub(crate) message: Vec<u8>,
    pub(crate) columns: Vec<(u64, Vec<u8>)>,
    pub(crate) footer: Vec<u8>,
}

impl Forged {
    pub(crate) fn new(columns: Vec<(u64, Vec<u8>)>) -> Self {
        Self { deps: vec![], seq: 1, start_op: 1, time: 1, message: vec![], columns, footer: vec![] }
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = unsigned(self.deps.len() as u64);
        self.deps.iter().for_each(|hash| body.extend(hash.0));
        body.extend(unsigned(16));
        body.extend([7; 16]);
        body.extend(unsigned(self.seq));
        body.extend(unsigned(self.start_op));
        body.extend(signed(self.time));
        body.extend(unsigned(self.message.len() as u64));
        body.extend(&self.message);
        body.extend(unsigned(0));
        body.extend(unsigned(self.columns.len() as u64));
        for (specification, column) in &self.columns {
            body.extend(unsigned(*specification));
            body.extend(unsigned(column.len() as u64));
        }
        self.columns.iter().for_each(|(_, column)| body.extend(column));
        body.extend(&self.footer);
        body
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        seal(&self.body())
    }
}

/// A change's columns: everything before them, then each with its specification.
pub(crate) struct Columns {
    head: Vec<u8>,
    pub(crate) columns: Vec<(u64, Vec<u8>)>,
}

impl Columns {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let body = body(bytes);
        let mut at = 0;
        let dep_count = read(body, &mut at);
        at += 32 * dep_count as usize;
        at += read(body, &mut at) as usize;
        for _ in 0..3 {
            read(body, &mut at);
        }
        at += read(body, &mut at) as usize;
        for _ in 0..read(body, &mut at) {
            at += read(body, &mut at) as usize;
        }
        let head = body[..at].to_vec();
        let headers: Vec<(u64, u64)> =
            (0..read(body, &mut at)).map(|_| (read(body, &mut at), read(body, &mut at))).collect();
        let mut columns = Vec::new();
        for (specification, length) in headers {
            columns.push((specification, body[at..at + length as usize].to_vec()));
            at += length as usize;
        }
        Self { head, columns }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut body = self.head.clone();
        body.extend(unsigned(self.columns.len() as u64));
        for (specification, column) in &self.columns {
            body.extend(unsigned(*specification));
            body.extend(unsigned(column.len() as u64));
        }
        self.columns.iter().for_each(|(_, column)| body.extend(column));
        seal(&body)
    }
}

/// An unsigned number, or the bits of a signed one, which is as long.
fn read(bytes: &[u8], at: &mut usize) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[*at];
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

/// So many times the same number, as a run.
pub(crate) fn run(count: i64, value: u64) -> Vec<u8> {
    let mut bytes = signed(count);
    bytes.extend(unsigned(value));
    bytes
}

pub(crate) fn unsigned(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

pub(crate) fn signed(mut number: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        let last = (number == 0 && byte & 0x40 == 0) || (number == -1 && byte & 0x40 != 0);
        bytes.push(if last { byte } else { byte | 0x80 });
        if last {
            return bytes;
        }
    }
}

/// The change with its operations or header altered, written as Automerge writes it.
pub(crate) fn altered(bytes: &[u8], alter: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
    let mut change = Change::try_from(bytes).expect("a sound change").decode();
    alter(&mut change);
    Change::from(change).raw_bytes().to_vec()
}
