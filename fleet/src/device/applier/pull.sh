# IMAGES

# Pulls what is missing: $to_pull.
pull_images() {
  for ref in $to_pull; do
    case $ref in
    localhost/*) pull_carried || give_up ;;
    *) attempt image-failed timeout -k 5 1800 docker pull -q "$ref" || give_up ;;
    esac
    point image-pulled
  done
}

# $ref is in no registry: it comes by digest from `image-source`, and keeps no name of where it came from.
pull_carried() {
  field image-source
  [ -n "$value" ] || because image-failed "$ref is not on the device, and nobody offers it" || return 1
  from=$value/${ref#localhost/}
  from=${from%:sha256-*}@sha256:${from##*:sha256-}
  attempt image-failed timeout -k 5 1800 docker pull -q "$from" || return 1
  attempt image-failed timeout -k 5 60 docker tag "$from" "$ref" || return 1
  attempt image-failed timeout -k 5 60 docker rmi "$from" || :
}
