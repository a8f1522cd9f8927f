# SECRETS OF WHAT IS KEPT
# A generation that is at rest is kept without its secrets, and a rollback brings those of today.

# Blanks the secrets of all that is kept, once nothing needs them: neither a revert nor a rollback.
# What is not done now, since the power or the space is gone, is done by whatever comes next.
forget_secrets() {
  secret_paths=' '
  [ -r "$lib/generations/$current/manifest" ] || return 0
  each "$lib/generations/$current/manifest" secrets add_secret_path
  set +f
  set -- "$lib/generations"/*
  set -f
  for kept_folder; do
    [ -r "$kept_folder/manifest" ] || continue
    rm -rf "$kept_folder/undo"
    each "$kept_folder/manifest" file forget_in_file || return 1
  done
}

forget_at_rest() { [ -n "$pending$returning" ] || forget_secrets || :; }

add_secret_path() { secret_paths="$secret_paths$1 "; }

# The manifest names the blanked copy under another index, so the two change as one. What takes an
# index for a number, as older appliers do, refuses to apply it.
# file INDEX SHA256 MODE BEFORE PATH
forget_in_file() {
  case $secret_paths in *" $5 "*) ;; *) return 0 ;; esac
  case $1 in masked-*)
    rm -f "$kept_folder/files/${1#masked-}"
    return 0
    ;;
  esac
  blank_secrets "$kept_folder/files/$1" "$work/blank" || return 1
  [ -n "$had_secrets" ] || return 0
  sum_of "$work/blank" || return 1
  put_file "$work/blank" 0600 - "$kept_folder/files/masked-$1" || return 1
  while IFS= read -r entry; do
    case $entry in "file $1 "*) entry="file masked-$1 $sum $3 $4 $5" ;; esac
    put_line "$entry" || return 1
  done <"$kept_folder/manifest" >"$work/kept"
  put_file "$work/kept" 0600 - "$kept_folder/manifest" || return 1
  rm -f "$kept_folder/files/$1"
  point secrets-forgotten
}

# blank_secrets FILE TARGET: a copy with only the names of its secrets. Sets $had_secrets.
blank_secrets() {
  had_secrets=''
  while IFS= read -r line || [ -n "$line" ]; do
    if is_secret "$line"; then
      had_secrets=yes
      case $line in *=*) line=${line%%=*}= ;; *) continue ;; esac
    fi
    put_line "$line" || return 1
  done <"$1" >"$2" || because file-failed 'a file could not be read'
}

# find_secrets FILE TARGET: its lines with secrets; false when it has none.
find_secrets() {
  had_secrets=''
  [ -f "$1" ] || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    is_secret "$line" || continue
    put_line "$line" || return 1
    had_secrets=yes
  done <"$1" >"$2"
  [ -n "$had_secrets" ]
}

# fill_secrets FILE SECRETS TARGET: a copy with the lines of SECRETS where FILE has its own, or last.
fill_secrets() {
  had_secrets=''
  while IFS= read -r line || [ -n "$line" ]; do
    if ! is_secret "$line"; then
      put_line "$line" || return 1
    elif [ -z "$had_secrets" ]; then
      cat "$2" || because no-space "$no_space" || return 1
      had_secrets=yes
    fi
  done <"$1" >"$3" || because file-failed 'a file could not be read' || return 1
  [ -n "$had_secrets" ] || cat "$2" >>"$3" || because no-space "$no_space"
}

no_space='no space in /run/timeball'
put_line() { printf '%s\n' "$1" || because no-space "$no_space"; }

# Sets $sum to the sha256 of a file.
sum_of() {
  sha256sum "$1" >"$work/sum" || because file-failed 'a file could not be read' || return 1
  read -r sum _ <"$work/sum"
}
