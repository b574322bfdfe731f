#!/usr/bin/env bash
# Runs the program of this folder on this machine and as WebAssembly in node, with the baseline and
# with `simd128`. Compares what they print, predictions and losses as bits, and prints how long a
# prediction and a step take.
#
# It is not part of .ci/run, which needs Rust and nothing else. This needs node, and `core` for
# wasm32-unknown-unknown: `cross.sh` says where from.
set -euo pipefail
cd "$(dirname "$0")"
source ./cross.sh

target=wasm32-unknown-unknown
program=target/$target/release/nn-embedded.wasm
command -v node > /dev/null || { echo "install node (Debian: apt-get install nodejs)" >&2; exit 1; }

mkdir -p target
cargo run --quiet --manifest-path ../Cargo.toml -p nn-cli -- expand glyphs.nn > target/glyphs.rs
export NN_EXPANDED=$PWD/target/glyphs.rs
cargo build --release --no-default-features --quiet --target-dir target
target/release/nn-embedded > target/host.txt
echo "this machine:"
target/release/nn-embedded times

for features in '' +simd128; do
    cross "$target" -Clink-arg=--no-entry "-Ctarget-feature=$features"
    echo "WebAssembly ${features:-without SIMD}, $(wc -c < "$program") bytes:"
    if ! diff target/host.txt <(node wasm.mjs "$program" report); then
        echo "the bits differ (< this machine, > WebAssembly)" >&2
        exit 1
    fi
    node wasm.mjs "$program" times
done
echo "$(wc -l < target/host.txt) numbers have the same bits on this machine and in WebAssembly"
