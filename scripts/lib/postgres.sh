# shellcheck shell=bash
# A Postgres of the project's own: own port, own directory, never the system's. Needs terminal.sh and processes.sh.

# Debian keeps the server's programs out of the path.
postgres_program() {
    local found
    found="$(command -v "$1" || compgen -G "/usr/lib/postgresql/*/bin/$1" | sort -V | tail -n 1)"
    [[ -n $found ]] || die "There is no $1: Postgres is not installed"
    printf '%s\n' "$found"
}

# Postgres refuses to run as root; then it runs as the user that its package has made, or else as nobody.
postgres_user() {
    ((EUID == 0)) || return 0
    if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

# as_postgres COMMAND…: in place of this shell's process.
as_postgres() {
    local user
    user="$(postgres_user)"
    [[ -n $user ]] || exec "$@"
    exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"
}

# start_postgres NAME DIRECTORY PORT LOG: starts it, with a new database messaging_service of messaging_user where the
# directory has none, and returns when it answers. Only who is on this machine can reach it, with the password
# `development`.
start_postgres() {
    local name="$1" directory="$2" port="$3" log="$4" user password
    user="$(postgres_user)"
    mkdir -p "$directory" "$(dirname "$log")"
    [[ -z $user ]] || chown "$user" "$directory"
    if [[ ! -e $directory/PG_VERSION ]]; then
        password="$(mktemp)"
        echo development >"$password"
        chmod 644 "$password"
        (cd / && as_postgres "$(postgres_program initdb)" --pgdata="$directory" --username=messaging_user \
            --auth=scram-sha-256 --pwfile="$password" --encoding=UTF8 --locale=C) >>"$log" 2>&1 || return 1
        rm -f "$password"
    fi
    (cd / && start "$name" "$log" bash -c "$(declare -f postgres_user as_postgres); as_postgres \"\$@\"" postgres \
        "$(postgres_program postgres)" -D "$directory" -p "$port" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories='')
    wait_until 30 postgres_settled "$name" "$port" && is_running "$name" && make_database "$port"
}

postgres_settled() { has_ended "$1" || "$(postgres_program pg_isready)" -q -h 127.0.0.1 -p "$2"; }

make_database() {
    local psql=(env PGPASSWORD=development "$(postgres_program psql)" -qtAX -h 127.0.0.1 -p "$1" -U messaging_user)
    [[ "$("${psql[@]}" -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'messaging_service'")" == 1 ]] ||
        "${psql[@]}" -d postgres -c 'CREATE DATABASE messaging_service'
}
