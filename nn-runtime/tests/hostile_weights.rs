//! Damaged weights: what the crate `safetensors` refuses is refused, what it takes and the network
//! fits is loaded to the same bits, and neither takes much memory.

#![cfg(all(feature = "std", feature = "macros"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use nn_runtime::error::Damage;
use nn_runtime::init::Generator;
use nn_runtime::prelude::*;
use safetensors::{Dtype, SafeTensors};

network! {
    network Small {
        input x: [2];
        output y = x -> normalize -> dense(3) -> tanh -> dense(1);
    }
}

/// The system's allocator, which keeps the size of the largest block of each thread.
struct Largest;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed on to the system's allocator as it is.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Largest {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.set(LARGEST.get().max(layout.size()));
        // SAFETY: the caller's promise about `layout`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise about `pointer` and `layout`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Largest = Largest;

/// A file with this header.
fn file(header: &[u8], data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header, data].concat()
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    bytes[8..].split_at(length)
}

/// The bits of all tensors, by name.
fn bits(network: &Small) -> Vec<(String, Vec<u32>)> {
    let tensors = network.parameters().chain(network.statistics());
    let mut tensors: Vec<_> = tensors
        .map(|(name, _, values)| (name.to_owned(), values.iter().map(|value| value.to_bits()).collect()))
        .collect();
    tensors.sort();
    tensors
}

/// What the crate reads, if it fits the network.
fn theirs(bytes: &[u8], network: &Small) -> Option<Vec<(String, Vec<u32>)>> {
    let file = SafeTensors::deserialize(bytes).ok()?;
    let (_, header) = SafeTensors::read_metadata(bytes).ok()?;
    let own = network.to_bytes().unwrap();
    let (_, own) = SafeTensors::read_metadata(&own).unwrap();
    for key in ["nn.hash", "nn.layout"] {
        let value = |header: &safetensors::tensor::Metadata| header.metadata().as_ref()?.get(key).cloned();
        if value(&header).is_some_and(|found| Some(found) != value(&own)) {
            return None;
        }
    }
    let mut tensors = Vec::new();
    for (name, shape, _) in network.parameters().chain(network.statistics()) {
        let view = file.tensor(name).ok().filter(|view| view.dtype() == Dtype::F32 && view.shape() == shape)?;
        let numbers = view.data().as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
        tensors.push((name.to_owned(), numbers.collect::<Vec<u32>>()));
    }
    tensors.sort();
    let are_finite = tensors.iter().flat_map(|(_, bits)| bits).all(|bits| f32::from_bits(*bits).is_finite());
    (are_finite && file.len() == tensors.len()).then_some(tensors)
}

/// A change of a file, by random numbers.
type Change = fn(&[u8], &mut dyn FnMut(usize) -> usize) -> Vec<u8>;

const PIECES: [&str; 16] = [
    "0",
    "4",
    "\"",
    "\\u0079",
    "\\ud83d",
    ",",
    "[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "}",
    "null",
    "-1",
    "1e9",
    " ",
    "18446744073709551616",
    "4294967297",
    "\0",
];

const CHANGES: [Change; 10] = [
    // A bit.
    |bytes, below| {
        let at = below(bytes.len());
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1 << below(8);
        bytes
    },
    |bytes, below| bytes[..below(bytes.len())].to_vec(),
    |bytes, below| [bytes, &vec![0; below(9)]].concat(),
    // The length of the header.
    |bytes, below| {
        let (header, _) = split(bytes);
        let length = [0, 1, header.len() - 1, header.len() + 8, bytes.len(), 99_999_999, usize::MAX][below(7)];
        [&(length as u64).to_le_bytes(), &bytes[8..]].concat()
    },
    // A number of the header.
    |bytes, below| {
        let (header, data) = split(bytes);
        let mut digits: Vec<usize> = (0..header.len()).filter(|at| header[*at].is_ascii_digit()).collect();
        let at = digits.swap_remove(below(digits.len()));
        let mut header = header.to_vec();
        header[at] = b'0' + below(10) as u8;
        file(&header, data)
    },
    // A piece of JSON.
    |bytes, below| {
        let (header, data) = split(bytes);
        let mut header = header.to_vec();
        let at = below(header.len());
        let until = (at + below(3)).min(header.len());
        header.splice(at..until, PIECES[below(16)].bytes());
        file(&header, data)
    },
    // The same member twice, or members in another order.
    |bytes, below| {
        let (header, data) = split(bytes);
        let header = String::from_utf8(header.to_vec()).unwrap();
        let mut members: Vec<&str> = header.trim_end().trim_matches(['{', '}']).split("},").collect();
        let (a, b) = (below(members.len()), below(members.len()));
        if below(4) == 0 {
            members.insert(a, members[b])
        } else {
            members.swap(a, b)
        }
        file(format!("{{{}}}}}", members.join("},")).as_bytes(), data)
    },
    // The metadata or a name with escapes.
    |bytes, below| {
        let (header, data) = split(bytes);
        let header = String::from_utf8(header.to_vec()).unwrap();
        let [from, to] = [
            ["nn.hash", "nn.has\\u0068"],
            ["nn.hash\":", "nn.hash\":\"\",\"nn.hash\":"],
            ["\"nn.layout", "\"nn.hash\":\"0\",\"nn.layout"],
            ["y.0.weight", "\\u0079.0.weight"],
            ["y.0.weight", "y.0.weight\\u0000"],
            ["__metadata__", "\\u005f_metadata__"],
        ][below(6)];
        file(header.replace(from, to).as_bytes(), data)
    },
    // A number that may not be finite.
    |bytes, below| {
        let (header, data) = split(bytes);
        let mut data = data.to_vec();
        let at = below(data.len() / 4) * 4;
        data[at..at + 4].copy_from_slice(&[f32::NAN, f32::INFINITY, -0.0, 1e-45][below(4)].to_le_bytes());
        file(header, &data)
    },
    // Another place for the data of a tensor.
    |bytes, below| {
        let (header, data) = split(bytes);
        let header = String::from_utf8(header.to_vec()).unwrap();
        let starts: Vec<usize> = header.match_indices("offsets\":[").map(|(at, found)| at + found.len()).collect();
        let range = |start: usize| start..start + header[start..].find(']').unwrap();
        let (a, b) = (range(starts[below(starts.len())]), range(starts[below(starts.len())]));
        let (a, b) = if a.start < b.start { (a, b) } else { (b, a) };
        let swapped = [
            &header[..a.start],
            &header[b.clone()],
            &header[a.end.min(b.start)..b.start],
            &header[a],
            &header[b.end..],
        ];
        file(swapped.concat().as_bytes(), data)
    },
];

#[test]
fn damaged_weights_are_read_as_by_the_crate() {
    let mut generator = Generator::new(1);
    let mut below = |bound: usize| generator.below(bound as u64) as usize;
    let network = Small::init(1);
    let whole = network.to_bytes().unwrap();
    let other = Small::init(2);
    let before = bits(&other);
    let (mut taken, mut refused, mut stricter) = (0, 0, 0);
    for round in 0..20_000 {
        let mut bytes = CHANGES[round % CHANGES.len()](&whole, &mut below);
        if below(4) == 0 && bytes.len() > 8 {
            let at = below(bytes.len());
            bytes[at] = below(256) as u8;
        }
        let expected = theirs(&bytes, &network);
        let mut slot = other.clone();
        LARGEST.set(0);
        let loaded = Small::from_bytes_in(&mut slot, &bytes);
        assert!(LARGEST.get() <= 64 << 10, "{} bytes at once", LARGEST.get());
        let text = || String::from_utf8_lossy(&bytes);
        match (&loaded, &expected) {
            (Ok(()), Some(expected)) => {
                assert_eq!(bits(&slot), *expected, "{}", text());
                taken += 1;
            }
            (Ok(()), None) => panic!("the crate refuses {}", text()),
            (Err(error), expected) => {
                assert_eq!(bits(&slot), before, "{}", text());
                if let Error::Mismatch { mismatches, .. } = error {
                    assert!(!mismatches.is_empty(), "{}", text());
                }
                // A name twice, whose last tensor counts for the crate, or other JSON that no writer writes.
                let known = |reason: &Damage| {
                    matches!(reason, Damage::Duplicate { .. } | Damage::Length { .. } | Damage::Syntax { .. })
                };
                let is_known = matches!(error, Error::Corrupt { reason, .. } if known(reason));
                assert!(expected.is_none() || is_known, "{error}: {}", text());
                if expected.is_some() { stricter += 1 } else { refused += 1 }
            }
        }
    }
    assert!(taken > 1_000 && refused > 10_000 && stricter < 600, "{taken} {refused} {stricter}");
}

/// The last value of a key counts, as in the crate.
#[test]
fn two_hashes_are_one() {
    let network = Small::init(1);
    let bytes = network.to_bytes().unwrap();
    let (header, data) = split(&bytes);
    let header = String::from_utf8(header.to_vec()).unwrap();
    let twice = |from: &str, to: &str| file(header.replace(from, to).as_bytes(), data);
    let right = twice("\"nn.hash\":", "\"nn.hash\":\"0\",\"nn.hash\":");
    assert_eq!(bits(&Small::from_bytes(&right).unwrap()), bits(&network));
    let wrong = twice("\"nn.layout\":", "\"nn.hash\":\"0\",\"nn.layout\":");
    let error = Small::from_bytes(&wrong).map(drop).unwrap_err().to_string();
    let expected = format!("nn.hash: `0` in the file, `{}` in the network", Small::HASH);
    assert!(error.contains(&expected), "{error}");
}

/// Tensors out of order are compared with each other, also where the header is read several times for
/// that.
#[test]
fn any_two_tensors_that_overlap_are_found() {
    const TENSORS: usize = 200;
    let entry = |index: usize, start: usize| {
        format!("\"{index}\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{start},{}]}}", start + 1)
    };
    // Two tensors have one place, and another place has none.
    let load = |(one, two): (usize, usize)| {
        let place = |index| TENSORS - 1 - if index == two { one } else { index };
        let entries: Vec<String> = (0..TENSORS).map(|index| entry(index, place(index))).collect();
        let header = format!("{{{}}}", entries.join(","));
        let at = 8 + header.find(&entry(one, place(one))).unwrap();
        (Small::from_bytes(&file(header.as_bytes(), &[0; TENSORS])).map(drop).unwrap_err(), at)
    };
    // All of them are sound, but not those of the network.
    assert!(matches!(load((7, 7)).0, Error::Mismatch { mismatches, .. } if mismatches.len() == TENSORS + 6));
    for pair in [(0, 1), (0, 199), (63, 64), (62, 63), (64, 65), (64, 199), (100, 140), (191, 192), (198, 199)] {
        let (error, at) = load(pair);
        assert!(
            matches!(error, Error::Corrupt { reason: Damage::Overlap { at: found }, .. } if found == at),
            "{pair:?}"
        );
    }
}
