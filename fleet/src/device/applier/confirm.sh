# CONFIRM

mode_confirm() {
  enter
  number_field generation
  generation=$value
  if [ "$pending" = "$generation" ]; then
    remove_state recovered || give_up
    remove_state pending || give_up
    stop_timer "$generation"
    [ ! -f "$lib/generations/$generation/undo/list" ] ||
      each "$lib/generations/$generation/undo/list" aside remove_aside
    rm -rf "$lib/generations/$generation/undo"
    forget_secrets || :
    succeed "$generation"
  fi
  [ "$returning" != "$generation" ] || fail unconfirmed "the rollback to generation $returning has not ended yet"
  [ -z "$pending" ] || fail moved "generation $pending waits to be confirmed, not $generation"
  [ "$current" = "$generation" ] || fail unconfirmed "generation $current is active: $(why_reverted)"
  forget_secrets || :
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

# Prints why $generation is not active any more.
why_reverted() {
  first_line "$lib/recovered"
  case $line in
  "$generation "*' power-loss') echo "the device restarted before $generation was confirmed" ;;
  "$generation "*' requested') echo "$generation was reverted by request" ;;
  *) echo "$generation was not confirmed in time" ;;
  esac
}

# The change is confirmed: what cannot be removed is stopped, in nobody's way, and remembered.
remove_aside() { remove_container "$2" || remember_aside "$2" || :; }
