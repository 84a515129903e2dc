#!/usr/bin/env bash
# Lints protos/ and holds it against the contracts that others were given, protos/accepted.binpb.
#   eng/protos.sh          fails with the line that breaks a rule or a caller
#   eng/protos.sh accept   takes protos/ as it is for what is held against from now on: before the first release, or when nobody is left behind
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/setup.sh

require_npm
[ eng/buf/node_modules/.package-lock.json -nt eng/buf/package-lock.json ] || npm ci --prefix eng/buf --ignore-scripts --no-audit --no-fund --silent
# the platform's own program: what npm would put before it is made by an install script
buf=$(echo eng/buf/node_modules/@bufbuild/buf-*/bin/buf)

case "${1:-}" in
    "")
        "$buf" lint protos
        "$buf" breaking protos --against protos/accepted.binpb || {
            echo "protos/ breaks callers that were made of protos/accepted.binpb. Add instead of changing, or accept it with: eng/protos.sh accept" >&2
            exit 1
        }
        ;;
    accept) "$buf" build protos --exclude-source-info -o protos/accepted.binpb ;;
    *) echo "There is no '$1': eng/protos.sh or eng/protos.sh accept." >&2; exit 2 ;;
esac
