# Sourced by run.sh and test.sh: makes sure that the .NET SDK, ICU, PostgreSQL and Redis are on this machine.

require_dotnet() {
    if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
        echo "The .NET 10 SDK is missing. Install it (https://dotnet.microsoft.com/download) and run this again." >&2
        exit 1
    fi
    # .NET's own way to ICU, by which CampaignsService maps domains
    ldconfig -p | grep -q libicuuc || install_with_apt libicu-dev
}

find_postgres() {
    command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1
}

# install_with_apt PACKAGE...: installs as root or through sudo, and says the command where it can do neither.
install_with_apt() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            echo "Missing: $*. Install it with: sudo apt-get install $*" >&2
            exit 1
        fi
        as_root=(sudo -n)
    fi
    if ! command -v apt-get >/dev/null; then
        echo "Missing: $*. Install it with this system's package manager; only Debian's is known to this script." >&2
        exit 1
    fi
    echo "Installing $* with apt-get."
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

require_postgres() {
    [ -n "$(find_postgres)" ] || install_with_apt postgresql
}

require_redis() {
    command -v redis-server >/dev/null || install_with_apt redis-server
}

# A gRPC client of another make, for the test of examples/door.py.
require_python_grpc() {
    /usr/bin/python3 -c "import grpc, google.protobuf" 2>/dev/null || install_with_apt python3-grpcio python3-protobuf
}

require_npm() {
    command -v npm >/dev/null || install_with_apt nodejs npm
}
