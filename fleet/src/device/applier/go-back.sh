# REVERTING

announce='' trouble=''

# go_back CODE DETAIL REASON: from $pending to $previous. CODE and DETAIL answer a repeated operation;
# REASON, when not empty, is for the next observation. Fails only while a file cannot be put back,
# and `pending` stays then. What a service or a container does is mended by the next apply.
go_back() {
  read_pending
  [ -n "$pending" ] || return 0
  undo_list=$lib/generations/$pending/undo/list
  undo_paths='' trouble='' containers='' was_marked='' marks='' undo_boot=''
  [ -f "$undo_list" ] || because file-failed 'there is no undo list' || return 1
  each "$undo_list" compose take_down
  each "$undo_list" file restore_file || return 1
  each "$undo_list" absent restore_absent || return 1
  reload_units "$undo_paths" || note_trouble
  each "$undo_list" service restore_service
  each "$undo_list" container keep_containers
  each "$undo_list" compose restore_compose
  each "$undo_list" aside take_back_aside
  restore_packages
  restore_marks || return 1
  write_state container "${containers# }" && write_state current "$previous" || return 1
  [ -z "$3" ] || write_state recovered "$pending $previous $3" || return 1
  failed_outcome "$previous" "$1" "$2"
  record_back || return 1
  remove_state pending || return 1
  stop_timer "$pending"
  rm -rf "$lib/generations/$pending"
}

# What `fail` does after the first swap.
undo_swaps() {
  put_back='' announce=''
  go_back "$fail_code" "$fail_detail" '' ||
    fail_detail="$fail_detail; and it could not be put back: $problem"
  [ -z "$trouble" ] || fail_detail="$fail_detail; and reverting had trouble:$trouble"
}

# The operation that made the generation is answered with what became of it, from now on.
record_back() {
  own_report=$report
  report=''
  record_operation "$pending_operation" "$outcome" || return 1
  report=$own_report
}

note_trouble() {
  trouble="$trouble $problem"
}

announce_resource() {
  [ -z "$announce" ] || resource "$1" "$2"
}

# A project that was not there before is taken down while its compose file still is.
take_down() {
  [ "$4" = absent ] && [ -f "$root$1/$2" ] || return 0
  run_compose "$root$1" "$2" down --remove-orphans || note_trouble
  point compose-down
}

# file N MODE OWNER PATH
restore_file() {
  staged="$staged $lib/generations/$pending/undo/$1"
  put_file "$lib/generations/$pending/undo/$1" "$2" "$3" "$root$4" || return 1
  undo_paths="$undo_paths $4"
  announce_resource "file:$4" update
}

restore_absent() {
  undo_paths="$undo_paths $1"
  [ -d "$root${1%/*}/" ] || return 0
  sweep "$root${1%/*}"
  attempt file-failed rm -f "$root$1" || return 1
  point file-removed
  attempt file-failed sync "$root${1%/*}/" || return 1
  announce_resource "file:$1" remove
}

# service NAME ENABLED ACTIVE
restore_service() {
  case $2 in enabled) control enable "$1" || note_trouble ;; disabled) control disable "$1" || note_trouble ;; esac
  case $3 in active) restart_service "$1" || note_trouble ;; *) control stop "$1" || note_trouble ;; esac
  point service-restored
  announce_resource "service:$1" restart
}

keep_containers() {
  containers=" $*"
}

restore_compose() {
  [ "$4" != absent ] && [ -f "$root$1/$2" ] || return 0
  if run_compose "$root$1" "$2" up -d --remove-orphans && await_running "$3"; then
    containers="$containers $id"
  else
    note_trouble
  fi
  point compose-restored
  announce_resource "compose:$1" up
}

# Last of what restarts, since the mirror may be far away: time is served meanwhile.
restore_packages() {
  wanted=''
  each "$undo_list" package want_package
  [ -n "$wanted" ] || return 0
  query_packages $wanted
  each "$undo_list" package restore_package
  point packages-restored
}

want_package() { wanted="$wanted $1"; }

restore_package() {
  find_package "$1"
  [ "$version" != "$2" ] || return 0
  if apt_install "$1=$2"; then
    announce_resource "package:$1" update
  else
    note_trouble
    announce_resource "package:$1" failed
  fi
}

# After a reboot the device runs with the file that is going away now, and has to reboot again.
restore_marks() {
  each "$undo_list" boot was_boot
  each "$undo_list" reboot-required was_marked
  each "$undo_list" reboot-when was_cause
  [ -n "$marks" ] || return 0
  boot_id
  [ "$boot" = "$undo_boot" ] || was_marked=$boot
  if [ -n "$was_marked" ]; then write_state reboot-required "$was_marked"; else remove_state reboot-required; fi
}

was_boot() { undo_boot=$1; }
was_marked() { was_marked=$1; }
was_cause() { marks=yes; }

mode_revert() {
  enter
  forget_at_rest
  announce=yes
  [ -z "$returning" ] || go_on
  if [ -n "$pending" ]; then
    go_back unconfirmed 'the generation was taken back' requested || give_up
    current_generation
    [ -z "$trouble" ] || fail step-failed "generation $current is back, with trouble:$trouble"
    succeed "$current"
  fi
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

# What timer and boot begin with: no bundle, and time to wait for an operation that still runs.
enter_alone() {
  trap '' HUP PIPE INT TERM
  mkdir -p "$root/run/timeball" && work=$(mktemp -d "$root/run/timeball/op.XXXXXX") || exit 1
  own_work=yes
  take_lock 3600
  current_generation
  read_pending
}

alone_recover() {
  mode=recovery
  enter_alone
  [ -z "$returning" ] || go_on
  go_back interrupted 'the device restarted before the generation was confirmed' power-loss || give_up
  remove_shadow || :
  current_generation
  forget_secrets || :
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

# A timer that finds that its generation waits no more ends: it comes again otherwise.
alone_timer() {
  mode=timer
  enter_alone
  forget_at_rest
  [ "$pending$returning" = "$1" ] || stop_timer "$1"
  [ "$pending$returning $pending_operation" = "$1 $2" ] ||
    finish "\"status\":\"ok\",\"generation\":$current" 0
  [ -z "$returning" ] || go_on
  go_back unconfirmed 'the generation was not confirmed in time' unconfirmed || give_up
  current_generation
  finish "\"status\":\"ok\",\"generation\":$current" 0
}
