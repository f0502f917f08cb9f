# shellcheck shell=bash
# Development settings, where the user has none. A variable of the environment wins over the .env file, as in the
# program itself, and the .env file over what stands here.

simulator_port="${SIMULATOR_PORT:-9900}"
development_webhook_secret='whsec_cG9zdGhhc3RlLWRldmVsb3BtZW50LWtleQ=='

# The user's value of a setting; empty when there is none.
setting() {
    if [[ -n "${!1:-}" ]]; then
        printf '%s\n' "${!1}"
    elif [[ -f .env ]]; then
        sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" .env | tail -n 1 | tr -d "\"'"
    fi
}

# Whether the user has set any of these.
user_set() {
    local name
    for name in "$@"; do
        [[ -z "$(setting "$name")" ]] || return 0
    done
    return 1
}

uses_private_redis() { ! user_set REDIS_URL REDIS_HOST REDIS_PORT; }

# use_development_settings REDIS_PORT: what belongs together is set together or not at all, so that a user's account
# never goes to the simulator, nor a made-up one to the real vendor. With a .env file the providers are the user's.
use_development_settings() {
    if uses_private_redis; then export REDIS_HOST=127.0.0.1 REDIS_PORT="$1"; fi
    [[ ! -f .env ]] || return 0
    local simulator="http://127.0.0.1:$simulator_port"
    if ! user_set TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_BASE_URL; then
        export TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000 TWILIO_AUTH_TOKEN=development
        export TWILIO_BASE_URL="$simulator"
    fi
    if ! user_set SENDGRID_API_KEY SENDGRID_BASE_URL; then
        export SENDGRID_API_KEY=SG.development SENDGRID_BASE_URL="$simulator"
    fi
    if ! user_set WEBHOOK_SECRET WEBHOOK_ALLOW_CIDRS; then
        export WEBHOOK_SECRET="$development_webhook_secret" WEBHOOK_ALLOW_CIDRS=127.0.0.0/8
    fi
}

ingress_url() {
    local port
    port="$(setting API_PORT)"
    printf 'http://127.0.0.1:%s\n' "${port:-8080}"
}
