#!/bin/sh
# Every simulated program of an embedded device (docker, systemctl, …) is a copy of this script. It
# hands its name, folder and arguments to the machine (../machine/calls.ts), which runs in the
# process of the fleet, and gives back the output and the exit status.
umask 077
device=${0%/bin/*}
call=$device/calls/$$

read -r machine 2>/dev/null <"$device/machine.pid" && kill -0 "$machine" 2>/dev/null || {
  echo "${0##*/}: this embedded device is switched off" >&2
  exit 125
}
mkfifo "$call.status" || exit 125
printf '%s\0' "${0##*/}" "$PWD" "$@" >"$call.new" || exit 125
mv "$call.new" "$call.call"

# End of file instead of a status: the machine is gone.
read -r status <"$call.status" || status=125
[ -s "$call.out" ] && cat "$call.out"
[ -s "$call.err" ] && cat "$call.err" >&2
rm -f "$call.out" "$call.err" "$call.status"
exit "$status"
