#!/usr/bin/env bash
# Clicks through the application in a headless browser. Screenshots and what it needs go to
# browser/ in cargo's target directory, or where you say: browser/check.sh [DIRECTORY]
set -euo pipefail
manifest=$(cd "$(dirname "$0")/.." && pwd)/Cargo.toml

missing=()
command -v chromium > /dev/null || missing+=(chromium fonts-dejavu)
command -v npm > /dev/null || missing+=(nodejs npm)
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id --user)" = 0 ] && as_root=env || as_root="sudo env"
  $as_root apt-get update --quiet --quiet
  $as_root DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet --quiet "${missing[@]}" > /dev/null
fi

cargo build --quiet --manifest-path "$manifest"
target=$(cargo metadata --no-deps --format-version 1 --manifest-path "$manifest" |
  node --print 'JSON.parse(require("fs").readFileSync(0, "utf8")).target_directory')
out=${1:-$target/browser}
mkdir -p "$out"
[ -d "$out/node_modules/playwright-core" ] ||
  npm install --silent --no-audit --no-fund --prefix "$out" playwright-core@1.65

rm -f "$out/check.sqlite"
: > "$out/log" # an older one names another port
"$target/debug/webapp" --port 0 --db "$out/check.sqlite" > "$out/log" 2> "$out/errors" &
server=$!
trap 'kill "$server" 2> /dev/null || true; cat "$out/errors" >&2' EXIT
until url=$(grep -o 'http://[^ ]*' "$out/log"); do
  kill -0 "$server" # it is alive
  sleep 0.1
done

cp "$(dirname "$manifest")/browser/check.mjs" "$out" # beside what it imports
node "$out/check.mjs" "$url" "$out" "$(command -v chromium)"

# It ends when it is told to, and says so with its status.
kill -INT "$server"
wait "$server"
grep --quiet 'has no row `recommender`' "$out/errors"
trap - EXIT
echo "The application was clicked through; see $out."
