# APPLY: PACKAGES

lost_packages=''

# A downgrade is only ever of a package whose version is named.
apt_install_once() {
  attempt package-failed timeout -k 5 1800 env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
    --no-install-recommends --allow-downgrades -o DPkg::Lock::Timeout=120 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# The lists are fetched, and an installation that was cut short finished, only when needed.
apt_install() {
  apt_install_once "$@" && return 0
  attempt package-failed env DEBIAN_FRONTEND=noninteractive dpkg --configure -a || :
  attempt package-failed timeout -k 5 600 apt-get update -q || :
  apt_install_once "$@"
}

install_packages() {
  [ -n "$to_install" ] || return 0
  apt_install $to_install || give_up
  point packages-installed
  installed=yes
}

# Other versions of what is installed are fetched before anything is touched, and those that are
# there now once more where that is possible, so that a rollback needs no mirror. An older generation
# does without the versions that cannot be had any more, and says so.
fetch_packages() {
  [ -n "$to_change" ] || return 0
  if ! apt_install --download-only $to_change; then
    [ -n "$going_back" ] || give_up
    wanted=$to_change to_change=''
    for word in $wanted; do
      if apt_install_once --download-only "$word"; then
        to_change="$to_change $word"
      else
        lost_packages="$lost_packages $word"
      fi
    done
  fi
  for word in $to_change; do
    find_package "${word%%=*}"
    apt_install_once --download-only --reinstall "${word%%=*}=$version" || :
  done
}

# Sets $replaced_packages to lines `package NAME VERSION` of what change_packages will replace.
find_replaced_packages() {
  replaced_packages=''
  each "$manifest" package find_replaced
}

find_replaced() {
  case " $to_change" in *" $1="*) ;; *) return 0 ;; esac
  find_package "$1"
  replaced_packages="${replaced_packages}package $1 $version
"
}

change_packages() {
  [ -n "$to_change" ] || return 0
  apt_install $to_change || {
    [ -n "$going_back" ] || give_up
    lost_packages="$lost_packages$to_change"
  }
  point packages-changed
}
