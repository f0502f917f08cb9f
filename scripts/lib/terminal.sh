# shellcheck shell=bash
# What a person sees: headings, plain lines, and one line of progress that is rewritten on a terminal and printed only
# when it changes anywhere else.

if [[ -t 1 && "${TERM:-dumb}" != dumb ]]; then terminal=yes; else terminal=no; fi
if [[ $terminal == yes && -z "${NO_COLOR:-}" ]]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' red='' green='' plain=''
fi

spinner=('⠋' '⠙' '⠹' '⠸' '⠼' '⠴' '⠦' '⠧' '⠇' '⠏')
spinner_turn=0
last_progress=''

heading() {
    progress_end
    printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

say() {
    progress_end
    printf '  %s\n' "$*"
}

good() {
    progress_end
    printf '  %s✓%s %s\n' "$green" "$plain" "$*"
}

# Says what is wrong, to standard error.
complain() {
    progress_end
    printf '%s✗ %s%s\n' "$red" "$*" "$plain" >&2
}

die() {
    complain "$@"
    exit 1
}

# Indents what comes in.
quote() { sed 's/^/  /'; }

# How things stand, as one line. On a terminal it takes the place of the last one.
progress() {
    if [[ $terminal == yes ]]; then
        spinner_turn=$(((spinner_turn + 1) % ${#spinner[@]}))
        printf '\r\e[K  %s %s' "${spinner[spinner_turn]}" "${1:0:$((${COLUMNS:-80} - 5))}"
    elif [[ "$1" != "$last_progress" ]]; then
        printf '  … %s\n' "$1"
    fi
    last_progress="$1"
}

# Takes the line of progress away.
progress_end() {
    if [[ $terminal == yes && -n $last_progress ]]; then printf '\r\e[K'; fi
    last_progress=''
}
