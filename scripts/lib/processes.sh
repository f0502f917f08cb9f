# shellcheck shell=bash
# Processes that are found again by what was recorded of them, never by name.
#
# $records, which whoever sources this sets, is a directory with one file per process, `<pid> <start time>`. A pid is used again by the system one day;
# with the start time (in clock ticks since the boot, /proc/<pid>/stat) it names one process for good.
# Needs terminal.sh.

: "${records:?}"

# The start time of a process that is there; fails for one that is gone, or that has ended and waits to be reaped.
start_time() {
    local stat fields
    stat="$(cat "/proc/$1/stat" 2>/dev/null)" || return 1
    # The name, in parentheses, may hold anything; the fields count from behind it: state is the first.
    read -r -a fields <<<"${stat##*) }"
    [[ "${fields[0]}" != Z && "${fields[0]}" != X ]] || return 1
    printf '%s\n' "${fields[19]}"
}

record() {
    local name="$1" pid="$2" started
    mkdir -p "$records"
    started="$(start_time "$pid")" || return 0 # It has ended already: nothing to find again.
    printf '%s %s\n' "$pid" "$started" >"$records/$name"
}

# Prints the pid of a recorded process; fails when it is no longer there, and forgets it then.
running() {
    local file="$records/$1" pid started
    [[ -f $file ]] || return 1
    read -r pid started <"$file" || return 1
    if [[ "$(start_time "$pid")" == "$started" ]]; then
        printf '%s\n' "$pid"
    else
        rm -f "$file"
        return 1
    fi
}

is_running() { running "$1" >/dev/null; }

# The names of all recorded processes that run, one a line.
running_names() {
    local file
    for file in "$records"/*; do
        [[ -f $file ]] || continue
        if is_running "${file##*/}"; then printf '%s\n' "${file##*/}"; fi
    done
}

# start NAME LOG COMMAND…: starts a command in the background, out of reach of the terminal's Ctrl-C, and records it.
start() {
    local name="$1" log="$2"
    shift 2
    mkdir -p "$(dirname "$log")"
    setsid "$@" >>"$log" 2>&1 </dev/null &
    record "$name" "$!"
    disown
}

# Sends a signal to a recorded process, if it is still that process.
send_signal() {
    local pid
    pid="$(running "$2")" || return 0
    kill -s "$1" "$pid" 2>/dev/null || true
}

# wait_until SECONDS COMMAND…: looks again and again until the command succeeds; fails when the time is up.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.05 # allowed: pause between two looks
    done
}

has_ended() { ! is_running "$1"; }

# stop SECONDS NAME…: SIGTERM to all of them at once; what still runs when the time is up is killed.
stop() {
    local patience="$1" name
    shift
    for name in "$@"; do send_signal TERM "$name"; done
    for name in "$@"; do
        wait_until "$patience" has_ended "$name" && continue
        complain "$name does not stop, and is killed"
        send_signal KILL "$name"
        wait_until 10 has_ended "$name" || complain "$name cannot be killed"
    done
}

# Whether a port of the loopback interface is free.
is_free_port() {
    python3 - "$1" <<'PYTHON'
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(sys.argv[1])))
    except OSError:
        sys.exit(1)
PYTHON
}

# free_ports COUNT: as many different free ports, one a line. They lie below those that the system hands out for
# outgoing connections, so that nobody gets one by chance between the look and the use.
free_ports() {
    python3 - "$1" <<'PYTHON'
import random, socket, sys
ports = []
while len(ports) < int(sys.argv[1]):
    port = random.randint(15000, 32000)
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    if port not in ports:
        ports.append(port)
print(*ports, sep="\n")
PYTHON
}

# Whether an address answers with a success.
answers() { curl --silent --fail --max-time 2 --output /dev/null "$1"; }
