# A CONTAINER MADE BY HAND
# It has the name of ours, and is kept aside until the change is confirmed.

# Whether compose would refuse the name of a container: one is there that is not of the project in DIR.
# is_foreign DIR
is_foreign() {
  case $container in absent | unknown) return 1 ;; esac
  [ "$project" != "${1##*/}" ]
}

# Sets $restart to its restart policy, as `docker update` takes it.
restart_policy() {
  restart=no
  attempt compose-failed timeout -k 5 20 docker inspect --format "$policy_format" "$1" || return 0
  case $output in always | unless-stopped | on-failure | on-failure:[0-9]*) restart=$output ;; esac
}

policy_format='{{with index . "HostConfig"}}{{with index . "RestartPolicy"}}{{index . "Name"}}{{with index . "MaximumRetryCount"}}:{{.}}{{end}}{{end}}{{end}}'

# It keeps its image, volumes and settings, and is there again in a second when the change is reverted.
# Docker would start it at the next boot, beside the one that has its ports now.
# set_aside NAME ASIDE
set_aside() {
  attempt compose-failed timeout -k 5 20 docker update --restart no "$1" || return 1
  point container-stays-off
  attempt compose-failed timeout -k 5 60 docker stop "$1" || return 1
  point container-stopped
  attempt compose-failed timeout -k 5 20 docker rename "$1" "$2" || return 1
  point container-aside
}

# aside NAME ASIDE STATE RESTART: the power may have failed before it was renamed.
take_back_aside() {
  objects=''
  inspect "$2"
  find_object "$2"
  [ "$container" = absent ] || attempt compose-failed timeout -k 5 20 docker rename "$2" "$1" || note_trouble
  attempt compose-failed timeout -k 5 20 docker update --restart "${4:-no}" "$1" || note_trouble
  [ "$3" != running ] || attempt compose-failed timeout -k 5 60 docker start "$1" || note_trouble
  point container-back
}

# A rollback is not reverted: what is in its way goes for good.
# compose DIR FILE CONTAINER
give_way() {
  number=$((number + 1))
  recall compose $number
  [ -n "$kept" ] || return 0
  find_object "$3"
  is_foreign "$1" || return 0
  note foreign $number "$3-aside-$current"
  remember_aside "$3-aside-$current" || give_up
}
