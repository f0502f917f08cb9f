# shellcheck shell=bash
# Building with one line of progress. Needs terminal.sh and processes.sh.

: "${terminal:?}"

# build PRODUCT LOG
build() {
    local product="$1" log="$2" compiler began=$SECONDS next_line=0
    setsid swift build --product "$product" >"$log" 2>&1 </dev/null &
    compiler=$!
    record build "$compiler"
    while is_running build; do
        # A terminal is told all the time, a log every quarter of a minute.
        if [[ $terminal == yes ]] || ((SECONDS >= next_line)); then
            progress "swift build, $((SECONDS - began)) s: $(last_words "$log")"
            next_line=$((SECONDS + 15))
        fi
        sleep 0.2 # allowed: pause between two looks
    done
    if ! wait "$compiler"; then
        progress_end
        tail -n 30 "$log" >&2
        die "swift build failed; all it said is in $log"
    fi
    good "Built in $((SECONDS - began)) s"
}

# What the compiler said last.
last_words() {
    local words
    words="$(tail -n 1 "$1" | tr -d '\r')"
    case "$words" in
    *'Another instance of SwiftPM'*) echo "waits for another build of this package" ;;
    *) printf '%s\n' "$words" ;;
    esac
}
