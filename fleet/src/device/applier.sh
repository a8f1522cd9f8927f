#!/bin/sh
# Timeball's applier: the device's half of docs/device-protocol.md.
#
#   sh applier.sh FOLDER           an unpacked bundle: applier.sh, manifest, files/0, files/1, …
#   sh applier recover             at boot: go back from a generation that was never confirmed
#   sh applier timer N OPERATION   the revert timer of generation N, armed by that operation
#
#   mode      changes                                   lock  epoch  record
#   observe   nothing at all                            no    no     no
#   apply     packages, images, files, services, …      yes   yes    yes
#   activate  the same, from a generation kept here     yes   yes    yes
#   confirm   takes the revert timer away               yes   yes    yes
#   revert    goes back from what is not confirmed      yes   yes    yes
#   shadow-*  runs another image beside, or no more     yes   yes    no
#   reboot    reboots a second after the answer         yes   yes    yes
#
# INVARIANTS:
# - Nothing is swapped in before its undo copy, `pending` and the revert timer are in place.
# - `pending` is removed last of all: whatever is cut short before that goes back at the next boot.
# - Going back can be cut short anywhere and started again.
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
unit=timeball-recover.service
content_limit=65536 # larger files are reported without their content
keep_generations=5
keep_operations=20
log_lines=10000 # of each log that is looked at, the newest; and the first bytes of those
log_bytes=4194304
shadow=mcp-utc-time-shadow

nonce='' mode='' operation='' epoch=0 generation=0 base_generation=0 observed_nonce=''
confirm_seconds=120 work='' own_work='' report='' swapping='' installed='' changed_paths='' points=0
staged='' announce='' trouble='' proof_wanted='' lost_packages=''
problem='' problem_code=step-failed

# TEXT AND REPORTS

# Kills the applier at the named or numbered point: how the tests cut the power.
point() {
  points=$((points + 1))
  case ${TIMEBALL_FAULT:-} in "$1" | "$points") kill -9 $$ ;; esac
}

# Sets $problem_code and $problem; always false.
because() {
  problem_code=$1
  problem=$2
  case $2 in *'No space left'* | *'Disk quota exceeded'* | *'no space left'*) problem_code=no-space ;; esac
  return 1
}

# attempt CODE COMMAND…: runs it without our lock and input; its output is in $output.
attempt() {
  attempt_code=$1
  shift
  output=$("$@" 2>&1 </dev/null 9>&-) || because "$attempt_code" "$output"
}

is_number() {
  case $1 in '' | *[!0-9]* | ????????????????*) return 1 ;; esac
}

# Sets $line to the first line of a file; empty when there is none.
first_line() {
  line=''
  [ ! -r "$1" ] || IFS= read -r line <"$1" || :
}

# Sets $text to VALUE as it may stand in a JSON string: printable ASCII, no more than 300 characters.
clean() {
  text=$1
  case $text in
  *[!\ -~]* | *[\"\\]*) ;;
  *) [ ${#text} -gt 300 ] || return 0 ;;
  esac
  text=$(printf '%s' "$text" | tr '\n\t"\134' "  '/" | tr -cd ' -~' | tail -c 300)
}

# Sets $now to milliseconds since boot. Reading /proc/uptime costs no process, as date would.
now_ms() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}0
  while case $now in 0?*) ;; *) false ;; esac do now=${now#0}; done
}

# One line of the report. A controller that is gone does not stop an operation.
say() {
  [ "$mode" = observe ] || report="$report$1
"
  printf '%s\n' "$1" 2>/dev/null || :
}

begin_report() {
  printf '{"type":"begin","protocol":1,"nonce":"%s"}\n' "$nonce" 2>/dev/null || :
}

# resource NAME CHANGE: what became of one resource, and the time since the one before.
resource() {
  now_ms
  say "{\"type\":\"resource\",\"resource\":\"$1\",\"change\":\"$2\",\"ms\":$((now - lap))}"
  lap=$now
}

# finish OUTCOME EXIT: the end line, whose first half a later replay makes anew. Never returns.
finish() {
  end_nonce=null
  [ -z "$nonce" ] || end_nonce="\"$nonce\""
  printf '{"type":"end","nonce":%s,%s}\n' "$end_nonce" "$1" 2>/dev/null || :
  [ -z "$own_work" ] || rm -rf "$work"
  exit "$2"
}

# Sets $outcome to the half of an end line that is worth remembering.
failed_outcome() {
  clean "$3"
  outcome="\"status\":\"failed\",\"generation\":$1,\"code\":\"$2\",\"detail\":\"$text\""
}

# succeed GENERATION: ends an operation that changed something, and remembers it.
succeed() {
  record_operation "$operation" "\"status\":\"ok\",\"generation\":$1" || :
  finish "\"status\":\"ok\",\"generation\":$1" 0
}

# fail CODE DETAIL: ends the operation. After the first swap everything is put back before.
fail() {
  fail_code=$1
  fail_detail=$2
  if [ -n "$swapping" ]; then
    swapping=''
    announce=''
    go_back "$fail_code" "$fail_detail" '' ||
      fail_detail="$fail_detail; and it could not be put back: $problem"
    [ -z "$trouble" ] || fail_detail="$fail_detail; and going back had trouble:$trouble"
  fi
  current_generation
  failed_outcome "$current" "$fail_code" "$fail_detail"
  finish "$outcome" 3
}

give_up() {
  fail "$problem_code" "${1:-}$problem"
}

# THE MANIFEST

# each FILE VERB FUNCTION: calls it with the fields of every such line, until one fails.
each() {
  while read -r verb fields; do
    [ "$verb" = "$2" ] || continue
    "$3" $fields </dev/null || return 1
  done <"$1"
}

# collect N VERB…: sets $words to the Nth field of each such line of the manifest.
collect() {
  words=''
  field=$1
  shift
  while read -r verb one two three _; do
    case " $* " in *" $verb "*) ;; *) continue ;; esac
    case $field in 1) words="$words $one" ;; 2) words="$words $two" ;; 3) words="$words $three" ;; esac
  done <"$manifest"
}

refuse_manifest() {
  problem="the manifest's $1 is not valid"
  nonce=''
  fail protocol "$problem"
}

read_manifest() {
  [ -f "$work/manifest" ] || fail corrupt-bundle 'the bundle has no manifest'
  manifest=$work/manifest
  files=$work/files
  first_line "$manifest"
  [ "$line" = 'timeball-manifest 1' ] || refuse_manifest version
  while read -r verb value _; do
    case $verb in
    mode) mode=$value ;;
    operation) operation=$value ;;
    nonce) nonce=$value ;;
    epoch) epoch=$value ;;
    generation) generation=$value ;;
    base-generation) base_generation=$value ;;
    observed-nonce) observed_nonce=$value ;;
    confirm-seconds) confirm_seconds=$value ;;
    esac
  done <"$manifest"
  case $nonce in *[!0-9a-f]*) refuse_manifest nonce ;; ????????????????????????????????) ;; *) refuse_manifest nonce ;; esac
  case $operation in '' | *[!A-Za-z0-9-]*) refuse_manifest operation ;; esac
  for value in "$epoch" "$generation" "$base_generation" "$confirm_seconds"; do
    is_number "$value" || refuse_manifest number
  done
}

# WHAT LASTS

# put_file SOURCE MODE OWNER TARGET: TARGET is wholly old or wholly new, also when power fails.
# The temporary file is 0600 until it is complete. OWNER `-` leaves it to whoever runs this.
put_file() {
  parent=${4%/*}
  parent=${parent:-/}
  sweep "$parent"
  attempt file-failed mktemp "$parent/.timeball.XXXXXX" || return 1
  fresh=$output
  point file-created
  if write_fresh "$1" "$2" "$3" && attempt file-failed mv -T "$fresh" "$4"; then
    point file-renamed
    attempt file-failed sync "$parent" || return 1
    point file-synced
    return 0
  fi
  rm -f "$fresh"
  return 1
}

# sweep FOLDER: removes what a swap that was cut short has left there.
sweep() {
  set +f
  for stale in "$1"/.timeball.??????; do
    [ ! -f "$stale" ] || rm -f "$stale"
  done
  set -f
}

# `nofollow`: whoever can write to the folder cannot turn the copy somewhere else.
write_fresh() {
  attempt file-failed dd "if=$1" "of=$fresh" bs=64k oflag=nofollow conv=nocreat,notrunc status=none || return 1
  point file-written
  [ "$3" = - ] || attempt file-failed chown "$3" "$fresh" || return 1
  [ "$2" = 0600 ] || attempt file-failed chmod "$2" "$fresh" || return 1
  attempt file-failed sync "$fresh" || return 1
  point file-complete
}

# write_state NAME TEXT: one of the applier's own files, written as safely.
write_state() {
  state_file=$lib/$1
  output=$(printf '%s\n' "$2" | dd "of=$lib/.new" conv=fsync status=none 2>&1) ||
    because file-failed "$output" || return 1
  point "$1-written"
  attempt file-failed mv -T "$lib/.new" "$state_file" || return 1
  point "$1-renamed"
  attempt file-failed sync "${state_file%/*}" || return 1
  point "$1-synced"
}

remove_state() {
  [ -e "$lib/$1" ] || return 0
  attempt file-failed rm -f "$lib/$1" || return 1
  point "$1-removed"
  attempt file-failed sync "$lib" || return 1
  point "$1-gone"
}

# record_operation ID OUTCOME: what a repeated operation is answered with.
record_operation() {
  [ -n "$1" ] || return 0
  write_state "operations/$1" "$report$2" || return 1
  prune_folder operations -t $keep_operations
}

# prune_folder NAME ORDER KEEP: removes all but the first KEEP of it, in the order of ls(1).
prune_folder() {
  # shellcheck disable=SC2012 # the names are all our own
  ls "$2" "$lib/$1" | tail -n "+$(($3 + 1))" | while read -r old; do rm -rf "$lib/$1/${old:?}"; done
}

# Answers a finished operation from its record, with today's nonce.
replay() {
  [ -f "$lib/operations/$operation" ] || return 0
  while IFS= read -r line; do
    case $line in
    '{'*) say "$line" ;;
    '"status":"ok"'*) finish "$line" 0 ;;
    *) finish "$line" 3 ;;
    esac
  done <"$lib/operations/$operation"
}

# Sets $current to the number of the active generation.
current_generation() {
  first_line "$lib/current"
  current=${line:-0}
  is_number "$current" || current=0
}

# Sets $pending (a number, or empty), $previous and $pending_operation.
read_pending() {
  pending='' previous=0 pending_operation=''
  [ ! -r "$lib/pending" ] || read -r pending previous pending_operation <"$lib/pending" || :
}

# Sets $state to the content address of generation $current; empty when it has none.
current_state() {
  state=''
  [ ! -r "$lib/generations/$current/manifest" ] || {
    while read -r verb value _; do
      case $verb in state) state=$value && break ;; esac
    done <"$lib/generations/$current/manifest"
  }
}

# Sets $found to the device's own DEVICE-FILE where it is embedded, else to the kernel's.
kernel_file() {
  found=$2
  [ -z "$root" ] || [ ! -r "$root/proc/$1" ] || found=$root/proc/$1
}

boot_id() {
  kernel_file boot_id /proc/sys/kernel/random/boot_id
  first_line "$found"
  boot=$line
}

# LOCK AND FENCE

make_home() {
  [ -d "$lib/operations" ] && [ -d "$lib/generations" ] && [ -e "$lib/lock" ] && return 0
  attempt file-failed mkdir -p "$lib/operations" "$lib/generations" || give_up
  attempt file-failed touch "$lib/lock" || give_up
}

# take_lock SECONDS: file descriptor 9 holds it; no child that may live on gets that descriptor.
take_lock() {
  make_home
  exec 9>>"$lib/lock"
  if ! flock -w "$1" 9; then
    first_line "$lib/lock"
    fail locked "${line:-another operation} holds the device"
  fi
  printf '%s of operation %s, process %s\n' "$mode" "${operation:-none}" $$ 2>/dev/null >"$lib/lock" || :
}

# Refuses an epoch lower than the highest seen, and remembers a higher one.
fence() {
  first_line "$lib/epoch"
  seen=${line:-0}
  [ "$epoch" -ge "$seen" ] || fail fenced "epoch $epoch is over: this device has seen $seen"
  [ "$epoch" -eq "$seen" ] || write_state epoch "$epoch" || give_up
}

# What every mode but observe begins with.
enter() {
  trap '' HUP PIPE INT TERM
  take_lock 10
  fence
  replay
  current_generation
  read_pending
}

# LOOKING

# Sets $version to that of an installed package; empty when it is not installed.
find_package() {
  version=''
  while read -r status package package_version; do
    [ "$status" != installed ] || [ "$package" != "$1" ] || version=$package_version
  done <"$work/packages"
}

look_at_packages() {
  collect 1 package watch-package
  query_packages $words
}

query_packages() {
  : >"$work/packages"
  [ $# -eq 0 ] ||
    dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' "$@" >"$work/packages" 2>/dev/null || :
}

# Sets $load, $active and $enabled of a service that was looked at.
find_service() {
  load=unknown active=unknown enabled=unknown
  case $services in *"|$1 "*) ;; *) return 0 ;; esac
  set -- ${services#*"|$1 "}
  load=$1 active=$2 enabled=$3
}

# One systemctl call for all. Blocks come in the order asked for, with an empty line between.
look_at_services() {
  collect 1 service watch-service
  services=''
  [ -n "$words" ] || return 0
  timeout -k 5 20 systemctl show --property=LoadState,ActiveState,UnitFileState $words >"$work/services" 2>/dev/null 9>&- || :
  set -- $words
  load='' active=unknown enabled=unknown
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    LoadState=*) load=${line#*=} ;;
    ActiveState=*) active=${line#*=} ;;
    UnitFileState=*) enabled=${line#*=} ;;
    '') add_service "${1:-}" && shift ;;
    esac
  done <"$work/services"
  add_service "${1:-}" || :
}

add_service() {
  [ -n "$1" ] && [ -n "$load" ] || return 1
  case $load in loaded | not-found | masked) ;; *) load=unknown ;; esac
  case $active in active | inactive | failed) ;; reloading) active=active ;; deactivating) active=inactive ;; *) active=unknown ;; esac
  case $enabled in
  enabled | disabled) ;;
  enabled-runtime) enabled=enabled ;;
  masked | masked-runtime) enabled=disabled ;;
  static | alias | indirect | generated | transient | linked*) enabled=static ;;
  *) enabled=unknown ;;
  esac
  services="$services|$1 $load $active $enabled "
  load='' active=unknown enabled=unknown
}

# For containers and images alike. `index` gives nothing where a field would be an error.
inspect_format='{{with index . "State"}}container {{index . "Status"}} {{with index . "Health"}}{{index . "Status"}}{{else}}none{{end}}{{else}}image - none{{end}} {{index . "Id"}} {{with index . "Image"}}{{.}}{{else}}-{{end}} {{with index . "RestartCount"}}{{.}}{{else}}0{{end}}'

# One docker call for all. Sets $docker (ok, absent, unknown) and $objects.
look_at_docker() {
  collect 1 watch-container watch-image image
  asked=$words
  collect 3 compose
  asked="$asked $words"
  [ "$mode" = observe ] || asked="$asked $shadow"
  docker=absent objects=''
  inspect $asked
}

# The objects that exist come in the order asked for; the others are named in error messages.
inspect() {
  [ $# -gt 0 ] && command -v docker >/dev/null || return 0
  docker=unknown
  timeout -k 5 20 docker inspect --format "$inspect_format" "$@" >"$work/docker" 2>&1 </dev/null 9>&- || :
  missing=' ' found_count=0
  while read -r line; do
    case $line in
    *'o such object: '*) missing="$missing${line##*: } " && docker=ok ;;
    'container '* | 'image '*) found_count=$((found_count + 1)) && docker=ok ;;
    esac
  done <"$work/docker"
  [ $docker = ok ] || return 0
  while read -r line; do
    case $line in 'container '* | 'image '*) ;; *) continue ;; esac
    while case $missing in *" ${1:-} "*) ;; *) false ;; esac do shift; done
    [ $# -gt 0 ] || break
    objects="$objects|$1 ${line#* } "
    shift
  done <"$work/docker"
}

# Sets $container, $health, $id, $image_id and $restarts of a container or image that was looked at.
find_object() {
  container=absent health=none id='' image_id='' restarts=0
  [ $docker != unknown ] || container=unknown
  case $objects in *"|$1 "*) ;; *) return 0 ;; esac
  set -- ${objects#*"|$1 "}
  container=$1 health=$2 id=$3 image_id=$4 restarts=$5
  case $container in running | restarting | exited | paused | created | dead | absent) ;; *) container=unknown ;; esac
  case $health in healthy | unhealthy | starting) ;; *) health=none ;; esac
  is_number "$restarts" || restarts=0
}

# Whether $id is a container that the last activation made.
is_activated() {
  first_line "$lib/container"
  case " $line " in *" ${id:--} "*) return 0 ;; *) return 1 ;; esac
}

# Sets $kind to absent, file, symlink, directory or other.
classify() {
  if [ -h "$1" ]; then
    kind=symlink
  elif [ -f "$1" ]; then
    kind='file'
  elif [ -d "$1" ]; then
    kind=directory
  elif [ -e "$1" ]; then
    kind=other
  else
    kind=absent
  fi
}

# OBSERVE

observe() {
  begin_report
  look_at_packages
  look_at_services
  look_at_docker
  say_device
  each "$manifest" watch-package say_package
  say_files
  each "$manifest" watch-service say_service
  each "$manifest" watch-container say_container
  each "$manifest" watch-image say_image
  each "$manifest" watch-log say_log
  say_disks
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

# Sets $hostname, $os, $kernel, $uptime and $arch.
identify() {
  first_line /proc/sys/kernel/hostname
  [ -z "$root" ] || first_line "$root/etc/hostname"
  clean "${line:-unknown}" && hostname=$text
  os_id=unknown os_version=''
  [ ! -r "$root/etc/os-release" ] || while IFS= read -r line; do
    case $line in ID=*) os_id=${line#ID=} ;; VERSION_ID=*) os_version=${line#VERSION_ID=} ;; esac
  done <"$root/etc/os-release"
  os_id=${os_id#\"} os_version=${os_version#\"}
  clean "${os_id%\"} ${os_version%\"}" && os=${text% }
  first_line /proc/sys/kernel/osrelease && clean "$line" && kernel=$text
  kernel_file uptime /proc/uptime
  first_line "$found" && uptime=${line%%.*}
  clean "$(uname -m)" && arch=$text
}

say_device() {
  identify
  current_generation
  current_state
  read_pending
  boot_id
  state_json=null pending_json=null reboot_required=false recovered_json=null
  [ -z "$state" ] || state_json="\"$state\""
  [ -z "$pending" ] || pending_json=$pending
  first_line "$lib/reboot-required"
  [ -z "$line" ] || [ "$line" != "$boot" ] || reboot_required=true
  [ ! -r "$lib/recovered" ] || {
    read -r lost _ reason <"$lib/recovered" || :
    recovered_json="{\"generation\":$lost,\"reason\":\"$reason\"}"
  }
  first_line "$lib/epoch"
  seen=${line:-0}
  clean "$boot"
  say "{\"type\":\"device\",\"hostname\":\"$hostname\",\"arch\":\"$arch\",\"os\":\"$os\",\"kernel\":\"$kernel\",\"boot_id\":\"$text\",\"uptime_seconds\":$uptime,\"generation\":$current,\"state\":$state_json,\"epoch\":$seen,\"pending\":$pending_json,\"reboot_required\":$reboot_required,\"recovered\":$recovered_json}"
}

say_package() {
  find_package "$1"
  clean "$version"
  version_json=null
  [ -z "$text" ] || version_json="\"$text\""
  say "{\"type\":\"package\",\"name\":\"$1\",\"version\":$version_json}"
}

say_service() {
  find_service "$1"
  say "{\"type\":\"service\",\"name\":\"$1\",\"load\":\"$load\",\"active\":\"$active\",\"enabled\":\"$enabled\"}"
}

say_container() {
  find_object "$1"
  id_json=null image_json=null activated=false
  [ -z "$id" ] || { clean "$id" && id_json="\"$text\"" && clean "$image_id" && image_json="\"$text\""; }
  is_activated && activated=true
  say "{\"type\":\"container\",\"name\":\"$1\",\"state\":\"$container\",\"id\":$id_json,\"image_id\":$image_json,\"restarts\":$restarts,\"health\":\"$health\",\"activated\":$activated}"
}

say_image() {
  find_object "$1"
  id_json=null
  [ -z "$id" ] || { clean "$id" && id_json="\"$text\""; }
  say "{\"type\":\"image\",\"ref\":\"$1\",\"id\":$id_json}"
}

# say_log CONTAINER SECONDS: no line when there is no such log. What docker says is read to its end,
# so that its exit status means something; both streams of the container count.
say_log() {
  is_number "$2" || refuse_manifest watch-log
  {
    timeout -k 5 20 docker logs --since "$2s" --tail $log_lines "$1" 2>&1 </dev/null 9>&-
    echo $? >"$work/log-status"
  } | { head -c $log_bytes && cat >/dev/null; } >"$work/log"
  first_line "$work/log-status"
  [ "$line" = 0 ] || return 0
  lines=$(grep -ac '' "$work/log")
  errors=$(grep -aciE '^\{.*"level": *"(error|fatal|panic|critical|alert|emerg)' "$work/log")
  plain=$(grep -av '^{' "$work/log" | grep -aciwE 'error|fatal|panic')
  say "{\"type\":\"log\",\"container\":\"$1\",\"seconds\":$2,\"lines\":$lines,\"errors\":$((errors + plain))}"
}

# The boot configuration of a Pi; on older systems it is outside of /boot/firmware.
boot_config() {
  boot_config=/boot/firmware/config.txt
  classify "$root$boot_config"
  [ $kind = file ] && return
  classify "$root/boot/config.txt"
  [ $kind != file ] || boot_config=/boot/config.txt
}

# A list `ROLE VIEW KIND PATH` of all files to look at; then one stat and one sha256sum for all.
say_files() {
  watched='' regular=''
  each "$manifest" watch-file watch_file
  while read -r verb _; do
    [ "$verb" != watch-boot-config ] || { boot_config && watch_file "$boot_config" text boot-config; }
  done <"$manifest"
  [ -z "$regular" ] || stat -c '0%03a %U:%G %s' $regular >"$work/stats" 2>/dev/null || :
  : >>"$work/stats"
  : >"$work/list"
  digest_watched
  print_watched
}

watch_file() {
  classify "$root$1"
  [ $kind != symlink ] || [ "${3:-file}" = file ] || kind=absent
  watched="$watched${3:-file} $2 $kind $1
"
  [ $kind != file ] || regular="$regular $root$1"
}

# Writes $work/content-N, the nonce and then the file, and $work/digests with the sum of each.
digest_watched() {
  number=0 small=''
  for path in $regular; do
    number=$((number + 1))
    read -r _ _ size <&3 || size=0
    if [ "$size" -gt $content_limit ]; then
      { printf '%s' "$nonce" && cat "$path"; } | sha256sum >"$work/digest-$number"
    else
      { printf '%s' "$nonce" && cat "$path"; } >"$work/content-$number" 2>/dev/null || :
      small="$small content-$number"
    fi
  done 3<"$work/stats"
  [ -z "$small" ] || (cd "$work" && sha256sum $small) >"$work/digests"
}

print_watched() {
  printf '%s' "$watched" >"$work/list"
  : >>"$work/digests"
  number=0
  while read -r role view kind path; do
    start="{\"type\":\"file\",\"role\":\"$role\",\"path\":\"$path\",\"state\":\"$kind\""
    if [ "$kind" = file ]; then
      number=$((number + 1))
      read -r file_mode owner size <&3 || continue
      print_file "$view"
    else
      say "$start}"
    fi
  done <"$work/list" 3<"$work/stats" 4<"$work/digests"
}

print_file() {
  content=''
  if [ -f "$work/digest-$number" ]; then
    read -r digest _ <"$work/digest-$number"
  else
    read -r digest _ <&4
    encode_content "$1"
  fi
  say "$start,\"mode\":\"$file_mode\",\"owner\":\"$owner\",\"size_bytes\":$size,\"digest\":\"$digest\"$content}"
}

encode_content() {
  shown=$root$path
  [ "$1" != env ] || { mask_env "$work/content-$number" >"$work/masked" && shown=$work/masked; }
  content=",\"content_base64\":\"$(base64 -w0 "$shown")\""
}

# Whether a line of an env file holds a secret: by its name, or because it has no name at all.
is_secret() {
  case $1 in
  *=*) case ${1%%=*} in *[Kk][Ee][Yy]* | *[Ss][Ee][Cc][Rr][Ee][Tt]* | *[Tt][Oo][Kk][Ee][Nn]* | *[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]*) ;; *) return 1 ;; esac ;;
  '' | '#'*) return 1 ;;
  esac
}

# mask_env FILE: prints it (it begins with the nonce) with `#` and a keyed digest for each secret.
mask_env() {
  secrets='' lines=0
  while IFS= read -r line || [ -n "$line" ]; do
    [ $lines -gt 0 ] || line=${line#"$nonce"}
    lines=$((lines + 1))
    is_secret "$line" || continue
    printf '%s%s' "$nonce" "${line#*=}" >"$work/secret-$lines"
    secrets="$secrets $work/secret-$lines"
  done <"$1"
  : >"$work/secret-digests"
  [ -z "$secrets" ] || sha256sum $secrets >"$work/secret-digests"
  lines=0
  while IFS= read -r line && ending='
' || { ending='' && [ -n "$line" ]; }; do
    [ $lines -gt 0 ] || line=${line#"$nonce"}
    lines=1
    if is_secret "$line"; then
      read -r mask _ <&3
      case $line in *=*) line="${line%%=*}=#$mask" ;; *) line="#$mask" ;; esac
    fi
    printf '%s%s' "$line" "$ending"
  done <"$1" 3<"$work/secret-digests"
}

say_disks() {
  disks=''
  collect 1 watch-disk
  for path in $words; do [ ! -d "$root$path" ] || disks="$disks $root$path/"; done
  [ -n "$disks" ] || return 0
  df -Pk $disks >"$work/disks" 2>/dev/null || :
  set -- $disks
  while read -r _ blocks _ free percent _; do
    case $blocks$free in *[!0-9]*) continue ;; esac
    path=${1#"$root"}
    [ "$path" = / ] || path=${path%/}
    say "{\"type\":\"disk\",\"path\":\"$path\",\"size_bytes\":$((blocks * 1024)),\"free_bytes\":$((free * 1024)),\"used_percent\":${percent%\%}}"
    shift
  done <"$work/disks"
}

# APPLY: WHAT IS THERE, WHAT TO DO

# The applier remembers things of numbered manifest lines in variables: remember NAME N VALUE.
remember() { eval "kept_$1_$2=\$3"; }
recall() { eval "kept=\${kept_$1_$2:-}"; }

look() {
  look_at_packages
  look_at_services
  look_at_docker
  look_at_files
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
  remember kind $number $kind
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
  remember change $number $change
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
  current_state
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
  remember service $number "$todo"
  [ -z "$todo" ] || work_to_do="$work_to_do service"
}

# compose DIR FILE CONTAINER
decide_compose() {
  number=$((number + 1))
  find_object "$3"
  todo=up
  { [ "$container" = running ] && is_activated; } || id=''
  [ -z "$id" ] || is_changed_below "$1" || todo=''
  remember compose $number "$todo"
  remember container $number "$id"
  [ -z "$todo" ] || work_to_do="$work_to_do compose"
}

# APPLY: BEFORE THE FIRST SWAP

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

# A downgrade is only ever of a package whose version is named.
apt_install_once() {
  attempt package-failed timeout -k 5 1800 env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
    --no-install-recommends --allow-downgrades -o DPkg::Lock::Timeout=120 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# The lists are fetched, and an installation that was cut short finished, only when needed.
apt_install() {
  apt_install_once "$@" && return 0
  attempt package-failed env DEBIAN_FRONTEND=noninteractive dpkg --configure -a || :
  attempt package-failed timeout -k 5 600 apt-get update -q || :
  apt_install_once "$@"
}

install_packages() {
  [ -n "$to_install" ] || return 0
  apt_install $to_install || give_up
  point packages-installed
  installed=yes
}

# Other versions of what is installed are fetched before anything is touched, and those that are
# there now once more where that is possible, so that going back needs no mirror. An older generation
# does without the versions that cannot be had any more, and says so.
fetch_packages() {
  [ -n "$to_change" ] || return 0
  if ! apt_install --download-only $to_change; then
    [ "$mode" = activate ] || give_up
    wanted=$to_change to_change=''
    for word in $wanted; do
      if apt_install_once --download-only "$word"; then
        to_change="$to_change $word"
      else
        lost_packages="$lost_packages $word"
      fi
    done
  fi
  for word in $to_change; do
    find_package "${word%%=*}"
    apt_install_once --download-only --reinstall "${word%%=*}=$version" || :
  done
}

change_packages() {
  [ -n "$to_change" ] || return 0
  apt_install $to_change || {
    [ "$mode" = activate ] || give_up
    lost_packages="$lost_packages$to_change"
  }
  point packages-changed
}

pull_images() {
  for ref in $to_pull; do
    attempt image-failed timeout -k 5 1800 docker pull -q "$ref" || give_up
    point image-pulled
  done
}

# Debian 12 calls it docker-compose, with the same options.
compose() {
  compose_dir=$1 compose_file=$2
  shift 2
  set -- compose --project-directory "$compose_dir" -f "$compose_dir/$compose_file" "$@"
  if command -v docker-compose >/dev/null && ! docker compose version >/dev/null 2>&1 9>&-; then
    shift
    set -- docker-compose "$@"
  else
    set -- docker "$@"
  fi
  attempt compose-failed timeout -k 5 600 "$@" && return 0
  hide_secrets
  return 1
}

# Docker quotes env files in its messages: takes the values of the staged ones out of $problem.
hide_secrets() {
  for path in $staged; do
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in *=????*) is_secret "$line" || continue ;; *) continue ;; esac
      value=${line#*=}
      value=${value#[\"\']}
      value=${value%[\"\']}
      while case $problem in *"$value"*) ;; *) false ;; esac do
        problem="${problem%%"$value"*}#${problem#*"$value"}"
      done
    done <"$path"
  done
}

# A service that is to run must be known by now; a package may have brought it.
prove_service() {
  find_service "$1"
  case $2.$load in restart.not-found | restart.masked) fail service-failed "$1 is $load" ;; esac
}

# The staged files of each project that will be brought up, proved to parse where they will not run.
prove_compose() {
  number=$((number + 1))
  recall compose $number
  [ -z "$kept" ] || prove_project "$lib/staging" "$1" "$2" || give_up
}

# prove_project GENERATION DIR FILE: copies its files of that project, and lets compose read them.
prove_project() {
  proof_files=$1/files proof=$work/proof proof_of=$2
  rm -rf "$proof"
  attempt file-failed mkdir -p "$proof" || return 1
  each "$1/manifest" file copy_to_proof || return 1
  if [ ! -f "$proof/$3" ]; then
    [ -f "$root$2/$3" ] || because compose-failed "there is no $2/$3" || return 1
    attempt file-failed cp "$root$2/$3" "$proof/$3" || return 1
  fi
  compose "$proof" "$3" config -q
}

copy_to_proof() {
  case $5 in "$proof_of"/*) ;; *) return 0 ;; esac
  copy=$proof/${5#"$proof_of"/}
  attempt file-failed mkdir -p "${copy%/*}" || return 1
  attempt file-failed cp "$proof_files/$1" "$copy"
}

# Proves that the active generation could be activated again, before anything takes its place.
prove_way_back() {
  [ "$current" -gt 0 ] || return 0
  way_back=$lib/generations/$current
  seen_docker=$docker seen_objects=$objects
  way_is_open || fail no-way-back "generation $current could not be activated again: $problem"
  docker=$seen_docker objects=$seen_objects
}

way_is_open() {
  [ -f "$way_back/manifest" ] || because no-way-back 'it is not kept on the device' || return 1
  staged=''
  each "$way_back/manifest" file way_file || return 1
  : >"$work/sums"
  [ -z "$staged" ] || sha256sum $staged >"$work/sums" || because no-way-back 'its files cannot be read' || return 1
  exec 3<"$work/sums"
  each "$way_back/manifest" file way_content || return 1
  exec 3<&-
  words=''
  each "$way_back/manifest" image way_image
  objects=''
  inspect $words
  each "$way_back/manifest" image way_image_is_here || return 1
  each "$way_back/manifest" compose way_compose
}

way_file() {
  staged="$staged $way_back/files/$1"
  [ -f "$way_back/files/$1" ] || because no-way-back "its content for $5 is gone"
}

way_content() {
  read -r sum _ <&3
  [ "$sum" = "$2" ] || because no-way-back "its content for $5 is damaged"
}

way_image() { words="$words $1"; }

way_image_is_here() {
  find_object "$1"
  [ $docker != unknown ] || because no-way-back 'Docker does not say whether its image is here' || return 1
  [ -n "$id" ] || because no-way-back "its image $1 is not here any more"
}

way_compose() { prove_project "$way_back" "$1" "$2"; }

# undo/list says how to go back, undo/N is what file line N replaces.
save_undo() {
  replaced_packages='' number=0 undo_files=''
  each "$manifest" package save_package
  undo=$replaced_packages
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

save_package() {
  case " $to_change" in *" $1="*) ;; *) return 0 ;; esac
  find_package "$1"
  replaced_packages="${replaced_packages}package $1 $version
"
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
  [ -z "$kept" ] || undo="${undo}compose $1 $2 $3 $container
"
}

save_reboot() {
  ! is_changed "$1" || undo="${undo}reboot-when $1
"
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

# The staged generation gets its number; a number that was given back is not given again.
keep_generation() {
  next=$((current + 1))
  first_line "$lib/recovered"
  lost=${line%% *}
  [ "${lost:-0}" -lt $next ] || next=$((lost + 1))
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
  printf '%s\n' '[Unit]' 'Description=Timeball: go back from a change that was not confirmed' \
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

# Runs until after the operation, free of our lock, our streams and the caller's session.
detach() {
  if command -v setsid >/dev/null; then
    setsid sh -c "$@" </dev/null >/dev/null 2>&1 9>&- &
  else
    sh -c "$@" </dev/null >/dev/null 2>&1 9>&- &
  fi
}

# Armed before `pending` is written: a timer that finds nothing of its own does nothing.
# shellcheck disable=SC2016 # that text is for the shell that waits
arm_timer() {
  timer=timeball-revert-$next
  stop_timer $next
  set -- /bin/sh "$lib/applier" timer $next "$operation"
  [ -z "$root" ] || set -- "--setenv=TIMEBALL_ROOT=$root" "--setenv=PATH=$PATH" "$@"
  attempt step-failed systemd-run --quiet --collect "--unit=$timer" "--on-active=$confirm_seconds" \
    --timer-property=AccuracySec=1s "$@" ||
    detach 'sleep "$1"; exec sh "$2" timer "$3" "$4"' sh "$confirm_seconds" "$lib/applier" $next "$operation"
  point timer-armed
}

# stop_timer N: only the timer, not the service, which may be what is running here.
stop_timer() {
  attempt step-failed timeout -k 5 20 systemctl stop "timeball-revert-$1.timer" || :
}

# APPLY: THE CHANGE

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
  disable) control disable --now "$name" || give_up "$name: " ;;
  *enable*) control enable "$name" || give_up "$name: " ;;
  esac
  case $kept in disable) done=remove ;; *restart*) control restart "$name" || give_up "$name: " ;; esac
  case $kept in enable) done=update ;; *restart*) done=restart ;; esac
  point service-changed
  resource "service:$name" $done
}

# Some services die only after systemctl has been content with them.
verify_services() {
  look_at_services
  each "$manifest" service verify_service
}

verify_service() {
  find_service "$1"
  [ "$2.$active" != restart.failed ] || fail service-failed "$1 has failed"
}

control() {
  attempt service-failed timeout -k 5 120 systemctl "$@"
}

bring_up() {
  number=$((number + 1))
  recall compose $number
  if [ -n "$kept" ]; then
    compose "$root$1" "$2" up -d --remove-orphans || give_up "$1: "
    point compose-up
    await_running "$3" || fail compose-failed "$3 is $container, not running"
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

# A condition, waited for: running, or in the final state $2, or at the end of about 20 seconds.
await_running() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    objects=''
    inspect "$1"
    find_object "$1"
    case $container in running) return 0 ;; dead | "${2:-}") return 1 ;; esac
    sleep 1 9>&-
  done
  return 1
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

refuse_pending() {
  [ -z "$pending" ] || fail unconfirmed "generation $pending is not confirmed yet"
}

apply() {
  refuse_pending
  [ "$base_generation" -eq "$current" ] || fail moved "generation $current is active, not $base_generation"
  each "$manifest" prove-way-back want_proof
  change_to "$manifest"
}

# An older generation is applied again: its manifest and files, whatever is there now.
activate() {
  refuse_pending
  kept_manifest=$lib/generations/$generation/manifest
  [ -f "$kept_manifest" ] || fail moved "generation $generation is not kept on the device"
  files=$lib/generations/$generation/files
  while read -r verb one two three four five; do
    case $verb in
    file) four=any ;;
    package) [ -n "$two" ] || find_left_version "$one" ;;
    esac
    printf '%s\n' "$verb $one $two $three $four $five"
  done <"$kept_manifest" >"$work/activate" || fail no-space 'no space in /run/timeball'
  change_to "$work/activate"
}

# change_to MANIFEST: nothing on the device is touched before `pending` says how to go back.
change_to() {
  manifest=$1
  wanted_state=''
  each "$manifest" state want_state
  staged=''
  look
  find_object $shadow
  [ "$container" = absent ] || remove_shadow || :
  decide
  [ -n "$work_to_do" ] || { say_nothing && finish "\"status\":\"ok\",\"generation\":$current" 0; }
  [ -z "$proof_wanted" ] || prove_way_back
  check_space
  stage
  install_packages
  [ -z "$installed" ] || { wanted_packages=$to_install && look && decide && to_install=$wanted_packages; }
  fetch_packages
  pull_images
  each "$manifest" service prove_service
  number=0
  each "$manifest" compose prove_compose
  save_undo
  keep_replaced_packages
  keep_generation
  stay_for_boot
  arm_timer
  write_state pending "$next $current $operation" || give_up
  swapping=yes
  swap_all
  swapping=''
  succeed "$next"
}

want_state() { wanted_state=$1; }
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

# GOING BACK

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
  compose "$root$1" "$2" down --remove-orphans || note_trouble
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
  case $3 in active) control restart "$1" || note_trouble ;; *) control stop "$1" || note_trouble ;; esac
  point service-restored
  announce_resource "service:$1" restart
}

keep_containers() {
  containers=" $*"
}

restore_compose() {
  [ "$4" != absent ] && [ -f "$root$1/$2" ] || return 0
  if compose "$root$1" "$2" up -d --remove-orphans && await_running "$3"; then
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

# THE OTHER MODES

confirm() {
  if [ "$pending" = "$generation" ]; then
    remove_state recovered || give_up
    remove_state pending || give_up
    stop_timer "$generation"
    rm -rf "$lib/generations/$generation/undo"
    succeed "$generation"
  fi
  [ -z "$pending" ] || fail moved "generation $pending waits to be confirmed, not $generation"
  [ "$current" = "$generation" ] || fail unconfirmed "generation $current is active: $generation was not confirmed in time"
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

revert() {
  announce=yes
  if [ -n "$pending" ]; then
    go_back unconfirmed 'the generation was taken back' requested || give_up
    current_generation
    [ -z "$trouble" ] || fail step-failed "generation $current is back, with trouble:$trouble"
    succeed "$current"
  fi
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

# THE SHADOW: another image beside the container, on ports of its own. It steers nothing, never
# restarts, leaves the receiver to the container, and keeps nothing. Both modes may be repeated.

shadow_up() {
  refuse_pending
  shadow_image='' shadow_folder=''
  each "$manifest" image want_shadow_image
  each "$manifest" shadow want_shadow
  case $shadow_image/$shadow_folder in /* | */) refuse_manifest shadow ;; esac
  look_at_docker
  find_object "$shadow_image"
  [ -n "$id" ] || { to_pull=$shadow_image && pull_images && inspect "$shadow_image" $shadow; }
  find_object "$shadow_image"
  wanted_id=$id
  find_object $shadow
  done=none
  [ "$container.$image_id" = "running.$wanted_id" ] || { run_shadow || give_up && done=up; }
  resource "shadow:$shadow_image" $done
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

want_shadow_image() { shadow_image=$1; }

# shadow FOLDER MOUNT NTP-PORT HTTP-PORT METRICS-PORT
want_shadow() {
  for port in "${3:-}" "${4:-}" "${5:-}"; do
    is_number "$port" || refuse_manifest port
    case $port in 0* | ??????*) refuse_manifest port ;; esac
  done
  case $1$2 in *:*) refuse_manifest shadow ;; /*) ;; *) refuse_manifest shadow ;; esac
  shadow_folder=$1 shadow_mount=$2 ntp_port=$3 http_port=$4 metrics_port=$5
}

# Two daemons must not read one receiver's shared memory: each takes samples away from the other.
write_shadow_settings() {
  settings=' CLOCK_DISCIPLINE ENABLE_GPS ENABLE_PPS NTP_PORT HTTP_PORT METRICS_PORT '
  each "$manifest" setting name_setting
  {
    printf '%s\n' CLOCK_DISCIPLINE=no ENABLE_GPS=no ENABLE_PPS=no NTP_PORT=123 HTTP_PORT=3000 METRICS_PORT=9090
    each "$manifest" setting say_setting
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in [A-Za-z_]*=*) ;; *) continue ;; esac
      case $settings in *" ${line%%=*} "*) continue ;; esac
      is_secret "$line" || printf '%s\n' "$line"
    done <"$root$shadow_folder/.env"
  } >"$work/shadow.env"
}

name_setting() { settings="$settings$1 "; }
say_setting() { printf '%s\n' "$1=${2:-}"; }

run_shadow() {
  [ -r "$root$shadow_folder/.env" ] || because compose-failed "there is no $shadow_folder/.env" || return 1
  write_shadow_settings || because no-space 'no space in /run/timeball' || return 1
  remove_shadow || return 1
  set -- --cap-drop ALL --read-only --security-opt no-new-privileges:true \
    --tmpfs /run/time-server:mode=0755,size=1m --tmpfs /var/lib/ntpsec:size=1m --tmpfs /tmp:size=4m \
    --log-driver json-file --log-opt max-size=1m --log-opt max-file=1 \
    --env-file "$work/shadow.env" -v "$root$shadow_folder:$shadow_mount:ro" \
    -p "$ntp_port:123/udp" -p "$http_port:3000/tcp" -p "$metrics_port:9090/tcp"
  for capability in NET_BIND_SERVICE SETGID SETUID SYS_NICE CHOWN DAC_OVERRIDE KILL; do
    set -- "$@" --cap-add $capability
  done
  attempt compose-failed timeout -k 5 120 docker run -d --name $shadow --restart no --pull never \
    "$@" "$shadow_image" && point shadow-up && await_running $shadow exited && return 0
  [ "$container" = absent ] || problem="the shadow is $container, not running"
  problem_code=compose-failed
  shadow_problem=$problem
  remove_shadow || :
  because compose-failed "$shadow_problem"
}

# Nothing to remove is no failure; without Docker there is nothing.
remove_shadow() {
  command -v docker >/dev/null || return 0
  attempt compose-failed timeout -k 5 60 docker rm --force $shadow && return 0
  case $problem in *'o such container'*) ;; *) return 1 ;; esac
}

shadow_down() {
  look_at_docker
  find_object $shadow
  done=none
  [ "$container" = absent ] || { remove_shadow || give_up && done=remove; }
  resource "shadow:$shadow" $done
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

reboot() {
  record_operation "$operation" "\"status\":\"ok\",\"generation\":$current" || give_up
  detach 'sleep 1; exec systemctl reboot'
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

# What timer and boot begin with: no bundle, and time to wait for an operation that still runs.
enter_alone() {
  trap '' HUP PIPE INT TERM
  mkdir -p "$root/run/timeball" && work=$(mktemp -d "$root/run/timeball/op.XXXXXX") || exit 1
  own_work=yes
  take_lock 3600
  read_pending
}

recover() {
  mode=recovery
  enter_alone
  go_back interrupted 'the device restarted before the generation was confirmed' power-loss || give_up
  remove_shadow || :
  current_generation
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

timer() {
  mode=revert
  [ -e "$lib/pending" ] || exit 0
  enter_alone
  [ "$pending $pending_operation" = "$1 $2" ] ||
    finish "\"status\":\"ok\",\"generation\":$previous" 0
  go_back unconfirmed 'the generation was not confirmed in time' unconfirmed || give_up
  current_generation
  finish "\"status\":\"ok\",\"generation\":$current" 0
}

main() {
  now_ms
  lap=$now
  case ${1:-} in
  recover) recover ;;
  timer) timer "${2:-}" "${3:-}" ;;
  /*) work=$1 ;;
  *) echo 'usage: sh applier.sh FOLDER' >&2 && exit 64 ;;
  esac
  read_manifest
  case $mode in
  observe)
    current_generation
    observe
    ;;
  apply | activate | confirm | revert | reboot)
    begin_report
    enter
    $mode
    ;;
  shadow-up | shadow-down)
    begin_report
    enter
    shadow_${mode#shadow-}
    ;;
  *) refuse_manifest mode ;;
  esac
}

main "$@"
