# ROLLBACK: an older generation again, as a new one, whatever is there now. Never reverted: what is
# left lies behind for a reason. What cuts it short, or cannot be done, is tried again by its timer, at
# the next boot, or when it is asked for again.

mode_activate() {
  enter
  refuse_pending
  forget_at_rest
  number_field retry-seconds
  confirm_seconds=$value
  number_field generation
  generation=$value
  kept_manifest=$lib/generations/$generation/manifest
  [ -f "$kept_manifest" ] || fail moved "generation $generation is not kept on the device"
  state_of "$generation"
  wanted_state=$state
  [ -z "$returning" ] || state_of "$returning"
  [ -z "$returning" ] || [ "$state" != "$wanted_state" ] || go_on
  files=$work/back filled='' secret_paths=' '
  attempt no-space cp -R "$lib/generations/$generation/files" "$files" || give_up
  each "$kept_manifest" file fill_file || give_up
  while read -r verb one two three four five; do
    case $verb in
    file)
      four=any
      case $filled in *"|$one "*) two=${filled#*"|$one "} two=${two%% *} one=${one#masked-} ;; esac
      ;;
    secrets) secret_paths="$secret_paths$one " ;;
    package) [ -n "$two" ] || find_left_version "$one" ;;
    confirm-seconds | retry-seconds) verb=retry-seconds one=$confirm_seconds ;;
    esac
    printf '%s\n' "$verb $one $two $three $four $five"
  done <"$kept_manifest" >"$work/activate" || fail no-space 'no space in /run/timeball'
  each "$manifest" secrets keep_secrets_line || fail no-space 'no space in /run/timeball'
  going_back=yes
  change_to "$work/activate"
}

# Gives the copy of a kept file the secrets of today: those of the request, else those that the file
# in place has, since a rollback must be had by who has lost the keys, too.
# file INDEX SHA256 MODE BEFORE PATH
fill_file() {
  filled_path=$5 today='' kept_file=$lib/generations/$generation/files/$1
  each "$manifest" secrets find_today
  if [ -z "$today" ]; then
    case $1 in masked-*) ;; *) return 0 ;; esac
    today=$work/today
    find_secrets "$root$5" "$today" || because no-way-back "nobody knows the secrets for $5" || return 1
  fi
  { [ -f "$kept_file" ] && sum_of "$kept_file" && [ "$sum" = "$2" ]; } ||
    because no-way-back "the kept content for $5 is damaged" || return 1
  fill_secrets "$kept_file" "$today" "$files/${1#masked-}" || return 1
  sum_of "$files/${1#masked-}" || return 1
  filled="$filled|$1 $sum "
}

# secrets PATH INDEX
find_today() { [ "$1" != "$filled_path" ] || today=$work/files/$2; }

keep_secrets_line() {
  case $secret_paths in *" $1 "*) ;; *) printf 'secrets %s\n' "$1" >>"$work/activate" ;; esac
}

# What differs now is still a cause of what has to be restarted when it does not differ any more.
save_causes() {
  output=$(printf '%s\n' "$changed_paths" | dd "of=$lib/staging/causes" conv=fsync status=none 2>&1) ||
    because file-failed "$output" || give_up
  attempt file-failed sync "$lib/staging" || give_up
  point causes-synced
}

add_causes() {
  [ -n "$returning" ] && [ -r "$lib/generations/$returning/causes" ] || return 0
  first_line "$lib/generations/$returning/causes"
  changed_paths="$changed_paths $line"
}

# Goes on with a rollback that was cut short. Never returns.
go_on() {
  going_back=yes next=$returning operation=${operation:-$pending_operation}
  manifest=$lib/generations/$next/manifest
  field state
  wanted_state=$value staged=''
  each "$manifest" file kept_file
  look_at_all
  decide
  to_install='' to_pull='' number=0
  each "$manifest" compose give_way
  number_field retry-seconds
  confirm_seconds=$value
  [ "$mode" = timer ] || arm_timer "$pending_operation"
  arrive
}

# Never returns.
arrive() {
  swap_all
  # Who reverts wants to be rid of it, in whatever state.
  [ -z "$trouble" ] || [ "$mode" = revert ] || fail_in_trouble
  remove_state recovered || give_up
  remove_state pending || give_up
  forget_secrets || :
  remove_left_asides || :
  stop_timer "$next"
  [ -z "$trouble" ] || fail_in_trouble
  succeed "$next"
}

fail_in_trouble() {
  fail step-failed "generation $next is back, with trouble:$trouble"
}
