# RETIRE
# The device serves no time any more, and has no keys of ours. Each step may be repeated. The epoch
# stays: an operation that was sent before changes nothing afterwards.

mode_retire() {
  enter
  refuse_pending
  refuse_returning
  staged=''
  remove_shadow || give_up
  each "$manifest" compose retire_project
  remove_left_asides || give_up
  [ ! -s "$lib/asides" ] || give_up
  each "$manifest" remove retire_file
  each "$manifest" release release_service
  forget_all
  finish '"status":"ok","generation":0' 0
}

# compose DIR FILE NAME
retire_project() {
  [ ! -r "$root$1/.env" ] || staged=$root$1/.env
  [ ! -f "$root$1/$2" ] || run_compose "$root$1" "$2" down --remove-orphans || give_up "$1: "
  point compose-down
  ! command -v docker >/dev/null || remove_container "$3" || give_up "$3: "
  resource "compose:$1" remove
}

# Its folder goes with its last file.
retire_file() {
  done=none
  if [ -e "$root$1" ]; then
    attempt file-failed rm -f "$root$1" || give_up
    point file-removed
    attempt file-failed sync "${root}${1%/*}" || give_up
    done=remove
  fi
  resource "file:$1" $done
  rmdir "$root${1%/*}" 2>/dev/null || :
}

# What was off so that two programs would not steer one clock steers it again.
release_service() {
  done=update
  attempt service-failed timeout -k 5 120 systemctl enable --now "$1" || done=failed
  resource "service:$1" $done
}

# `current` is the last to go: until then a look says that something is here.
forget_all() {
  attempt step-failed timeout -k 5 60 systemctl disable timeball-recover.service || :
  attempt file-failed rm -f "$root/etc/systemd/system/timeball-recover.service" || give_up
  attempt step-failed timeout -k 5 60 systemctl daemon-reload || :
  rm -f "$root/run/timeball/quick" "$root/run/timeball/look"
  for kept in generations operations staging applier container recovered reboot-required asides; do
    attempt file-failed rm -rf "$lib/${kept:?}" || give_up
  done
  remove_state current || give_up
}
