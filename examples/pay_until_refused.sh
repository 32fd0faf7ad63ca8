#!/usr/bin/env bash
# Buy a resource again and again from one session, until its budget refuses.
#
#   export AGENTCORE_PAYMENTS_MANAGER=arn:aws:... AGENTCORE_PAYMENTS_INSTRUMENT=payment-instrument-... \
#          AGENTCORE_PAYMENTS_USER=alice AGENTCORE_PAYMENTS_SESSION=payment-session-...
#   examples/pay_until_refused.sh https://shop.example/report 0.02
#
# A person opens the session and so sets the budget; this script can only spend it. The journal lets
# a purchase whose answer was lost go on with the payment it has.
set -uo pipefail

url=${1:?usage: pay_until_refused.sh URL [MAX_PRICE]}
price=${2:-0.05}
pay=${AGENTCORE_PAYMENTS:-agentcore-payments}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bought=0 lost=0

while :; do
    receipt=$("$pay" pay "$url" --max-price "$price" --journal "$work/journal" -o "$work/body" 2>"$work/log")
    case $? in
        0)
            bought=$((bought + 1)) lost=0
            echo "$bought: $receipt"
            ;;
        3)
            echo "refused after $bought purchases: $(tail -n 1 "$work/log")"
            exit 0
            ;;
        4)
            lost=$((lost + 1))
            [ "$lost" -lt 5 ] || { tail -n 2 "$work/log" >&2; exit 4; }
            sleep "$lost" # the same command goes on with the same payment
            ;;
        *)
            cat "$work/log" >&2
            exit 1
            ;;
    esac
done
