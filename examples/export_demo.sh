#!/bin/sh
# Exports a model from the sandbox, a local stand-in for the service, and downloads the files into a folder.
#   export_demo.sh FOLDER
set -eu
folder=$1/exports

place=$(mktemp -d)
hubaction sandbox --fast --ready-file "$place/ready.json" >"$place/log" 2>&1 &
sandbox=$!
trap 'kill $sandbox; wait $sandbox || true; rm -rf "$place"' EXIT
while [ ! -s "$place/ready.json" ]; do
    kill -0 $sandbox 2>/dev/null || { cat "$place/log" >&2; exit 1; }
    sleep 0.1
done

# The key stands in the environment and never among the arguments, which every process can read.
of_ready() { sed "s/.*\"$1\": \"\([^\"]*\)\".*/\1/" "$place/ready.json"; }
ULTRALYTICS_PLATFORM_URL=$(of_ready url) HUB_API_KEY=$(of_ready platform_key)
export ULTRALYTICS_PLATFORM_URL HUB_API_KEY
model=$(of_ready platform_model)

run() {
    printf '\n$ hubaction %s\n' "$*"
    hubaction "$@"
}
rm -rf "$folder"
printf '\nA local sandbox stands in for the Ultralytics Platform at %s.\n' "$ULTRALYTICS_PLATFORM_URL"
run export-model "$model" --format torchscript,onnx --no-download
run get-export "$model" --format torchscript,onnx --wait --output-dir "$folder"
