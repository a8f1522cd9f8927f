/**
 * What every bundle is delivered to: one constant command line, so that nothing of an operation is
 * in argv or in the environment. docs/device-protocol.md, "The bundle".
 */

/**
 * Runs as root, with the bundle on standard input. Never exits with 1, which is what `sudo -n`
 * ends with when it refuses, so that the two can be told apart.
 */
const asRoot = [
  'umask 077; LC_ALL=C; export LC_ALL; trap "" HUP PIPE; r=${TIMEBALL_ROOT:-}; d=',
  'refuse() { [ -z "$d" ] || rm -rf "$d"; echo "{\\"type\\":\\"end\\",\\"nonce\\":null,\\"status\\":\\"failed\\",\\"generation\\":null,\\"code\\":\\"$1\\",\\"detail\\":\\"$2\\"}"; exit 3; }',
  'q=; read -r q n k; if [ "$q" = look ] && [ -f "$r/run/timeball/look" ]; then perl "$r/run/timeball/quick" "$r" "$n" "$k" 2>/dev/null </dev/null && exit 0; fi',
  'if [ "$q" = ask ]; then command -v perl >/dev/null || refuse step-failed "perl is missing: apt-get install perl-base"; exec perl - "$r" "$n" $k; fi',
  'mkdir -p "$r/run/timeball" 2>/dev/null && d=$(mktemp -d "$r/run/timeball/op.XXXXXX" 2>/dev/null) || refuse no-space "no folder could be made in /run/timeball"',
  'e=$(tar -xof - -C "$d" 2>&1) || case $e in *"No space left"*) refuse no-space "no space in /run/timeball for the bundle";; *) refuse corrupt-bundle "tar could not unpack the bundle";; esac',
  '[ -f "$d/applier.sh" ] && [ -f "$d/manifest" ] || refuse corrupt-bundle "the bundle has no applier or no manifest"',
  'sh "$d/applier.sh" "$d" </dev/null; s=$?; rm -rf "$d"; [ $s = 0 ] || exit 3',
].join('; ')

/**
 * Runs as the login user. `$0` is the text of `asRoot`. An embedded device is told by its
 * TIMEBALL_ROOT and must never become root of the machine that it is embedded in; sshd does not
 * let a client set it, and a user who sets it only stays without privileges.
 */
const asLogin = [
  'if [ -n "${TIMEBALL_ROOT:-}" ] || [ "$(id -u)" = 0 ]; then eval "$0"; exit; fi',
  'sudo -n sh -c "$0"; s=$?',
  'case $s in 1|127) echo "{\\"type\\":\\"end\\",\\"nonce\\":null,\\"status\\":\\"failed\\",\\"generation\\":null,\\"code\\":\\"not-root\\",\\"detail\\":\\"sudo -n was refused for $(id -un)\\"}"; s=3;; esac',
  'exit $s',
].join('; ')

/**
 * The remote command. It goes through the login shell of whoever logs in, so it is one line of
 * words in single quotes without `'`, `!` or a newline inside: sh, bash, zsh and fish read that in
 * the same way. Exits 0 after a report that ends well, 3 after one that ends with a failure.
 */
export const remoteCommand: string = `sh -c '${asLogin}' '${asRoot}'`
