# mask_env FILE: prints it (it begins with the nonce) with `#` and a keyed digest for each secret.
mask_env() {
  secrets='' lines=0
  while IFS= read -r line || [ -n "$line" ]; do
    [ $lines -gt 0 ] || line=${line#"$nonce"}
    lines=$((lines + 1))
    is_secret "$line" || continue
    printf '%s%s' "$nonce" "${line#*=}" >"$work/secret-$lines"
    secrets="$secrets $work/secret-$lines"
  done <"$1"
  : >"$work/secret-digests"
  [ -z "$secrets" ] || sha256sum $secrets >"$work/secret-digests"
  lines=0
  while IFS= read -r line && ending='
' || { ending='' && [ -n "$line" ]; }; do
    [ $lines -gt 0 ] || line=${line#"$nonce"}
    lines=1
    if is_secret "$line"; then
      read -r mask _ <&3
      case $line in *=*) line="${line%%=*}=#$mask" ;; *) line="#$mask" ;; esac
    fi
    printf '%s%s' "$line" "$ending"
  done <"$1" 3<"$work/secret-digests"
}
