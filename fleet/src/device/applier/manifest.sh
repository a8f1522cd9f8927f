# THE MANIFEST

# each FILE VERB FUNCTION: calls it with the fields of every such line, until one fails.
each() {
  while read -r verb fields; do
    [ "$verb" = "$2" ] || continue
    "$3" $fields </dev/null || return 1
  done <"$1"
}

# collect N VERB…: sets $words to the Nth field of each such line of the manifest.
collect() {
  words=''
  nth=$1
  shift
  while read -r verb one two three _; do
    case " $* " in *" $verb "*) ;; *) continue ;; esac
    case $nth in 1) words="$words $one" ;; 2) words="$words $two" ;; 3) words="$words $three" ;; esac
  done <"$manifest"
}

refuse_manifest() {
  problem="the manifest's $1 is not valid"
  nonce=''
  fail protocol "$problem"
}

read_manifest() {
  [ -f "$work/manifest" ] || fail corrupt-bundle 'the bundle has no manifest'
  manifest=$work/manifest
  files=$work/files
  first_line "$manifest"
  [ "$line" = 'timeball-manifest 1' ] || refuse_manifest version
  while read -r verb value _; do
    case $verb in
    mode) mode=$value ;;
    operation) operation=$value ;;
    nonce) nonce=$value ;;
    esac
  done <"$manifest"
  case $nonce in *[!0-9a-f]*) refuse_manifest nonce ;; ????????????????????????????????) ;; *) refuse_manifest nonce ;; esac
  case $operation in '' | *[!A-Za-z0-9-]*) refuse_manifest operation ;; esac
}

# field VERB: sets $value to the first field of that line; empty when there is none.
field() {
  value=''
  while read -r verb one _; do
    [ "$verb" != "$1" ] || value=$one
  done <"$manifest"
}

# number_field VERB: the same, and it must be a number.
number_field() {
  field "$1"
  is_number "$value" || refuse_manifest "$1"
}
