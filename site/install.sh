# Sourced in site/: the pinned Node on PATH, and the libraries of this folder beside it. Nothing else
# of Timeball needs these, so nobody else installs them.
../timeball --version >/dev/null
PATH=$PWD/../node_modules/.bin:$PATH
export PATH
cmp -s package-lock.json node_modules/.timeball-lock || {
  echo "site: installing its libraries into $PWD/node_modules" >&2
  npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.timeball-lock
}
