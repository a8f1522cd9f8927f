# The modes that this program has are its functions mode_*, what runs without a bundle alone_*.
main() {
  now_ms
  lap=$now
  case ${1:-} in
  recover | timer) run=alone_$1 && shift && $run "$@" ;;
  /*) work=$1 ;;
  *) echo 'usage: sh applier.sh FOLDER' >&2 && exit 64 ;;
  esac
  read_manifest
  case $mode in
  *-*) run=mode_${mode%%-*}_${mode#*-} ;;
  *) run=mode_$mode ;;
  esac
  command -v "$run" >/dev/null || refuse_manifest mode
  $run
}

main "$@"
