# shellcheck shell=bash
# Development settings, where the user has none. A variable of the environment wins over the .env file, as in the
# program itself, and the .env file over what stands here.

simulator_port="${SIMULATOR_PORT:-9900}"
development_webhook_secret='whsec_cG9zdGhhc3RlLWRldmVsb3BtZW50LWtleQ=='
development_twilio_token=development
# What the simulator signs SendGrid's events with, and what the ingress knows it by: a pair that protects nothing.
development_sendgrid_key='MHcCAQEEIO9kNLUwVohUjlT+A9wCvKPjPSSjaYyaNXeNJBErFWXToAoGCCqGSM49AwEHoUQDQgAEg3ZMQw'
development_sendgrid_key+='UH+nN4r9l9IOwlbH35K7CxqC109KErxTfqOr32d2FhAmgXCQsqe/qUMbYGdxbRtCPEC/TJHEBmRI3PvQ=='
development_sendgrid_public_key='MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEg3ZMQwUH+nN4r9l9IOwlbH35K7'
development_sendgrid_public_key+='CxqC109KErxTfqOr32d2FhAmgXCQsqe/qUMbYGdxbRtCPEC/TJHEBmRI3PvQ=='

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

# With a Redis of the user's own, whether there is a ledger is the user's to say, too.
uses_private_postgres() {
    uses_private_redis && ! user_set DATABASE_URL POSTGRES_HOST POSTGRES_PORT && [[ "$(setting LEDGER_ENABLED)" != false ]]
}

uses_private_redis() { ! user_set REDIS_URL REDIS_HOST REDIS_PORT; }

# use_development_settings REDIS_PORT POSTGRES_PORT: what belongs together is set together or not at all, so that a user's account
# never goes to the simulator, nor a made-up one to the real vendor, nor a message from the one to the other when it is
# tried at the next provider. With a .env file the providers are the user's.
use_development_settings() {
    if uses_private_postgres; then
        export POSTGRES_HOST=127.0.0.1 POSTGRES_PORT="$2" POSTGRES_USER=messaging_user POSTGRES_PASSWORD=development
        export POSTGRES_DB=messaging_service
    fi
    if uses_private_redis; then export REDIS_HOST=127.0.0.1 REDIS_PORT="$1"; fi
    [[ ! -f .env ]] || return 0
    local simulator="http://127.0.0.1:$simulator_port"
    if ! user_set TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_BASE_URL \
        VONAGE_API_KEY VONAGE_API_SECRET VONAGE_BASE_URL; then
        export TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000 TWILIO_AUTH_TOKEN="$development_twilio_token"
        export VONAGE_API_KEY=development VONAGE_API_SECRET=development
        export TWILIO_BASE_URL="$simulator" VONAGE_BASE_URL="$simulator"
        PUBLIC_URL="${PUBLIC_URL:-$(ingress_url)}"
        export PUBLIC_URL
    fi
    if ! user_set SENDGRID_API_KEY SENDGRID_BASE_URL SENDGRID_WEBHOOK_PUBLIC_KEY SMTP_URL; then
        export SENDGRID_API_KEY=SG.development SENDGRID_BASE_URL="$simulator"
        export SENDGRID_WEBHOOK_PUBLIC_KEY="$development_sendgrid_public_key"
    fi
    if ! user_set WEBHOOK_SECRET WEBHOOK_ALLOW_CIDRS INBOUND_WEBHOOK_URL; then
        export WEBHOOK_SECRET="$development_webhook_secret" WEBHOOK_ALLOW_CIDRS=127.0.0.0/8
        export INBOUND_WEBHOOK_URL="$simulator/webhooks/inbound"
    fi
}

# What the simulator signs Twilio's callbacks with: the token in use, unless that is a real account's.
simulator_twilio_token() {
    local token=''
    if user_set TWILIO_BASE_URL; then token="$(setting TWILIO_AUTH_TOKEN)"; fi
    printf '%s\n' "${token:-$development_twilio_token}"
}

ingress_url() {
    local port
    port="$(setting API_PORT)"
    printf 'http://127.0.0.1:%s\n' "${port:-8080}"
}
