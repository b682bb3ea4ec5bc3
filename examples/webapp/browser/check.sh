#!/usr/bin/env bash
# Clicks through the application in a headless browser. Screenshots and what it needs go to
# target/browser, or where you say: browser/check.sh [DIRECTORY]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../../target/browser}
mkdir -p "$out"

missing=()
command -v chromium > /dev/null || missing+=(chromium fonts-dejavu)
command -v npm > /dev/null || missing+=(nodejs npm)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update --quiet --quiet
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet "${missing[@]}" > /dev/null
fi
[ -d "$out/node_modules/playwright-core" ] ||
  npm install --silent --no-audit --no-fund --prefix "$out" playwright-core@1.65

rm -f "$out/check.sqlite"
cd "$here" && cargo build --quiet -p webapp
target=$(cargo metadata --no-deps --format-version 1 |
  node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).target_directory')
"$target/debug/webapp" --port 0 --db "$out/check.sqlite" > "$out/log" 2> "$out/errors" &
server=$!
trap 'kill "$server" 2> /dev/null || true' EXIT
until url=$(grep -o 'http://[^ ]*' "$out/log"); do
  kill -0 "$server" # it is alive
  sleep 0.1
done

cp "$here/check.mjs" "$out" # beside what it imports
node "$out/check.mjs" "$url" "$out"

# It ends when it is told to, and says so with its status.
kill -INT "$server"
trap - EXIT
wait "$server"
grep --quiet 'has no row `recommender`' "$out/errors"
echo "The application was clicked through; see $out."
