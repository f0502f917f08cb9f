# shellcheck shell=bash
# The demo's messages: the four channels in turn, each with a text that no other has. Needs terminal.sh; $api,
# $simulator, $total and $work are the demo's.

: "${terminal:?}" "${total:?}" "${work:?}" "${api?}" "${simulator?}"
posted=0
channels=(sms mms email webhook)

# message CHANNEL REFERENCE [DIRECTIVE]: the JSON of one. A mail of which nobody can tell whether it was sent is sent
# again; the text messages' provider can be asked.
message() {
    local text="($2)${3:+ $3}"
    local phones='"from":"+15551234567","to":"+15559876543"'
    local mails='"from":"shop@example.com","to":"customer@example.org"'
    case "$1" in
    sms) printf '{"type":"sms",%s,"body":"Your code is 123456 %s"}' "$phones" "$text" ;;
    mms)
        printf '{"type":"mms",%s,"body":"Your ticket %s","attachments":["https://example.com/ticket.png"]}' \
            "$phones" "$text"
        ;;
    email)
        printf '{"type":"email",%s,"subject":"Your order","body":"It is on its way %s","on_ambiguous":"resend"}' \
            "$mails" "$text"
        ;;
    webhook)
        printf '{"type":"webhook","from":"shop","to":"%s/webhooks/orders","body":"{\\"order\\":\\"%s\\"}"}' \
            "$simulator" "$2"
        ;;
    esac
}

# Shows the first request as one would type it.
show_request() {
    say "curl $api/api/v1/messages/send -H 'Content-Type: application/json' \\"
    say "  -d '$(message sms demo-01)'"
}

# Posts the next messages until there are so many.
post_up_to() {
    while ((posted < $1)); do
        post_one "${channels[posted % ${#channels[@]}]}"
        # Each on a terminal, every tenth in a log.
        if [[ $terminal == yes ]] || ((posted % 10 == 0)); then progress "posted $posted of $total"; fi
    done
    progress_end
}

# post_one CHANNEL [DIRECTIVE]: posts the next message, and keeps the id that it got.
post_one() {
    local channel="$1" reference answer id
    posted=$((posted + 1))
    reference="$(printf 'demo-%02d' "$posted")"
    answer="$(curl --silent --show-error --max-time 10 --write-out '\n%{http_code}' \
        --header 'Content-Type: application/json' --data "$(message "$channel" "$reference" "${2:-}")" \
        "$api/api/v1/messages/send")"
    [[ "${answer##*$'\n'}" == 202 ]] || die "The ingress did not take $reference: $answer"
    id="$(sed -n '1s/^{"id":"\([^"]*\)".*/\1/p' <<<"$answer")"
    printf '%s\t%s\t%s\n' "$id" "$channel" "$reference" >>"$work/messages.tsv"
}
