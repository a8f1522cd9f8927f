# LOCK AND FENCE

make_home() {
  [ -d "$lib/operations" ] && [ -d "$lib/generations" ] && [ -e "$lib/lock" ] && return 0
  attempt file-failed mkdir -p "$lib/operations" "$lib/generations" || give_up
  attempt file-failed touch "$lib/lock" || give_up
}

# take_lock SECONDS: file descriptor 9 holds it; no child that may live on gets that descriptor.
take_lock() {
  make_home
  exec 9>>"$lib/lock"
  if ! flock -w "$1" 9; then
    first_line "$lib/lock"
    fail locked "${line:-another operation} holds the device"
  fi
  printf '%s of operation %s, process %s\n' "$mode" "${operation:-none}" $$ 2>/dev/null >"$lib/lock" || :
}

# Refuses an epoch lower than the highest seen, and remembers a higher one with who brought it.
fence() {
  number_field epoch
  epoch=$value
  seen_epoch
  [ "$epoch" -ge "$seen" ] || fail fenced "epoch $epoch is over: this device has seen $seen"
  [ "$epoch" -eq "$seen" ] || write_state epoch "$epoch
$operation" || give_up
}

# What every mode but observe begins with.
enter() {
  begin_report
  trap '' HUP PIPE INT TERM
  take_lock 10
  fence
  replay
  current_generation
  read_pending
}

# Runs until after the operation, free of our lock, our streams and the caller's session.
detach() {
  if command -v setsid >/dev/null; then
    setsid sh -c "$@" </dev/null >/dev/null 2>&1 9>&- &
  else
    sh -c "$@" </dev/null >/dev/null 2>&1 9>&- &
  fi
}

# stop_timer N: only the timer, not the service, which may be what is running here.
stop_timer() {
  attempt step-failed timeout -k 5 20 systemctl stop "timeball-revert-$1.timer" || :
}

refuse_pending() {
  [ -z "$pending" ] || fail unconfirmed "generation $pending is not confirmed yet"
}

refuse_returning() {
  [ -z "$returning" ] || fail unconfirmed "the rollback to generation $returning has not ended yet"
}
