# Read by every shim: counts external commands, and kills the applier at the one that KILL_AT names.
# shellcheck shell=sh
world=$TIMEBALL_ROOT/world
printf '%s\n' "${0##*/} $*" >>"$world/log"
if [ -n "${KILL_AT:-}" ]; then
  echo >>"$world/calls"
  if [ "$(wc -l <"$world/calls")" = "$KILL_AT" ]; then
    read -r applier_pid <"$world/pid"
    kill -9 "$applier_pid"
    # Every second time the command is lost too, as when the power fails.
    [ $((KILL_AT % 2)) = 1 ] || exit 1
  fi
fi
