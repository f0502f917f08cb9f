# shellcheck shell=bash
# A redis-server of the project's own: own port, own directory, never the system's. Needs processes.sh.

# start_redis NAME DIRECTORY PORT LOG: starts it, and returns when it answers; fails when it does not.
start_redis() {
    local name="$1" directory="$2" port="$3" log="$4"
    mkdir -p "$directory"
    start "$name" "$log" redis-server --bind 127.0.0.1 --port "$port" --dir "$directory" --daemonize no \
        --appendonly yes --save '' --maxmemory-policy noeviction
    # Until it answers, or has ended.
    wait_until 15 redis_settled "$name" "$port" && is_running "$name"
}

redis_settled() { has_ended "$1" || redis_is_ours "$1" "$2"; }

# Whether the server at the port is the process that was recorded, and not somebody else's.
redis_is_ours() {
    local pid
    pid="$(running "$1")" || return 1
    [[ "$(redis-cli -p "$2" info server 2>/dev/null | tr -d '\r' | sed -n 's/^process_id://p')" == "$pid" ]]
}
