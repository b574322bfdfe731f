#!/usr/bin/env bash
# Runs the program of this folder on this machine and on a Cortex-M4 that qemu emulates, and compares
# what they print: predictions and losses as bits, and the stack that is taken with its bound.
#
# It is not part of .ci/run, which needs Rust and nothing else. This needs qemu-system-arm,
# llvm-objdump, and `core` for thumbv7em-none-eabihf: `cross.sh` says where from. `nn expand` writes the code of the network, so
# the macro is not compiled.
set -euo pipefail
cd "$(dirname "$0")"
source ./cross.sh

target=thumbv7em-none-eabihf
folder=$PWD/target
program=$folder/$target/release/nn-embedded
mkdir -p "$folder"
command -v qemu-system-arm > /dev/null || { echo "install qemu-system-arm (Debian: apt-get install qemu-system-arm)"; exit 1; }
command -v llvm-objdump > /dev/null || { echo "install llvm-objdump (Debian: apt-get install llvm)"; exit 1; }

cargo run --quiet --manifest-path ../Cargo.toml -p nn-cli -- expand glyphs.nn > "$folder/glyphs.rs"
export NN_EXPANDED=$folder/glyphs.rs
cargo run --release --no-default-features --quiet --target-dir target > "$folder/host.txt"

cross "$target" -Clink-arg=-Tlink.x

timeout 120 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none \
    -semihosting-config enable=on,target=native -kernel "$program" > "$folder/arm.txt"

echo "bytes in flash and in RAM:"
size "$program"
grep stack "$folder/arm.txt"
if ! diff <(grep -v stack "$folder/host.txt") <(grep -v stack "$folder/arm.txt"); then
    echo "the bits differ (< this machine, > Cortex-M4)"
    exit 1
fi
while read -r _ name taken _ bound; do
    [ "$taken" -le "$bound" ] || { echo "$name takes $taken bytes of stack, more than its bound $bound"; exit 1; }
done < <(grep stack "$folder/arm.txt")
echo "$(grep -c -v stack "$folder/arm.txt") numbers have the same bits on this machine and on a Cortex-M4"

# A prediction clears memory and checks sizes. Other panics would be called here, and f64 too.
calls=$(llvm-objdump --disassemble --demangle --no-show-raw-insn "$program" |
    awk '/>:$/ && !/<\$/ {inside = /Session.*predict.*>:$/} inside' |
    sed -n 's/.*\sbl\s.* <\([^+]*\)>.*/\1/p' | sort | uniq -c)
[ -n "$calls" ] || { echo "the code of a prediction was not found"; exit 1; }
echo "calls in the code of a prediction:"
echo "$calls"
if grep -vE ' (__aeabi_mem[a-z0-9]+|core::panicking::panic_bounds_check|core::slice::index::slice_index_fail)$' <<< "$calls"; then
    echo "these calls are not expected"
    exit 1
fi
