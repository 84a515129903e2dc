# Runs a command ("$@" after the first two) in this very process and stops it when the app host is gone.
# Standard input is a pipe that only the app host holds open: end of file means that it died, a line means that it
# has seen the command end. The watcher stays in the command's session, so its pid cannot be given to a stranger meanwhile.
signal=$1
limit=$2
shift 2
exec 3<&0 </dev/null
(
    read -r _ <&3 && exit
    kill -s "$signal" $$
    tenths=0
    while kill -0 $$ && [ $tenths -lt $((limit * 10)) ]; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    kill -s KILL -- -$$
) >/dev/null 2>&1 &
exec "$@" 3<&-
