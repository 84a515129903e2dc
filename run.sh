#!/usr/bin/env bash
# Launches the whole platform: installs PostgreSQL and Redis where they are missing, builds, and starts the app host.
#   ./run.sh            launch; Ctrl-C stops everything
#   ./run.sh --reset    clear the state of earlier launches (.zoho/) and stop there
# Further arguments go to the app host, such as --Gateway:Port=8081 or --Servers=containers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/setup.sh

if [ "${1:-}" = --reset ]; then
    if [ $# -gt 1 ]; then
        echo "--reset takes nothing behind it: it clears .zoho/. Another state folder is cleared by removing it." >&2
        exit 2
    fi
    # holds the lock that a running launch has
    if [ -e .zoho/lock ] && ! flock --nonblock .zoho/lock true; then
        echo "The platform is running; stop it before you clear its state." >&2
        exit 1
    fi
    # where PostgreSQL's user cannot reach the checkout, .zoho/postgres is a link to its data
    [ ! -L .zoho/postgres ] || rm -rf "$(readlink -f .zoho/postgres)"
    rm -rf .zoho
    echo "Cleared .zoho: databases, keys and logs of earlier launches. Start again with ./run.sh"
    exit
fi

require_dotnet
case " $* " in
    *" --Servers=containers "*) ;;
    *) require_servers ;;
esac
echo "Building."
dotnet build ZohoPlatform.AppHost --nologo --verbosity quiet
# the app host itself, not `dotnet run`: a signal to this process must reach it
exec dotnet ZohoPlatform.AppHost/bin/Debug/net10.0/ZohoPlatform.AppHost.dll "$@"
