#!/usr/bin/env bash
# Crawls and prints each page as it is fetched. Needs nothing but bash and curl.
#
#     ./crawl.sh [server] [url]
set -euo pipefail
server=${1:-http://127.0.0.1:8080} url=${2:-https://example.com/}

# The first string of this name in a line of JSON.
string() { [[ $2 =~ \"$1\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"; }

accepted=$(curl --silent --show-error --fail-with-body "$server/v1/crawls" \
  -H 'Content-Type: application/json' -d "{\"url\": \"$url\", \"limit\": 50}") || { echo "$accepted" >&2; exit 1; }
events_url=$(string eventsUrl "$accepted")

# curl does not come back after a cut: this does, with the cursor that says where to go on.
cursor='' retry=1000
while true; do
  event='' data='' id=''
  while IFS= read -r line; do
    case $line in
      event:*) event=${line#event:} ;;
      data:*) data=${line#data:} ;;
      retry:*) retry=${line#retry:} ;;
      id:*) id=${line#id:} ;;
      '')
        cursor=$id
        case $event in
          progress) string url "$data" ;;
          done | cancelled | failed) echo "$event: $data" && exit ;;
        esac
        ;;
      # The token has expired or the channel is gone. Anything else that is no stream comes from a proxy whose worker restarts.
      *:4[0-9][0-9]) echo "$line" >&2 && exit 1 ;;
    esac
  done < <(curl --silent --no-buffer -H "Last-Event-ID: $cursor" --write-out ':%{http_code}\n' "$events_url")
  sleep "$(printf '%d.%03d' $((retry / 1000)) $((retry % 1000)))"
done
