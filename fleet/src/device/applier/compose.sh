# COMPOSE

# Debian 12 calls it docker-compose, with the same options.
run_compose() {
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
