# SECRETS

# Whether a line of an env file holds a secret: by its name, or because it has no name at all.
is_secret() {
  case $1 in
  *=*) case ${1%%=*} in *[Kk][Ee][Yy]* | *[Ss][Ee][Cc][Rr][Ee][Tt]* | *[Tt][Oo][Kk][Ee][Nn]* | *[Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]*) ;; *) return 1 ;; esac ;;
  '' | '#'*) return 1 ;;
  esac
}
