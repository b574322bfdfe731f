//! Finds the best instruction set of this machine, as `isa::Path::current` does.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(set, values(\"avx512\", \"avx2\", \"baseline\"))");
    println!("cargo::rustc-cfg=set=\"{}\"", best());
}

#[cfg(target_arch = "x86_64")]
fn best() -> &'static str {
    use std::arch::is_x86_feature_detected as has;
    let avx2 = has!("avx2") && has!("fma");
    let avx512 = has!("avx512f") && has!("avx512vl") && has!("avx512dq") && has!("avx512bw");
    match (avx2, avx512) {
        (true, true) => "avx512",
        (true, false) => "avx2",
        (false, _) => "baseline",
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn best() -> &'static str {
    "baseline"
}
