#!/bin/sh
# Compile the locks anew from pyproject.toml: names, versions and hashes, no address of any registry.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.tools/bin/uv}
[ -x "$uv" ] || uv=uv
compile() {
    out=$1
    shift
    "$uv" pip compile pyproject.toml "$@" --universal --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --python-version 3.11 --quiet --output-file "locks/$out.txt"
}
compile production
compile build --group build
compile run --group build --group embedded
compile dev --group build --group embedded --group dev
# What `make bench` compares with, installed beside the environment (docs/adr/0007), so it must fit what is in there:
# oso asks for cffi below 2 and works with 2.
overrides=$(mktemp)
trap 'rm -f "$overrides"' EXIT
echo 'cffi>=2' >"$overrides"
peers() {
    "$uv" pip compile --group "$2" --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
        --python-version 3.11 --quiet --constraints locks/dev.txt --overrides "$overrides" \
        --no-emit-package cffi --no-emit-package pycparser --output-file "locks/$1.txt"
}
peers bench bench
peers bench_oso bench-oso
