# Makes the restricted account of a device, or makes it anew; run as root by `timeball enroll`, behind
# what says $user and $key_line, and what write_porter and write_allowed print. The key comes last, so
# that it opens nothing before the rest is in place.
# shellcheck shell=sh disable=SC2154
set -eu
umask 022
LC_ALL=C
export LC_ALL
home=/usr/lib/timeball
sudoers=/etc/sudoers.d/timeball-account

fail() {
  echo "$1"
  exit 1
}

# put MODE FILE: standard input becomes the file, in one step.
put() {
  cat >"$2.new"
  chown root:root "$2.new"
  chmod "$1" "$2.new"
  sync "$2.new"
  mv "$2.new" "$2"
}

command -v visudo >/dev/null || fail 'there is no sudo: apt-get install sudo'
command -v perl >/dev/null || fail 'there is no perl: apt-get install perl-base'
if entry=$(getent passwd "$user"); then
  case $entry in
  *":$home:"*) ;;
  *) fail "there is an account $user already that is not Timeball's: say another name, ssh.account.user" ;;
  esac
else
  useradd --system --user-group --no-create-home --home-dir $home --shell /bin/sh \
    --comment 'The applier alone' "$user"
fi
# No password opens it; with ! for one, some sshd would take it for locked.
usermod --password '*' "$user"

mkdir -p $home/.ssh
chown root:root $home $home/.ssh
chmod 0755 $home $home/.ssh
write_porter | put 0755 $home/porter
write_allowed | put 0644 $home/allowed

# sudo does not read files with a dot in their names.
printf '%s\n' "$user ALL=(root) NOPASSWD: $home/porter \"\"" | put 0440 $sudoers.test
visudo -cqf $sudoers.test || fail 'sudo does not take the rule of the account'
mv $sudoers.test $sudoers
sudo -n -l -U "$user" $home/porter >/dev/null || fail 'sudo does not read /etc/sudoers.d: see its @includedir'

# Where Timeball says who may log in, this one may: as the next apply would write it.
sshd=/etc/ssh/sshd_config.d/00-timeball.conf
if [ -f $sshd ] && ! grep -q "^Match User $user\$" $sshd; then
  cp -p $sshd $sshd.old
  awk -v "user=$user" '
    /^AllowUsers / { $0 = $0 " " user }
    $0 == "Match User *" { print "Match User " user; print "  AuthorizedKeysFile .ssh/authorized_keys" }
    { print }
  ' $sshd.old | put 0644 $sshd
  if ! sshd -t; then
    mv $sshd.old $sshd
    fail 'sshd does not take the account into 00-timeball.conf'
  fi
  rm $sshd.old
  systemctl reload ssh
fi

printf '%s\n' "$key_line" | put 0644 $home/.ssh/authorized_keys
sync $home $home/.ssh
echo "installed"
