# IMAGES

# Pulls what is missing: $to_pull.
pull_images() {
  for ref in $to_pull; do
    attempt image-failed timeout -k 5 1800 docker pull -q "$ref" || give_up
    point image-pulled
  done
}
