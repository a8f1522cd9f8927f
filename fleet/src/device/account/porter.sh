#!/bin/sh
# Timeball's porter: all that the key of the restricted account can run, as root and with a bundle on
# standard input. It runs an applier of Timeball's, with a manifest that stays within what is in
# /usr/lib/timeball/allowed, and nothing else: docs/access.md, "An account that can only apply".
#
# INVARIANTS:
# - nothing of the bundle is run or unpacked before it is known to be allowed;
# - what is checked is what is used: it is read once, into a folder that only root can enter;
# - it takes no arguments, and nothing from the environment but the root folder of tests, which sudo
#   does not let through.
# shellcheck disable=SC2086
set -uf
umask 077
LC_ALL=C
export LC_ALL
trap '' HUP PIPE
root=${TIMEBALL_ROOT:-}
[ -n "$root" ] || PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
home=$root/usr/lib/timeball
most=16777216 # bytes of a bundle; a real one has some tens of thousands
work=''

# refuse CODE DETAIL: as a report that no applier could begin. Never returns.
refuse() {
  [ -z "$work" ] || rm -rf "$work"
  printf '{"type":"end","nonce":null,"status":"failed","generation":null,"code":"%s","detail":"%s"}\n' "$1" "$2"
  exit 3
}

# leave EXIT
leave() {
  rm -rf "$work"
  exit "$1"
}

is_allowed() { grep -Fxq -- "$1" "$home/allowed"; }

# Sets $sum to the sha256 of FILE.
sum_of() {
  sum=$(sha256sum <"$1")
  sum=${sum%% *}
}

receive() {
  mkdir -p "$root/run/timeball" 2>/dev/null
  work=$(mktemp -d "$root/run/timeball/op.XXXXXX" 2>/dev/null) ||
    refuse no-space 'no folder could be made in /run/timeball'
  # Nobody holds it up for ever by sending nothing.
  timeout 600 head -c $most >"$work/input" || refuse no-space 'no space in /run/timeball for the bundle, or it never came'
  [ "$(stat -c %s "$work/input")" -lt $most ] || refuse corrupt-bundle 'the bundle is too large'
  IFS= read -r line <"$work/input" || refuse corrupt-bundle 'the bundle is not complete'
  case $line in *[!A-Za-z0-9\ -]*) refuse corrupt-bundle 'the bundle begins with no line of ours' ;; esac
  tail -c +$((${#line} + 2)) "$work/input" >"$work/body" || refuse no-space 'no space in /run/timeball for the bundle'
}

# What is asked is one of the scripts that are allowed, word for word.
answer() {
  sum_of "$work/body"
  is_allowed "question $sum" ||
    refuse not-allowed "its account runs Timeball's applier and nothing else"
  perl - "$root" "$1" "$2" "$3" "$4" "$5" <"$work/body"
  leave $?
}

# Regular files with our names only: nothing is written anywhere else by unpacking them.
unpack() {
  tar -tvf "$work/body" >"$work/list" 2>/dev/null || refuse corrupt-bundle 'tar could not unpack the bundle'
  while read -r kind _ _ _ _ name more; do
    case $kind in -*) ;; *) refuse corrupt-bundle 'the bundle has more than files' ;; esac
    case $name$more in
    applier.sh | manifest) ;;
    files/*[!0-9]*) refuse corrupt-bundle 'the bundle has a file of another name' ;;
    files/?*) ;;
    *) refuse corrupt-bundle 'the bundle has a file of another name' ;;
    esac
  done <"$work/list"
  mkdir "$work/bundle"
  tar -xof "$work/body" -C "$work/bundle" 2>/dev/null ||
    refuse no-space 'no space in /run/timeball for the bundle'
  for name in applier.sh manifest; do
    [ -f "$work/bundle/$name" ] || refuse corrupt-bundle 'the bundle has no applier or no manifest'
  done
  rm -f "$work/input" "$work/body"
}

check() {
  ! grep -aq '[^A-Za-z0-9 ._~+/=:@%^,#-]' "$work/bundle/manifest" ||
    refuse protocol "the manifest's text is not valid"
  mode=$(awk '$1 == "mode" { print $2 }' "$work/bundle/manifest")
  case $mode in '' | *[!a-z-]*) refuse protocol "the manifest's mode is not valid" ;; esac
  sum_of "$work/bundle/applier.sh"
  is_allowed "program $sum $mode" ||
    refuse not-allowed 'it takes the applier of another version of Timeball: enroll it again'
  bad=$(awk -v "files=$work/bundle/files" "$rules" "$home/allowed" "$work/bundle/manifest") ||
    refuse protocol "the manifest could not be judged"
  [ -z "$bad" ] || refuse not-allowed "its account may not: $bad"
}

# Prints the first line of the manifest that is not within what is allowed, or of a file.
# shellcheck disable=SC2016 # it is awk that fills in
rules='
function no(what) { print substr(what, 1, 120); bad = 1; exit }
function within(line) { if (!(line in allowed)) no($0) }
function at(path,  cut) {
  if (("path " path) in allowed) return
  cut = match(path, "/[A-Za-z0-9][A-Za-z0-9_.-]*$")
  if (cut == 0 || !(("path " substr(path, 1, cut)) in allowed)) no($0)
}
function number(text) { if (text !~ /^[0-9]+$/) no($0) }
# Each line of a file whose text is bound is one of those that are allowed, or of an allowed form.
function judge(file, path,  line) {
  while ((getline line < file) > 0) {
    if (line ~ /[^ -~]/) no(path ": characters that Timeball does not write")
    if (("line " path " " line) in allowed) continue
    if (path ~ /\.yml$/ && line ~ /^    image: "[A-Za-z0-9._:\/@-]+"$/) continue
    if (path ~ /\.yml$/ && line ~ /^      [A-Z][A-Z0-9_]*: "\$\{[A-Z][A-Z0-9_]*\}"$/) continue
    if (path ~ /\/\.env$/ && line !~ /^(COMPOSE|DOCKER)_/ && line ~ /^([A-Z][A-Z0-9_]*=.*|#.*|)$/) continue
    if (path ~ /\/gpsd$/ && line ~ /^([A-Z_]+="[A-Za-z0-9 \/._-]*"|#.*|)$/) continue
    no(path ": a line that Timeball does not write")
  }
  close(file)
}
NR == FNR { allowed[$0] = 1; if ($1 == "bound") bound[$2] = 1; next }
bad { next }
{ for (field = 2; field <= NF; field++) if ($field ~ /^-/) no($0) }
$1 ~ /^(timeball-manifest|mode|operation|nonce|state|observed-nonce|prove-way-back|image|setting)$/ { next }
$1 ~ /^(watch-package|watch-service|watch-container|watch-image|watch-boot-config|remember|remember-anew)$/ { next }
$1 ~ /^(epoch|base-generation|generation|confirm-seconds|retry-seconds)$/ { number($2); next }
$1 == "image-source" { if ($2 !~ /^127\.0\.0\.1:[0-9]+$/) no($0); next }
$1 == "package" { within("package " $2); next }
$1 == "service" || $1 == "release" { within("service " $2); next }
$1 == "compose" { within($0); next }
$1 == "shadow" { within("shadow " $2 " " $3); next }
$1 == "watch-log" { within("container " $2); next }
$1 == "watch-disk" { within($0); next }
$1 == "secrets" { at($2); if (NF > 2) number($3); if ($2 in bound && NF > 2) judge(files "/" $3, $2); next }
$1 == "watch-file" || $1 == "remove" || $1 == "reboot-when" { at($2); next }
$1 == "file" {
  number($2); at($6)
  if ($4 !~ /^0[0-7][0145][0145]$/) no($0)
  if ($6 in bound) judge(files "/" $2, $6)
  next
}
{ no($0) }
'

receive
set -- $line
case ${1:-} in
ask) answer "${2:-}" "${3:-}" "${4:-}" "${5:-}" "${6:-}" ;;
look)
  if [ -f "$root/run/timeball/look" ]; then
    perl "$root/run/timeball/quick" "$root" "${2:-}" "${3:-}" 2>/dev/null </dev/null && leave 0
  fi
  ;;
bundle) ;;
*) refuse corrupt-bundle 'the bundle begins with no line of ours' ;;
esac
unpack
check
sh "$work/bundle/applier.sh" "$work/bundle" </dev/null || leave 3
leave 0
