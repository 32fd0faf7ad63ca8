#!/usr/bin/env bash
# The whole life of a payment with the AWS CLI, version 1 or 2.
#
#   agentcore-payments serve &
#   export AWS_ENDPOINT_URL=http://127.0.0.1:5005 AWS_DEFAULT_REGION=us-west-2 \
#          AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
#   examples/lifecycle.sh
#
# AWS=/path/to/aws chooses the CLI, PYTHON the Python that this package is installed for. Versions 2 before 2.13 do not know AWS_ENDPOINT_URL, so the
# address is given to each call. The version 2 needs: agentcore-payments install-models
set -euo pipefail

endpoint=${AWS_ENDPOINT_URL:-http://127.0.0.1:5005}
role=arn:aws:iam::123456789012:role/payments
user=alice

control() { "${AWS:-aws}" --endpoint-url "$endpoint" --output text bedrock-agentcore-payments-control "$@"; }
payments() { "${AWS:-aws}" --endpoint-url "$endpoint" --output text bedrock-agentcore-payments "$@"; }
say() { printf '%-22s %s\n' "$1" "$2"; }

# Who pays: the wallet vendor's credentials, a manager, a connector.
secrets=$("${PYTHON:-python}" -m boto3_agentcore_payments.testing.secrets coinbase)
provider=$(control create-payment-credential-provider --name "wallets-$$" \
    --credential-provider-vendor CoinbaseCDP \
    --provider-configuration-input "{\"coinbaseCdpConfiguration\": $secrets}" \
    --query credentialProviderArn)
say "credential provider" "$provider"

manager=$(control create-payment-manager --name shop --authorizer-type AWS_IAM --role-arn "$role" \
    --query paymentManagerId)
control wait payment-manager-ready --payment-manager-id "$manager"
arn=$(control get-payment-manager --payment-manager-id "$manager" --query paymentManagerArn)
say "manager" "$arn"

connector=$(control create-payment-connector --payment-manager-id "$manager" --name wallets \
    --type CoinbaseCDP \
    --credential-provider-configurations '[{"coinbaseCDP": {"credentialProviderArn": "'"$provider"'"}}]' \
    --query paymentConnectorId)
control wait payment-connector-ready --payment-manager-id "$manager" --payment-connector-id "$connector"
say "connector" "$connector"

# What the user pays with, and how much: an instrument and a session.
instrument=$(payments create-payment-instrument --payment-manager-arn "$arn" --user-id "$user" \
    --payment-connector-id "$connector" --payment-instrument-type EMBEDDED_CRYPTO_WALLET \
    --payment-instrument-details '{"embeddedCryptoWallet": {"network": "ETHEREUM",
        "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}]}}' \
    --query paymentInstrument.paymentInstrumentId)
payments wait payment-instrument-active --payment-manager-arn "$arn" --user-id "$user" \
    --payment-instrument-id "$instrument"
say "instrument" "$instrument"

session=$(payments create-payment-session --payment-manager-arn "$arn" --user-id "$user" \
    --expiry-time-in-minutes 60 --limits '{"maxSpendAmount": {"value": "0.05", "currency": "USD"}}' \
    --query paymentSession.paymentSessionId)
say "session" "$session"

# The payment: what a merchant's HTTP 402 asks for, 0.02 USDC on a test network.
pay() {
    payments process-payment --payment-manager-arn "$arn" --user-id "$user" \
        --payment-session-id "$session" --payment-instrument-id "$instrument" \
        --payment-type CRYPTO_X402 --payment-input '{"cryptoX402": {"version": "1", "payload": {
            "scheme": "exact", "network": "base-sepolia", "maxAmountRequired": "20000",
            "resource": "https://example.com/report", "description": "A report",
            "mimeType": "application/json", "maxTimeoutSeconds": 60,
            "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
            "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "extra": {"name": "USDC", "version": "2"}}}}' --query processPaymentId
}
say "payment" "$(pay)"
say "payment" "$(pay)"
if refused=$(pay 2>&1); then
    echo "a third payment should not fit into the budget" >&2
    exit 1
fi
say "over the budget" "$(tr -s '\n' ' ' <<<"$refused")"
say "left in the session" "$(payments get-payment-session --payment-manager-arn "$arn" --user-id "$user" \
    --payment-session-id "$session" --query paymentSession.availableLimits.availableSpendAmount.value)"
say "sessions" "$(payments list-payment-sessions --payment-manager-arn "$arn" --user-id "$user" \
    --max-items 10 --query 'length(paymentSessions)' | head -1)"

# And all of it away again, in the order the service asks for.
payments delete-payment-session --payment-manager-arn "$arn" --user-id "$user" \
    --payment-session-id "$session" >/dev/null
payments delete-payment-instrument --payment-manager-arn "$arn" --user-id "$user" \
    --payment-connector-id "$connector" --payment-instrument-id "$instrument" >/dev/null
control delete-payment-connector --payment-manager-id "$manager" --payment-connector-id "$connector" >/dev/null
control wait payment-connector-deleted --payment-manager-id "$manager" --payment-connector-id "$connector"
control delete-payment-manager --payment-manager-id "$manager" >/dev/null
control wait payment-manager-deleted --payment-manager-id "$manager"
control delete-payment-credential-provider --name "wallets-$$" >/dev/null
say "done" "everything is deleted"
