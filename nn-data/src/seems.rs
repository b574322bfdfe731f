//! The first bytes of a file in, what it is instead of what it should be out.

/// What a file is by its first bytes, and what to do about it, where neither tables nor arrays begin so.
pub(crate) fn seems(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x93, b'N', b'U', b'M', ..] => Some("an NPY file, which is named by `npy: \"…\";`"),
        [0, 0, 8..=14, _, ..] => Some("an IDX file, which is named by `idx: \"…\";`"),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => {
            Some("an image; a folder of images is named by `images: \"…\";`")
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some("an Excel file (.xls); save the table as csv"),
        [b'P', b'A', b'R', b'1', ..] => Some("a Parquet file; save the table as csv"),
        [0x1f, 0x8b, ..] => Some("packed by gzip: unpack it first"),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', ..] => Some("packed by bzip2; unpack it, or pack it by gzip"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("packed by xz; unpack it, or pack it by gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("packed by zstd; unpack it, or pack it by gzip"),
        _ if is_web_page(bytes) => Some("a web page: fetch the file itself"),
        _ => None,
    }
}

fn is_web_page(bytes: &[u8]) -> bool {
    let begins = |tag: &str| {
        bytes.trim_ascii_start().get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    begins("<html") || begins("<!doctype html")
}
