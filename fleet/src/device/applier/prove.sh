# APPLY: PROOFS

proof_wanted=''

# A service that is to run must be known by now; a package may have brought it.
prove_service() {
  find_service "$1"
  case $2.$load in restart.not-found | restart.masked) fail service-failed "$1 is $load" ;; esac
}

# The staged files of each project that will be brought up, proved to parse where they will not run.
prove_compose() {
  number=$((number + 1))
  recall compose $number
  [ -z "$kept" ] || prove_project "$lib/staging" "$1" "$2" || give_up
}

# prove_project GENERATION DIR FILE: copies its files of that project, and lets compose read them.
prove_project() {
  proof_files=$1/files proof=$work/proof proof_of=$2
  rm -rf "$proof"
  attempt file-failed mkdir -p "$proof" || return 1
  each "$1/manifest" file copy_to_proof || return 1
  if [ ! -f "$proof/$3" ]; then
    [ -f "$root$2/$3" ] || because compose-failed "there is no $2/$3" || return 1
    attempt file-failed cp "$root$2/$3" "$proof/$3" || return 1
  fi
  run_compose "$proof" "$3" config -q
}

copy_to_proof() {
  case $5 in "$proof_of"/*) ;; *) return 0 ;; esac
  copy=$proof/${5#"$proof_of"/}
  attempt file-failed mkdir -p "${copy%/*}" || return 1
  attempt file-failed cp "$proof_files/$1" "$copy"
}

# Proves that the active generation could be activated again, before anything takes its place.
prove_way_back() {
  [ "$current" -gt 0 ] || return 0
  way_back=$lib/generations/$current
  seen_docker=$docker seen_objects=$objects
  way_is_open || fail no-way-back "generation $current could not be activated again: $problem"
  docker=$seen_docker objects=$seen_objects
}

way_is_open() {
  [ -f "$way_back/manifest" ] || because no-way-back 'it is not kept on the device' || return 1
  staged=''
  each "$way_back/manifest" file way_file || return 1
  : >"$work/sums"
  [ -z "$staged" ] || sha256sum $staged >"$work/sums" || because no-way-back 'its files cannot be read' || return 1
  exec 3<"$work/sums"
  each "$way_back/manifest" file way_content || return 1
  exec 3<&-
  words=''
  each "$way_back/manifest" image way_image
  objects=''
  inspect $words
  each "$way_back/manifest" image way_image_is_here || return 1
  each "$way_back/manifest" compose way_compose
}

way_file() {
  staged="$staged $way_back/files/$1"
  [ -f "$way_back/files/$1" ] || because no-way-back "its content for $5 is gone"
}

way_content() {
  read -r sum _ <&3
  [ "$sum" = "$2" ] || because no-way-back "its content for $5 is damaged"
}

way_image() { words="$words $1"; }

way_image_is_here() {
  find_object "$1"
  [ $docker != unknown ] || because no-way-back 'Docker does not say whether its image is here' || return 1
  [ -n "$id" ] || because no-way-back "its image $1 is not here any more"
}

way_compose() { prove_project "$way_back" "$1" "$2"; }
