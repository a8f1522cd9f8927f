# OBSERVE

log_lines=10000 # of each log that is looked at, the newest; and the first bytes of those
log_bytes=4194304

mode_observe() {
  current_generation
  begin_report
  begin_remembering
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
  end_remembering
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

# Sets $by_json and $age_json: which operation brought the epoch, and seconds since, by our own clock.
find_epoch_age() {
  by_json=null age_json=null line=''
  [ ! -r "$lib/epoch" ] || { read -r _ && IFS= read -r line; } <"$lib/epoch" || :
  [ -n "$line" ] || return 0
  clean "$line" && by_json="\"$text\""
  : >"$work/now"
  { read -r brought && read -r now_is; } <<EOT || return 0
$(stat -c %Y "$lib/epoch" "$work/now")
EOT
  age=$((now_is - brought))
  [ $age -lt 0 ] || age_json=$age
}

say_device() {
  identify
  current_generation
  state_of "$current"
  read_pending
  boot_id
  state_json=null pending_json=null returning_json=null reboot_required=false recovered_json=null
  [ -z "$state" ] || state_json="\"$state\""
  [ -z "$pending" ] || pending_json=$pending
  [ -z "$returning" ] || returning_json=$returning
  first_line "$lib/reboot-required"
  [ -z "$line" ] || [ "$line" != "$boot" ] || reboot_required=true
  [ ! -r "$lib/recovered" ] || {
    read -r lost _ reason <"$lib/recovered" || :
    recovered_json="{\"generation\":$lost,\"reason\":\"$reason\"}"
  }
  busy_json=null
  [ ! -e "$lib/lock" ] || flock -sn "$lib/lock" true 2>/dev/null || {
    first_line "$lib/lock" && clean "${line:-an operation}" && busy_json="\"$text\""
  }
  find_epoch_age
  seen_epoch
  clean "$boot"
  say "{\"type\":\"device\",\"hostname\":\"$hostname\",\"arch\":\"$arch\",\"os\":\"$os\",\"kernel\":\"$kernel\",\"boot_id\":\"$text\",\"uptime_seconds\":$uptime,\"generation\":$current,\"state\":$state_json,\"epoch\":$seen,\"epoch_by\":$by_json,\"epoch_age_seconds\":$age_json,\"pending\":$pending_json,\"returning\":$returning_json,\"reboot_required\":$reboot_required,\"busy\":$busy_json,\"recovered\":$recovered_json}"
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
  json_of "$image" && image_name_json=$json
  json_of "$project" && project_json=$json
  json_of "$version_label"
  say "{\"type\":\"container\",\"name\":\"$1\",\"state\":\"$container\",\"id\":$id_json,\"image_id\":$image_json,\"restarts\":$restarts,\"health\":\"$health\",\"activated\":$activated,\"image_name\":$image_name_json,\"project\":$project_json,\"version_label\":$json}"
}

# Sets $json to a word of `find_object`, where `-` is none.
json_of() {
  json=null
  [ "$1" = - ] || { clean "$1" && json="\"$text\""; }
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
