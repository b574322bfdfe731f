# Builds the program of this folder for a target without `std`: `cross TARGET [FLAGS OF RUSTC…]`.
# `run.sh` and `run_wasm.sh` read this file. `core` for the target is taken from the first of these
# places that has it:
#
# - the toolchain (`rustup target add TARGET`);
# - its source (`rustup component add rust-src`), which is compiled;
# - Debian's packages of Rust 1.89 or later, `rustc-web` and `rust-web-src`, of which the first is
#   unpacked below target/ and the second must be installed.

cross() {
    local target=$1 flags=("${@:2}")
    local sysroot host build
    sysroot=$(rustc --print sysroot)
    host=$(rustc -vV | sed -n 's/^host: //p')
    build=(cargo build --release --no-default-features --target "$target" --target-dir target)
    local -x RUSTFLAGS="${flags[*]}"
    if [ -d "$sysroot/lib/rustlib/$target/lib" ]; then
        "${build[@]}"
    elif [ -d "$sysroot/lib/rustlib/src/rust/library" ]; then
        RUSTC_BOOTSTRAP=1 "${build[@]}" -Zbuild-std=core
    else
        debian "$target"
        local linker=${target^^}
        env RUSTC="$PWD/target/debian/rustc" RUSTC_BOOTSTRAP=1 __CARGO_TESTS_ONLY_SRC_ROOT="$source" \
            "CARGO_TARGET_${linker//-/_}_LINKER=$sysroot/lib/rustlib/$host/bin/rust-lld" \
            "${build[@]}" -Zbuild-std=core
    fi
}

# Unpacks Debian's compiler; `source` is the library's source of the same version.
debian() {
    source=$(printf '%s\n' /usr/src/rustc-1.*/library | sort -V | tail -n 1)
    local version=${source#/usr/src/rustc-}
    [ -d "$source" ] || { echo "install the target (rustup target add $1) or Debian's rust-web-src" >&2; exit 1; }
    version=${version%.*}
    local folder=$PWD/target/debian library=libstd-rust-web-$version
    [ ! -x "$folder/rustc" ] || return 0
    mkdir -p "$folder"
    local llvm
    llvm=$(apt-cache depends "$library" | sed -n 's/.*Depends: \(libllvm.*\)/\1/p')
    (cd "$folder" && apt-get download --quiet rustc-web libstd-rust-web-dev "$library" "$llvm")
    for package in "$folder"/*.deb; do dpkg -x "$package" "$folder"; done
    cat > "$folder/rustc" << END
#!/bin/sh
export LD_LIBRARY_PATH=$folder/usr/lib/x86_64-linux-gnu
exec $folder/usr/bin/rustc "\$@"
END
    chmod +x "$folder/rustc"
}
