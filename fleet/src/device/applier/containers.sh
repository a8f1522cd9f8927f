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
