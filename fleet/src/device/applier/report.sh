# TEXT AND REPORTS

nonce='' own_work='' report='' points=0 put_back='' remembering='' problem='' problem_code=step-failed

# Kills the applier at the named or numbered point: how the tests cut the power.
point() {
  points=$((points + 1))
  case ${TIMEBALL_FAULT:-} in "$1" | "$points") kill -9 $$ ;; esac
}

# Sets $problem_code and $problem; always false.
because() {
  problem_code=$1
  problem=$2
  case $2 in *'No space left'* | *'Disk quota exceeded'* | *'no space left'*) problem_code=no-space ;; esac
  return 1
}

# attempt CODE COMMAND…: runs it without our lock and input; its output is in $output.
attempt() {
  attempt_code=$1
  shift
  output=$("$@" 2>&1 </dev/null 9>&-) || because "$attempt_code" "$output"
}

is_number() {
  case $1 in '' | *[!0-9]* | ????????????????*) return 1 ;; esac
}

# Sets $line to the first line of a file; empty when there is none.
first_line() {
  line=''
  [ ! -r "$1" ] || IFS= read -r line <"$1" || :
}

# Sets $text to VALUE as it may stand in a JSON string: printable ASCII, no more than 300 characters.
clean() {
  text=$1
  case $text in
  *[!\ -~]* | *[\"\\]*) ;;
  *) [ ${#text} -gt 300 ] || return 0 ;;
  esac
  text=$(printf '%s' "$text" | tr '\n\t"\134' "  '/" | tr -cd ' -~' | tail -c 300)
}

# Sets $now to milliseconds since boot. Reading /proc/uptime costs no process, as date would.
now_ms() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}0
  while case $now in 0?*) ;; *) false ;; esac do now=${now#0}; done
}

# One line of the report. A controller that is gone does not stop an operation.
say() {
  if [ "$mode" != observe ]; then
    report="$report$1
"
  elif [ -n "$remembering" ]; then
    printf '%s\n' "$1" >&6
  fi
  printf '%s\n' "$1" 2>/dev/null || :
}

begin_report() {
  printf '{"type":"begin","protocol":1,"nonce":"%s"}\n' "$nonce" 2>/dev/null || :
}

# resource NAME CHANGE: what became of one resource, and the time since the one before.
resource() {
  now_ms
  say "{\"type\":\"resource\",\"resource\":\"$1\",\"change\":\"$2\",\"ms\":$((now - lap))}"
  lap=$now
}

# finish OUTCOME EXIT: the end line, whose first half a later replay makes anew. Never returns.
finish() {
  end_nonce=null
  [ -z "$nonce" ] || end_nonce="\"$nonce\""
  printf '{"type":"end","nonce":%s,%s}\n' "$end_nonce" "$1" 2>/dev/null || :
  [ -z "$own_work" ] || rm -rf "$work"
  exit "$2"
}

# Sets $outcome to the half of an end line that is worth remembering.
failed_outcome() {
  clean "$3"
  outcome="\"status\":\"failed\",\"generation\":$1,\"code\":\"$2\",\"detail\":\"$text\""
}

# fail CODE DETAIL: ends the operation. $put_back is the function that first puts back what was swapped.
fail() {
  fail_code=$1
  fail_detail=$2
  [ -z "$put_back" ] || $put_back
  current_generation
  failed_outcome "$current" "$fail_code" "$fail_detail"
  finish "$outcome" 3
}

give_up() {
  fail "$problem_code" "${1:-}$problem"
}
