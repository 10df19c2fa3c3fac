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
