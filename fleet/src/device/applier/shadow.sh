# THE SHADOW: another image beside the container, on ports of its own. It steers nothing, never
# restarts, leaves the receiver to the container, and keeps nothing. Both modes may be repeated.

mode_shadow_up() {
  enter
  refuse_pending
  refuse_returning
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

mode_shadow_down() {
  enter
  look_at_docker
  find_object $shadow
  done=none
  [ "$container" = absent ] || { remove_shadow || give_up && done=remove; }
  resource "shadow:$shadow" $done
  finish "\"status\":\"ok\",\"generation\":$current" 0
}
