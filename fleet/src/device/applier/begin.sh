#!/bin/sh
# Timeball's applier: the device's half of docs/device-protocol.md. Its parts are in
# fleet/src/device/applier/; a bundle has those that its operation needs, put together as one program.
#
#   sh applier.sh FOLDER           an unpacked bundle: applier.sh, manifest, files/0, files/1, …
#   sh applier recover             at boot: revert what was never confirmed, end a rollback
#   sh applier timer N OPERATION   the same by the timer of generation N, armed by that operation
#
#   mode      changes                                   lock  epoch  record
#   observe   nothing at all                            no    no     no
#   apply     packages, images, files, services, …      yes   yes    yes
#   activate  the rollback: a generation kept here      yes   yes    yes
#   confirm   takes the revert timer away               yes   yes    yes
#   revert    reverts what is not confirmed             yes   yes    yes
#   shadow-*  runs another image beside, or no more     yes   yes    no
#   reboot    reboots a second after the answer         yes   yes    yes
#   reseat    the epoch alone, also to a lower one      yes   sets   no
#   retire    takes all away but packages and boot      yes   yes    no
#
# INVARIANTS:
# - Nothing is swapped in before its undo copy, `pending` and the revert timer are in place.
# - `pending` is removed last of all: whatever is cut short before that is reverted at the next boot.
# - A rollback is never reverted: what is cut short is gone on with by its timer or at the next boot.
# - Both can be cut short anywhere and started again.
# - Secrets are only in files that nobody but root can read, never in arguments, output or logs.
#
# POSIX sh, without `local`: functions say which variables they set. Functions that can fail return
# non-zero and leave the reason in $problem_code and $problem. `set -f` is on: words that are not
# quoted are split at spaces, and nothing else happens to them.
# shellcheck disable=SC2086
set -uf
umask 077
LC_ALL=C
HOME=${HOME:-/root} # systemd sets none, and docker looks for its settings there
export LC_ALL HOME
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
trap '' HUP PIPE

root=${TIMEBALL_ROOT:-}
lib=$root/var/lib/timeball
mode='' operation='' work=''
