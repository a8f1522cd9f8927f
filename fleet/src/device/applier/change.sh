# APPLY: THE CHANGE

keep_generations=5
going_back=''

# make_folder PATH: with all of its parents, 0755.
make_folder() {
  [ -n "$1" ] || return 0
  [ ! -d "$root$1" ] || return 0
  make_folder "${1%/*}" || return 1
  attempt file-failed mkdir -m 0755 "$root$1" || return 1
  outer=$root${1%/*}
  attempt file-failed sync "${outer:-/}"
}

swap_file() {
  number=$((number + 1))
  recall change $number
  if [ "$kept" != none ]; then
    make_folder "${5%/*}" || give_up "$5: "
    put_file "$lib/generations/$next/files/$1" "$3" - "$root$5" || give_up "$5: "
  fi
  resource "file:$5" "$kept"
}

reload_units() {
  case "$1 " in *' /etc/systemd/'*) attempt service-failed timeout -k 5 60 systemctl daemon-reload ;; esac
}

change_service() {
  number=$((number + 1))
  recall service $number
  name=$1 done=none
  services_changed=$services_changed$kept
  case $kept in
  '') ;;
  disable) control disable --now "$name" || hinder "$name: " ;;
  *enable*) control enable "$name" || hinder "$name: " ;;
  esac
  case $kept in disable) done=remove ;; *restart*) restart_service "$name" || hinder "$name: " ;; esac
  case $kept in enable) done=update ;; *restart*) done=restart ;; esac
  point service-changed
  resource "service:$name" $done
}

# hinder [WHAT]: what a service or a container does stops a change; a rollback notes it and goes on.
hinder() {
  [ -n "$going_back" ] || give_up "${1:-}"
  problem=${1:-}$problem
  note_trouble
}

# Some services die only after systemctl has been content with them.
verify_services() {
  look_at_services
  each "$manifest" service verify_service
}

verify_service() {
  find_service "$1"
  [ "$2.$active" != restart.failed ] || because service-failed "$1 has failed" || hinder
}

control() {
  attempt service-failed timeout -k 5 120 systemctl "$@"
}

# restart_service NAME: an sshd that would not come up again goes on as it is, or nobody gets in.
restart_service() {
  case $root$1 in ssh.service) attempt service-failed timeout -k 5 20 sshd -t || return 1 ;; esac
  control restart "$1"
}

bring_up() {
  number=$((number + 1))
  recall compose $number
  if [ -n "$kept" ]; then
    recall foreign $number
    [ -z "$kept" ] || set_aside "$3" "$kept" || hinder "$3: "
    run_compose "$root$1" "$2" up -d --remove-orphans || hinder "$1: "
    point compose-up
    await_running "$3" || because compose-failed "$3 is $container, not running" || hinder
    # Compose leaves the container alone when what changed is none of its configuration.
    recall container $number
    if [ "$kept" = "$id" ]; then resource "compose:$1" none; else resource "compose:$1" up; fi
  else
    recall container $number
    id=$kept
    resource "compose:$1" none
  fi
  containers="$containers $id"
}

mark_reboot() {
  is_changed "$1" || return 0
  boot_id
  write_state reboot-required "$boot" || give_up
}

say_package_change() {
  done=none
  case " $to_install " in *" $1 "* | *" $1="*) done=create ;; esac
  case " $to_change" in *" $1="*) done=update ;; esac
  case " $lost_packages" in *" $1="*) done=failed ;; esac
  resource "package:$1" $done
}

say_image_change() {
  case " $to_pull " in *" $1 "*) resource "image:$1" create ;; *) resource "image:$1" none ;; esac
}

say_nothing() {
  each "$manifest" package say_package_change
  each "$manifest" image say_image_change
  while read -r verb one _ _ _ five; do
    case $verb in
    file) resource "file:$five" none ;;
    service) resource "service:$one" none ;;
    compose) resource "compose:$one" none ;;
    esac
  done <"$manifest"
}

mode_apply() {
  enter
  refuse_pending
  refuse_returning
  forget_at_rest
  number_field confirm-seconds
  confirm_seconds=$value
  number_field base-generation
  [ "$value" -eq "$current" ] || fail moved "generation $current is active, not $value"
  field observed-nonce
  observed_nonce=$value
  each "$manifest" prove-way-back want_proof
  change_to "$manifest"
}

# change_to MANIFEST: nothing on the device is touched before `pending` says how to revert.
change_to() {
  manifest=$1
  field state
  wanted_state=$value staged=''
  look_at_all
  find_object $shadow
  [ "$container" = absent ] || remove_shadow || :
  remove_left_asides || :
  decide
  [ -n "$work_to_do$returning" ] || { say_nothing && finish "\"status\":\"ok\",\"generation\":$current" 0; }
  [ -z "$proof_wanted" ] || prove_way_back
  check_space
  stage
  install_packages
  [ -z "$installed" ] || { wanted_packages=$to_install && look_at_all && decide && to_install=$wanted_packages; }
  fetch_packages
  pull_images
  each "$manifest" service prove_service
  number=0
  each "$manifest" compose prove_compose
  find_replaced_packages
  number=0
  if [ -n "$going_back" ]; then save_causes && each "$manifest" compose give_way; else save_undo; fi
  keep_replaced_packages
  keep_generation
  stay_for_boot
  arm_timer "$operation"
  write_state pending "$next $current $operation${going_back:+ back}" || give_up
  [ -z "$going_back" ] || arrive
  put_back=undo_swaps
  swap_all
  put_back=''
  succeed "$next"
}

want_proof() { proof_wanted=yes; }

swap_all() {
  change_packages
  each "$manifest" package say_package_change
  each "$manifest" image say_image_change
  number=0
  each "$manifest" file swap_file
  reload_units "$changed_paths" || give_up
  number=0 services_changed=''
  each "$manifest" service change_service
  number=0 containers=''
  each "$manifest" compose bring_up
  [ -z "$services_changed" ] || verify_services
  [ -z "$containers" ] || write_state container "${containers# }" || give_up
  each "$manifest" reboot-when mark_reboot
  write_state current "$next" || give_up
  prune_folder generations -rv $keep_generations
}
