# CONFIRM

mode_confirm() {
  enter
  number_field generation
  generation=$value
  if [ "$pending" = "$generation" ]; then
    remove_state recovered || give_up
    remove_state pending || give_up
    stop_timer "$generation"
    rm -rf "$lib/generations/$generation/undo"
    succeed "$generation"
  fi
  [ -z "$pending" ] || fail moved "generation $pending waits to be confirmed, not $generation"
  [ "$current" = "$generation" ] || fail unconfirmed "generation $current is active: $generation was not confirmed in time"
  finish "\"status\":\"ok\",\"generation\":$current" 0
}
