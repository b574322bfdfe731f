//! Loops that count.

/// `for i in 0..n`, and for two counts the same from the first one on. It is not a closure, so
/// `return` leaves the function.
///
/// At opt-level 0 each step of an iterator is five calls or more. Optimised code is the same.
macro_rules! each {
    ($count:expr, |$index:ident| $body:expr) => {
        each!(0, $count, |$index| $body)
    };
    ($first:expr, $end:expr, |$index:ident| $body:expr) => {{
        let end: usize = $end;
        let mut next: usize = $first;
        while next < end {
            let $index = next;
            next = next.wrapping_add(1); // At most `end`: nothing to check.
            $body;
        }
    }};
}

pub(crate) use each;
