#!/usr/bin/env bash
# Runs the program of this folder on this machine and on a Cortex-M4 that qemu emulates, and compares
# what they print: predictions and losses as bits, and the stack that is taken with its bound.
#
# It is not part of .ci/run, which needs Rust and nothing else. This needs qemu-system-arm, and `core`
# for thumbv7em-none-eabihf, which it takes from the first of these places that has it:
#
# - the toolchain (`rustup target add thumbv7em-none-eabihf`);
# - its source (`rustup component add rust-src`), which is compiled;
# - Debian's packages rustc-web and rust-web-src of Rust 1.85, of which the first is unpacked below
#   target/ and the second must be installed. That compiler is older than this workspace allows, so
#   the features that it knows as unstable are enabled. It cannot compile the macro, so `nn expand`
#   writes the code of the network.
set -euo pipefail
cd "$(dirname "$0")"

target=thumbv7em-none-eabihf
sysroot=$(rustc --print sysroot)
folder=$PWD/target
program=$folder/$target/release/nn-embedded
mkdir -p "$folder"
command -v qemu-system-arm > /dev/null || { echo "install qemu-system-arm (Debian: apt-get install qemu-system-arm)"; exit 1; }

cargo run --quiet --manifest-path ../Cargo.toml -p nn-cli -- expand glyphs.nn > "$folder/glyphs.rs"
export NN_EXPANDED=$folder/glyphs.rs
cargo run --release --no-default-features --quiet > "$folder/host.txt"

build=(cargo build --release --no-default-features --target "$target")
export RUSTFLAGS="-Clink-arg=-Tlink.x ${RUSTFLAGS-}"
if [ -d "$sysroot/lib/rustlib/$target/lib" ]; then
    "${build[@]}"
elif [ -d "$sysroot/lib/rustlib/src/rust/library" ]; then
    RUSTC_BOOTSTRAP=1 "${build[@]}" -Zbuild-std=core
else
    source=$(echo /usr/src/rustc-1.85.*/library)
    [ -d "$source" ] || { echo "install the target (rustup target add $target) or Debian's rust-web-src"; exit 1; }
    debian=$folder/debian
    if [ ! -x "$debian/rustc" ]; then
        mkdir -p "$debian"
        (cd "$debian" && apt-get download rustc-web libstd-rust-web-dev libstd-rust-web-1.85 libllvm19)
        for package in "$debian"/*.deb; do dpkg -x "$package" "$debian"; done
        cat > "$debian/rustc" << END
#!/bin/sh
case " \$* " in *" --crate-name nn_runtime "* | *" --crate-name nn_embedded "*)
    set -- "\$@" "-Zcrate-attr=feature(let_chains,slice_as_chunks,slice_as_array,generic_arg_infer,unsigned_is_multiple_of,const_slice_flatten,const_copy_from_slice)" ;;
esac
export LD_LIBRARY_PATH=$debian/usr/lib/x86_64-linux-gnu:$debian/usr/lib/llvm-19/lib
exec $debian/usr/bin/rustc "\$@"
END
        chmod +x "$debian/rustc"
    fi
    host=$(rustc -vV | sed -n 's/^host: //p')
    RUSTC=$debian/rustc RUSTC_BOOTSTRAP=1 __CARGO_TESTS_ONLY_SRC_ROOT=$source \
        CARGO_TARGET_THUMBV7EM_NONE_EABIHF_LINKER=$sysroot/lib/rustlib/$host/bin/rust-lld \
        "${build[@]}" --ignore-rust-version -Zbuild-std=core
fi

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
