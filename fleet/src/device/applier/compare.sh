# APPLY: WHAT IS THERE, WHAT TO DO

observed_nonce='' installed='' changed_paths=''

# The applier remembers things of numbered manifest lines in variables: note NAME N VALUE.
note() { eval "kept_$1_$2=\$3"; }
recall() { eval "kept=\${kept_$1_$2:-}"; }

look_at_all() {
  look_at_packages
  look_at_services
  look_at_docker
  look_at_files
  add_causes
}

# Refuses what a swap must not go through: links, folders and devices where a file should be.
check_target() {
  case $1 in /*) ;; *) fail file-failed "$1 is not an absolute path" ;; esac
  case $1/ in */../* | */./* | *//*) fail file-failed "$1 is not a plain path" ;; esac
  walked=''
  rest=${1#/}
  while case $rest in */*) ;; *) false ;; esac do
    walked=$walked/${rest%%/*}
    rest=${rest#*/}
    [ ! -h "$root$walked" ] || fail file-failed "$1: $walked is a symbolic link"
  done
  classify "$root$1"
  case $kind in file | absent) ;; *) fail file-failed "$1 is a $kind" ;; esac
}

# Sets kept_change_N to none, create or update for each file line, and $changed_paths.
look_at_files() {
  number=0 changed_paths='' present='' copies=''
  each "$manifest" file look_at_file
  : >"$work/sums"
  : >"$work/before"
  [ -z "$present" ] || sha256sum $present >"$work/sums" || fail file-failed 'a file could not be read'
  [ -z "$copies" ] || sha256sum $copies >"$work/before" || fail file-failed 'a file could not be read'
  stat -c '%a %u:%g' "$work" $present >"$work/stats" || fail file-failed 'a file could not be read'
  number=0
  exec 3<"$work/sums" 4<"$work/before" 5<"$work/stats"
  read -r _ mine <&5
  each "$manifest" file judge_file
  exec 3<&- 4<&- 5<&-
  rm -f $copies
}

# file INDEX SHA256 MODE BEFORE PATH
look_at_file() {
  number=$((number + 1))
  is_number "$1" || refuse_manifest file
  check_target "$5"
  note kind $number $kind
  [ $kind = file ] || return 0
  present="$present $root$5"
  case $4 in any | absent) return 0 ;; esac
  { printf '%s' "$observed_nonce" && cat "$root$5"; } >"$work/before-$number" ||
    fail no-space 'no space in /run/timeball to look at a file'
  copies="$copies $work/before-$number"
}

judge_file() {
  number=$((number + 1))
  recall kind $number
  change=create
  if [ "$kept" = file ]; then
    read -r sum _ <&3
    read -r is_mode is_owner <&5
    case $4 in any | absent) before=$4 ;; *) read -r before _ <&4 ;; esac
    change=update
    [ "$sum" != "$2" ] || is_other_mode "$3" "$5" || change=none
  else
    before=absent
  fi
  expect_before "$4" "$5"
  note change $number $change
  [ $change = none ] || changed_paths="$changed_paths $5"
}

# FAT, as on /boot/firmware, has no modes: what cannot be changed is not a difference.
is_other_mode() {
  [ "0$is_mode" != "$1" ] || [ "$is_owner" != "$mine" ] || return 1
  case $(stat -f -c %T "$root$2") in msdos | vfat | exfat) return 1 ;; esac
}

expect_before() {
  [ "$1" != any ] && [ -z "$installed" ] || return 0
  if [ "$1" = absent ]; then
    [ "$kept" = absent ] || fail moved "$2 has appeared since it was observed"
  elif [ "$before" != "$1" ]; then
    fail moved "$2 has changed since it was observed"
  fi
}

is_changed() {
  case " $changed_paths " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

is_changed_below() {
  for path in $changed_paths; do
    case $path in "$1"/*) return 0 ;; esac
  done
  return 1
}

# Sets $to_install, $to_change, $to_pull, kept_service_N, kept_compose_N, and $work_to_do when anything is to do.
decide() {
  to_install='' to_change='' to_pull='' work_to_do=$changed_paths
  each "$manifest" package decide_package
  each "$manifest" image decide_image
  number=0
  each "$manifest" service decide_service
  number=0
  each "$manifest" compose decide_compose
  state_of "$current"
  [ "$state" = "$wanted_state" ] || work_to_do="$work_to_do state"
}

# package NAME [VERSION]
decide_package() {
  find_package "$1"
  case $version in
  '') to_install="$to_install $1${2:+=$2}" ;;
  "${2:-"$version"}") return 0 ;;
  *) to_change="$to_change $1=$2" ;;
  esac
  work_to_do="$work_to_do package"
}

decide_image() {
  find_object "$1"
  [ -n "$id" ] || { to_pull="$to_pull $1" && work_to_do="$work_to_do image"; }
}

# service NAME disable | service NAME restart PATH…
decide_service() {
  number=$((number + 1))
  find_service "$1"
  name=$1 want=$2 todo=''
  shift 2
  if [ "$want" = disable ]; then
    [ "$load" = not-found ] || { [ "$enabled" != enabled ] && [ "$active" != active ]; } || todo=disable
  else
    [ "$enabled" != disabled ] || todo=enable
    [ "$active" = active ] || todo="$todo restart"
    for path; do is_changed "$path" && todo="$todo restart" && break; done
  fi
  note service $number "$todo"
  [ -z "$todo" ] || work_to_do="$work_to_do service"
}

# compose DIR FILE CONTAINER
decide_compose() {
  number=$((number + 1))
  find_object "$3"
  todo=up
  { [ "$container" = running ] && is_activated; } || id=''
  [ -z "$id" ] || is_changed_below "$1" || todo=''
  note compose $number "$todo"
  note container $number "$id"
  [ -z "$todo" ] || work_to_do="$work_to_do compose"
}
