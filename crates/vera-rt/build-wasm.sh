#!/bin/sh
# Builds the example that measures the collector:
#   target/wasm32-unknown-unknown/release/examples/binary_trees.wasm
# Extra arguments go to cargo.
set -eu
cd "$(dirname "$0")/../.."
export CARGO_PROFILE_RELEASE_LTO=fat
export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
export CARGO_PROFILE_RELEASE_PANIC=abort
export CARGO_PROFILE_RELEASE_OPT_LEVEL=3
# Rust's own stack comes first in memory, so that no object lies below 64 KiB.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="\
 -C target-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint\
 -C link-arg=--stack-first -C link-arg=-zstack-size=1048576 -C strip=debuginfo\
 --remap-path-prefix=$HOME=~ --remap-path-prefix=$PWD=."
exec cargo build -p vera-rt --example binary_trees --release --target wasm32-unknown-unknown "$@"
