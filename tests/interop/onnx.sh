#!/usr/bin/env bash
# Imports every ONNX model of a folder, compiles and runs the network, and compares its outputs with
# those beside the model: NAME.onnx with NAME.npz. Each network takes some seconds to compile.
#
#     NN=target/debug/nn tests/interop/onnx.sh nn-onnx/tests/fixtures
set -uo pipefail

folder=${1:?the folder of the models}
nn=${NN:-nn}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refused=0
for model in "$folder"/*.onnx; do
    name=$(basename "$model" .onnx)
    echo "== $name"
    "$nn" import "$model" --check "${model%.onnx}.npz" --out "$work/$name.nn" || refused=$((refused + 1))
done
echo "$refused models were refused, or differ"
