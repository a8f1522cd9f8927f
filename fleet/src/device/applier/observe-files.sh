# OBSERVE: FILES

content_limit=65536 # larger files are reported without their content

# The boot configuration of a Pi; on older systems it is outside of /boot/firmware.
boot_config() {
  boot_config=/boot/firmware/config.txt
  classify "$root$boot_config"
  [ $kind = file ] && return
  classify "$root/boot/config.txt"
  [ $kind != file ] || boot_config=/boot/config.txt
}

# A list `ROLE VIEW KIND PATH` of all files to look at; then one stat and one sha256sum for all.
say_files() {
  watched='' regular=''
  each "$manifest" watch-file watch_file
  while read -r verb _; do
    [ "$verb" != watch-boot-config ] || { boot_config && watch_file "$boot_config" text boot-config; }
  done <"$manifest"
  [ -z "$regular" ] || stat -c '0%03a %U:%G %s' $regular >"$work/stats" 2>/dev/null || :
  : >>"$work/stats"
  : >"$work/list"
  digest_watched
  print_watched
}

watch_file() {
  classify "$root$1"
  [ $kind != symlink ] || [ "${3:-file}" = file ] || kind=absent
  watched="$watched${3:-file} $2 $kind $1
"
  [ $kind != file ] || regular="$regular $root$1"
}

# Writes $work/content-N, the nonce and then the file, and $work/digests with the sum of each.
digest_watched() {
  number=0 small=''
  for path in $regular; do
    number=$((number + 1))
    read -r _ _ size <&3 || size=0
    if [ "$size" -gt $content_limit ]; then
      { printf '%s' "$nonce" && cat "$path"; } | sha256sum >"$work/digest-$number"
    else
      { printf '%s' "$nonce" && cat "$path"; } >"$work/content-$number" 2>/dev/null || :
      small="$small content-$number"
    fi
  done 3<"$work/stats"
  [ -z "$small" ] || (cd "$work" && sha256sum $small) >"$work/digests"
}

print_watched() {
  printf '%s' "$watched" >"$work/list"
  : >>"$work/digests"
  number=0
  while read -r role view kind path; do
    start="{\"type\":\"file\",\"role\":\"$role\",\"path\":\"$path\",\"state\":\"$kind\""
    if [ "$kind" = file ]; then
      number=$((number + 1))
      read -r file_mode owner size <&3 || continue
      print_file "$view"
    else
      say "$start}"
    fi
  done <"$work/list" 3<"$work/stats" 4<"$work/digests"
}

print_file() {
  content=''
  if [ -f "$work/digest-$number" ]; then
    read -r digest _ <"$work/digest-$number"
  else
    read -r digest _ <&4
    encode_content "$1"
  fi
  say "$start,\"mode\":\"$file_mode\",\"owner\":\"$owner\",\"size_bytes\":$size,\"digest\":\"$digest\"$content}"
}

encode_content() {
  shown=$root$path
  [ "$1" != env ] || { mask_env "$work/content-$number" >"$work/masked" && shown=$work/masked; }
  content=",\"content_base64\":\"$(base64 -w0 "$shown")\""
}
