# Runs a server and ends it by a signal of its choice: server.sh SIGNAL pipe|service COMMAND...
# Asked to end by TERM or INT; with `pipe` also by the end of standard input, which only the starter holds open: a server does not outlive it.
signal=$1
mode=$2
shift 2
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
trap 'kill -s "$signal" "$server"' TERM INT
if [ "$mode" = pipe ]; then
    (trap - TERM; cat <&3 >/dev/null; kill -s TERM $$) >/dev/null 2>&1 &
    watcher=$!
fi
exec 3<&-
while :; do
    wait "$server"
    code=$?
    # a signal ends the wait, not the server
    kill -0 "$server" 2>/dev/null || break
done
[ -z "$watcher" ] || kill "$watcher" 2>/dev/null
exit "$code"
