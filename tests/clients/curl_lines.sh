# Follows a stream with curl, which does not come back by itself: this loop does, with the last ID.
id= over=
until [ "$over" ]; do
  while IFS= read -r line; do
    case $line in
      event:*) name=${line#event:} ;;
      id:*) next=${line#id:} ;;
      "") # The end of a frame; a heartbeat has no name.
        if [ "$name" ]; then
          id=$next
          echo "event $name $id"
          case $name in done | cancelled | failed) over=yes ;; esac
        fi
        name= ;;
    esac
  done < <(curl --silent --no-buffer --fail --header "Last-Event-ID: $id" "$1")
  name=
  if [ "$over" ]; then echo ended; else
    echo broken
    sleep 0.2 # a program in the field would take the stream's `retry`
  fi
done
