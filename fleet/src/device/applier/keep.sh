# WHAT LASTS

keep_operations=20

# succeed GENERATION: ends an operation that changed something, and remembers it.
succeed() {
  record_operation "$operation" "\"status\":\"ok\",\"generation\":$1" || :
  finish "\"status\":\"ok\",\"generation\":$1" 0
}

# put_file SOURCE MODE OWNER TARGET: TARGET is wholly old or wholly new, also when power fails.
# The temporary file is 0600 until it is complete. OWNER `-` leaves it to whoever runs this.
put_file() {
  parent=${4%/*}
  parent=${parent:-/}
  sweep "$parent"
  attempt file-failed mktemp "$parent/.timeball.XXXXXX" || return 1
  fresh=$output
  point file-created
  if write_fresh "$1" "$2" "$3" && attempt file-failed mv -T "$fresh" "$4"; then
    point file-renamed
    attempt file-failed sync "$parent" || return 1
    point file-synced
    return 0
  fi
  rm -f "$fresh"
  return 1
}

# sweep FOLDER: removes what a swap that was cut short has left there.
sweep() {
  set +f
  for stale in "$1"/.timeball.??????; do
    [ ! -f "$stale" ] || rm -f "$stale"
  done
  set -f
}

# `nofollow`: whoever can write to the folder cannot turn the copy somewhere else.
write_fresh() {
  attempt file-failed dd "if=$1" "of=$fresh" bs=64k oflag=nofollow conv=nocreat,notrunc status=none || return 1
  point file-written
  [ "$3" = - ] || attempt file-failed chown "$3" "$fresh" || return 1
  [ "$2" = 0600 ] || attempt file-failed chmod "$2" "$fresh" || return 1
  attempt file-failed sync "$fresh" || return 1
  point file-complete
}

# write_state NAME TEXT: one of the applier's own files, written as safely.
write_state() {
  state_file=$lib/$1
  output=$(printf '%s\n' "$2" | dd "of=$lib/.new" conv=fsync status=none 2>&1) ||
    because file-failed "$output" || return 1
  point "$1-written"
  attempt file-failed mv -T "$lib/.new" "$state_file" || return 1
  point "$1-renamed"
  attempt file-failed sync "${state_file%/*}" || return 1
  point "$1-synced"
}

remove_state() {
  [ -e "$lib/$1" ] || return 0
  attempt file-failed rm -f "$lib/$1" || return 1
  point "$1-removed"
  attempt file-failed sync "$lib" || return 1
  point "$1-gone"
}

# record_operation ID OUTCOME: what a repeated operation is answered with.
record_operation() {
  [ -n "$1" ] || return 0
  write_state "operations/$1" "$report$2" || return 1
  prune_folder operations -t $keep_operations
}

# prune_folder NAME ORDER KEEP: removes all but the first KEEP of it, in the order of ls(1).
prune_folder() {
  # shellcheck disable=SC2012 # the names are all our own
  ls "$2" "$lib/$1" | tail -n "+$(($3 + 1))" | while read -r old; do rm -rf "$lib/$1/${old:?}"; done
}

# Answers a finished operation from its record, with today's nonce.
replay() {
  [ -f "$lib/operations/$operation" ] || return 0
  while IFS= read -r line; do
    case $line in
    '{'*) say "$line" ;;
    '"status":"ok"'*) finish "$line" 0 ;;
    *) finish "$line" 3 ;;
    esac
  done <"$lib/operations/$operation"
}
