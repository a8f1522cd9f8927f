# APPLY: HOW TO REVERT

# undo/list says how to revert, undo/N is what file line N replaces.
save_undo() {
  undo=$replaced_packages undo_files='' number=0
  each "$manifest" file save_file
  number=0
  each "$manifest" service save_service
  number=0
  each "$manifest" compose save_compose
  boot_id
  undo="${undo}boot $boot
"
  first_line "$lib/container"
  [ -z "$line" ] || undo="${undo}container $line
"
  first_line "$lib/reboot-required"
  [ -z "$line" ] || undo="${undo}reboot-required $line
"
  each "$manifest" reboot-when save_reboot
  output=$(printf '%s' "$undo" | dd "of=$lib/staging/undo/list" conv=fsync status=none 2>&1) ||
    because file-failed "$output" || give_up
  attempt file-failed sync $undo_files "$lib/staging/undo" "$lib/staging" || give_up
  point undo-synced
}

save_file() {
  number=$((number + 1))
  recall change $number
  case $kept in
  create) undo="${undo}absent $5
" ;;
  update)
    attempt file-failed cp -p "$root$5" "$lib/staging/undo/$number" || give_up
    attempt file-failed stat -c '0%03a %u:%g' "$root$5" || give_up
    undo_files="$undo_files $lib/staging/undo/$number"
    undo="${undo}file $number $output $5
"
    ;;
  esac
}

save_service() {
  number=$((number + 1))
  recall service $number
  find_service "$1"
  [ -z "$kept" ] || undo="${undo}service $1 $enabled $active
"
}

save_compose() {
  number=$((number + 1))
  recall compose $number
  find_object "$3"
  [ -n "$kept" ] || return 0
  if is_foreign "$1"; then
    note foreign $number "$3-aside-$current"
    restart_policy "$3"
    undo="${undo}aside $3 $3-aside-$current $container $restart
"
    container=absent
  fi
  undo="${undo}compose $1 $2 $3 $container
"
}

save_reboot() {
  ! is_changed "$1" || undo="${undo}reboot-when $1
"
}
