# CONTAINERS

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

# Nothing to remove is no failure; without Docker there is nothing.
remove_shadow() {
  command -v docker >/dev/null || return 0
  remove_container $shadow
}

remove_container() {
  attempt compose-failed timeout -k 5 60 docker rm --force "$1" && return 0
  case $problem in *'o such container'*) ;; *) return 1 ;; esac
}

# Containers that were set aside, and could not be removed when the change was confirmed.
remove_left_asides() {
  [ -s "$lib/asides" ] || return 0
  still_left=''
  while read -r left; do
    remove_container "$left" </dev/null || still_left="$still_left${still_left:+
}$left"
  done <"$lib/asides"
  if [ -n "$still_left" ]; then write_state asides "$still_left"; else remove_state asides; fi
}
