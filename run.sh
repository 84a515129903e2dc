#!/usr/bin/env bash
# Launches the whole platform: installs PostgreSQL and Redis where they are missing, builds, and starts the app host.
#   ./run.sh            launch; Ctrl-C stops everything
#   ./run.sh --reset    clear the state of earlier launches (.zoho/) and stop there
# Further arguments go to the app host, such as --Gateway:Port=8085 or --Servers=containers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/setup.sh

case " $* " in *" --reset "*) reset=yes ;; *) reset= ;; esac
if [ -n "$reset" ]; then
    if [ $# -gt 1 ]; then
        echo "--reset stands alone: it clears .zoho/. Another state folder is removed, and where postgres in it is a link, what it leads to first." >&2
        exit 2
    fi
    # holds the lock that a running launch has
    if [ -e .zoho/lock ] && ! flock --nonblock .zoho/lock true; then
        echo "The platform is running; stop it before you clear its state." >&2
        exit 1
    fi
    # launches with --Servers=containers left their data in volumes
    if [ -e .zoho/volumes ]; then
        runtime=${ASPIRE_CONTAINER_RUNTIME:-docker}
        if ! command -v "$runtime" >/dev/null; then
            echo "Data are in container volumes, and there is no $runtime to remove them: $(tr '\n' ' ' <.zoho/volumes)" >&2
            exit 1
        fi
        xargs "$runtime" volume rm --force <.zoho/volumes >/dev/null
    fi
    # where PostgreSQL's user cannot reach the checkout, .zoho/postgres is a link to its data
    data=$(readlink .zoho/postgres || true)
    case $data in
        */..*) ;;
        /var/lib/zoho-platform/*) rm -rf -- "$data" ;;
    esac
    rm -rf .zoho
    echo "Cleared .zoho: databases, keys and logs of earlier launches. Start again with ./run.sh"
    exit
fi

# setting NAME ARGUMENTS...: what the command line or the environment says, as the app host reads it
setting() {
    local name=$1 variable=${1//:/__}
    local value=${!variable:-}
    shift
    while [ $# -gt 0 ]; do
        case $1 in
            "--$name="*) value=${1#*=} ;;
            "--$name") value=${2:-} ;;
        esac
        shift
    done
    printf %s "$value"
}

require_dotnet
if [ "$(setting Servers "$@")" != containers ]; then
    [ -n "$(setting ConnectionStrings:postgres "$@")" ] || require_postgres
    [ -n "$(setting ConnectionStrings:redis "$@")" ] || require_redis
fi
echo "Building."
dotnet build ZohoPlatform.AppHost --nologo --verbosity quiet
# the app host itself, not `dotnet run`: a signal to this process must reach it
exec dotnet ZohoPlatform.AppHost/bin/Debug/net10.0/ZohoPlatform.AppHost.dll "$@"
