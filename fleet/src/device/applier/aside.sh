# A CONTAINER MADE BY HAND
# It has the name of ours, and is kept aside until the change is confirmed.

# Whether compose would refuse the name of a container: one is there that is not of the project in DIR.
# is_foreign NAME DIR
is_foreign() {
  case $container in absent | unknown) return 1 ;; esac
  attempt compose-failed timeout -k 5 20 docker inspect --format "$project_format" "$1" || return 1
  case $output in "project ${2##*/}") return 1 ;; 'project '*) return 0 ;; *) return 1 ;; esac
}

project_format='{{with index . "Config"}}project {{with index .Labels "com.docker.compose.project"}}{{.}}{{else}}-{{end}}{{end}}'

# It keeps its image, volumes and settings, and is there again in a second when the change is reverted.
# set_aside NAME ASIDE
set_aside() {
  attempt compose-failed timeout -k 5 60 docker stop "$1" || return 1
  point container-stopped
  attempt compose-failed timeout -k 5 20 docker rename "$1" "$2" || return 1
  point container-aside
}

# aside NAME ASIDE STATE: the power may have failed before it was renamed.
take_back_aside() {
  objects=''
  inspect "$2"
  find_object "$2"
  [ "$container" = absent ] || attempt compose-failed timeout -k 5 20 docker rename "$2" "$1" || note_trouble
  [ "$3" != running ] || attempt compose-failed timeout -k 5 60 docker start "$1" || note_trouble
  point container-back
}
