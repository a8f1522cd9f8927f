# LOOKING

shadow=mcp-utc-time-shadow

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

# `label VALUE` of a container or image as one word without blanks or bars, `-` where there is none.
label_begin='{{with index . "Config"}}{{with index . "Labels"}}{{with index . "'
label_end='"}}{{urlquery .}}{{else}}-{{end}}{{else}}-{{end}}{{else}}-{{end}}'
image_name='{{with index . "Config"}}{{with index . "Image"}}{{urlquery .}}{{else}}-{{end}}{{else}}-{{end}}'

# For containers and images alike. `index` gives nothing where a field would be an error.
inspect_format='{{with index . "State"}}container {{index . "Status"}} {{with index . "Health"}}{{index . "Status"}}{{else}}none{{end}}{{else}}image - none{{end}} {{index . "Id"}} {{with index . "Image"}}{{.}}{{else}}-{{end}} {{with index . "RestartCount"}}{{.}}{{else}}0{{end}}'
inspect_format="$inspect_format $image_name ${label_begin}com.docker.compose.project$label_end ${label_begin}org.opencontainers.image.version$label_end"

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

# Sets $container, $health, $id, $image_id, $restarts, $image, $project and $version_label of a
# container or image that was looked at; the last three are escaped as in a URL, `-` for none.
find_object() {
  container=absent health=none id='' image_id='' restarts=0 image=- project=- version_label=-
  [ $docker != unknown ] || container=unknown
  case $objects in *"|$1 "*) ;; *) return 0 ;; esac
  set -- ${objects#*"|$1 "}
  container=$1 health=${2:-none} id=${3:-} image_id=${4:-} restarts=${5:-0}
  image=${6:--} project=${7:--} version_label=${8:--}
  case $container in running | restarting | exited | paused | created | dead | absent) ;; *) container=unknown ;; esac
  case $health in healthy | unhealthy | starting) ;; *) health=none ;; esac
  is_number "$restarts" || restarts=0
}

# Whether $id is a container that the last activation made, or one that compose would leave as it is.
is_activated() {
  first_line "$lib/container"
  case " $line " in *" ${id:--} "*) return 0 ;; esac
  is_as_composed
}

composed_format='{{index .Config.Labels "com.docker.compose.config-hash"}} {{index .Config.Labels "com.docker.compose.service"}} {{index .Config.Labels "com.docker.compose.project.config_files"}}'

# Whether the running $id was made from the very files that are here now, by whichever tool.
is_as_composed() {
  [ "$container" = running ] && [ -n "$id" ] || return 1
  timeout -k 5 20 docker inspect --format "$composed_format" "$id" >"$work/composed" 2>/dev/null </dev/null 9>&- || return 1
  read -r hash service composed_of <"$work/composed" && is_managed "$composed_of" || return 1
  timeout -k 5 60 docker compose --project-directory "${composed_of%/*}" -f "$composed_of" config --hash "$service" \
    >"$work/composed" 2>/dev/null </dev/null 9>&- || return 1
  read -r line <"$work/composed" && [ "$line" = "$service $hash" ]
}

# Whether a path is that of a file in the manifest.
is_managed() {
  while read -r verb one _ _ _ five; do
    case $verb in watch-file) ;; file) one=$five ;; *) continue ;; esac
    [ "$root$one" != "$1" ] || return 0
  done <"$manifest"
  return 1
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
