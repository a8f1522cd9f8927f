# APPLY: WHAT IS KEPT BEFORE THE FIRST SWAP

unit=timeball-recover.service
staged=''

# Twice the bundle and a little more where it is kept, once where each file goes.
check_space() {
  size=0
  [ ! -d "$files" ] || size=$(du -sk "$files") && size=${size%%[!0-9]*}
  size=${size:-0}
  folders=$lib
  for path in $changed_paths; do
    folder=$root${path%/*}
    while [ ! -d "$folder/" ]; do folder=${folder%/*}; done
    folders="$folders ${folder:-/}"
  done
  df -Pk $folders >"$work/df" 2>/dev/null || fail file-failed 'df does not work'
  needed=$((size * 2 + 1024))
  while read -r _ _ _ free _ mount; do
    is_number "$free" || continue
    [ "$free" -ge $needed ] || fail no-space "$free KiB free on ${mount#"$root"}, $needed needed"
    needed=$((size + 256))
  done <"$work/df"
}

# A copy of the desired state on the device's own storage, verified and synced.
stage() {
  attempt file-failed rm -rf "$lib/staging" || give_up
  attempt file-failed mkdir -p "$lib/staging/files" "$lib/staging/undo" || give_up
  attempt file-failed cp "$manifest" "$lib/staging/manifest" || give_up
  point staging-begun
  staged=''
  each "$manifest" file stage_file
  : >"$work/sums"
  [ -z "$staged" ] || sha256sum $staged >"$work/sums" || fail corrupt-bundle 'the bundle is not complete'
  exec 3<"$work/sums"
  each "$manifest" file verify_file
  exec 3<&-
  attempt file-failed sync "$lib/staging/manifest" $staged "$lib/staging/files" || give_up
  point staging-synced
}

stage_file() {
  [ -f "$files/$1" ] || fail corrupt-bundle 'the bundle is not complete'
  [ -f "$lib/staging/files/$1" ] || attempt file-failed cp "$files/$1" "$lib/staging/files/$1" || give_up
  staged="$staged $lib/staging/files/$1"
}

verify_file() {
  read -r sum _ <&3
  [ "$sum" = "$2" ] || fail corrupt-bundle "the content for $5 is not what the bundle says"
}

# The generation that is left may have named no versions: activating it again means these.
keep_replaced_packages() {
  [ -d "$lib/generations/$current" ] || return 0
  if [ -n "$replaced_packages" ]; then
    write_state "generations/$current/packages" "$replaced_packages" || give_up
  else
    remove_state "generations/$current/packages" || give_up
  fi
}

# Sets $two to the version of package $1 that generation $generation was left with.
find_left_version() {
  [ ! -r "$lib/generations/$generation/packages" ] || while read -r _ left left_version; do
    [ "$left" != "$1" ] || two=$left_version
  done <"$lib/generations/$generation/packages"
}

# The staged generation gets its number: not one that was given back, nor that of an older rollback.
keep_generation() {
  next=$((current + 1))
  first_line "$lib/recovered"
  for lost in "${line%% *}" "$returning"; do
    [ "${lost:-0}" -lt $next ] || next=$((lost + 1))
  done
  attempt file-failed rm -rf "$lib/generations/$next" || give_up
  attempt file-failed mv -T "$lib/staging" "$lib/generations/$next" || give_up
  point generation-renamed
  attempt file-failed sync "$lib/generations" || give_up
  staged=''
  each "$manifest" file kept_file
}

kept_file() { staged="$staged $lib/generations/$next/files/$1"; }

# The applier of this bundle stays for timer and boot; the boot unit is written and enabled once.
stay_for_boot() {
  if ! cmp_files "$work/applier.sh" "$lib/applier"; then
    put_file "$work/applier.sh" 0700 - "$lib/applier" || give_up
  fi
  units=$root/etc/systemd/system
  printf '%s\n' '[Unit]' 'Description=Timeball: revert a change that was not confirmed' \
    'After=local-fs.target docker.service' '' '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' \
    'ExecStart=/bin/sh /var/lib/timeball/applier recover' '' \
    '[Install]' 'WantedBy=multi-user.target' >"$work/unit" || fail no-space 'no space in /run/timeball'
  cmp_files "$work/unit" "$units/$unit" && [ -h "$units/multi-user.target.wants/$unit" ] && return 0
  make_folder "/etc/systemd/system" || give_up
  put_file "$work/unit" 0644 - "$units/$unit" || give_up
  attempt service-failed timeout -k 5 60 systemctl daemon-reload || :
  attempt service-failed timeout -k 5 60 systemctl enable $unit || give_up
}

cmp_files() {
  [ -f "$2" ] || return 1
  sha256sum "$1" "$2" >"$work/cmp" || return 1
  { read -r sum _ && read -r other_sum _; } <"$work/cmp"
  [ "$sum" = "$other_sum" ]
}

# Armed before `pending` is written: a timer that finds nothing of its own does nothing. What it could
# not do is tried again after the same time. Its operation is the argument.
# shellcheck disable=SC2016 # that text is for the shell that waits
arm_timer() {
  timer=timeball-revert-$next
  stop_timer $next
  armed_for=$1
  set -- /bin/sh "$lib/applier" timer $next "$1"
  [ -z "$root" ] || set -- "--setenv=TIMEBALL_ROOT=$root" "--setenv=PATH=$PATH" "$@"
  attempt step-failed systemd-run --quiet --collect "--unit=$timer" "--on-active=$confirm_seconds" \
    "--on-unit-inactive=$confirm_seconds" --timer-property=AccuracySec=1s "$@" ||
    detach 'while sleep "$1"; do sh "$2" timer "$3" "$4" && exit; done' sh "$confirm_seconds" "$lib/applier" $next "$armed_for"
  point timer-armed
}
