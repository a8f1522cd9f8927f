# CONTAINERS THAT GO

remove_container() {
  attempt compose-failed timeout -k 5 60 docker rm --force "$1" && return 0
  case $problem in *'o such container'*) ;; *) return 1 ;; esac
}

# Containers that were set aside for good, and are not removed yet.
remove_left_asides() {
  [ -s "$lib/asides" ] || return 0
  still_left=''
  while read -r left; do
    remove_container "$left" </dev/null || still_left="$still_left${still_left:+
}$left"
  done <"$lib/asides"
  if [ -n "$still_left" ]; then write_state asides "$still_left"; else remove_state asides; fi
}

# It is removed with the next change, or when the device is retired.
remember_aside() {
  if [ -s "$lib/asides" ]; then
    write_state asides "$(cat "$lib/asides")
$1"
  else
    write_state asides "$1"
  fi
}
