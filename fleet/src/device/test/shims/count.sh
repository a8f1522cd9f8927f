# Read by every shim: counts external commands, and kills the applier at the one that KILL_AT names.
# shellcheck shell=sh
world=$TIMEBALL_ROOT/world
printf '%s\n' "${0##*/} $*" >>"$world/log"
if [ -n "${KILL_AT:-}" ]; then
  echo >>"$world/calls"
  if [ "$(wc -l <"$world/calls")" = "$KILL_AT" ]; then
    read -r applier_pid <"$world/pid"
    kill "-${KILL_SIGNAL:-KILL}" "$applier_pid"
    # Every second time the command is lost too, as when the power fails.
    [ "${KILL_SIGNAL:-KILL}" != KILL ] || [ $((KILL_AT % 2)) = 1 ] || exit 1
  fi
fi
# Everything that writes finds the disk full, from the command on that FULL_AT names.
if [ -n "${FULL_AT:-}" ]; then
  case ${0##*/} in
  dd | cp | mktemp | touch)
    echo >>"$world/writes"
    if [ "$(wc -l <"$world/writes")" -ge "$FULL_AT" ]; then
      echo "${0##*/}: error writing: No space left on device" >&2
      exit 1
    fi
    ;;
  esac
fi
