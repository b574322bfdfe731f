//! The first bytes of a file in, the actual type of the file out.

/// The type of a file by its first bytes, and what to do about it, if it is neither a table nor an
/// array.
pub(crate) fn seems(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x93, b'N', b'U', b'M', ..] => Some("an NPY file; write `npy: \"…\";` for it"),
        [0, 0, 8..=14, _, ..] => Some("an IDX file; write `idx: \"…\";` for it"),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => {
            Some("an image; write `images: \"…\";` for a folder of images")
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some("an Excel file (.xls); save the table as csv"),
        [b'P', b'A', b'R', b'1', ..] => Some("a Parquet file; save the table as csv"),
        [0x1f, 0x8b, ..] => Some("compressed with gzip: decompress it first"),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', ..] => Some("compressed with bzip2; decompress it, or use gzip"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("compressed with xz; decompress it, or use gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("compressed with zstd; decompress it, or use gzip"),
        _ if is_web_page(bytes) => Some("a web page: download the file itself"),
        _ => None,
    }
}

fn is_web_page(bytes: &[u8]) -> bool {
    let begins = |tag: &str| {
        bytes.trim_ascii_start().get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    begins("<html") || begins("<!doctype html")
}
