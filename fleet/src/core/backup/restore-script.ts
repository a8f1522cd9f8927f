/** Puts files back on a device. Whoever else is at this address is left alone. */
import { quoteAll } from '../ask/shell-words.ts'
import type { ManifestFile } from './manifest.ts'
import { hostNamePath, isHostKey } from './restore-plan.ts'

export interface PutBack {
  readonly file: ManifestFile
  readonly content: Uint8Array
}

/** Prints `HOSTNAME` and the number of the generation there, 0 on one that is blank. */
export const whoScript = `r=\${TIMEBALL_ROOT:-}
head -c 300 "$r/etc/hostname" 2>/dev/null | head -n 1
head -n 1 "$r/var/lib/timeball/current" 2>/dev/null || echo 0
`

/** Each file is there whole or not at all, with its owner and mode; run again it does the same. */
export function restoreScript(files: readonly PutBack[]): string {
  const isIdentity = files.some(({ file }) => isHostKey(file.path))
  return [
    functions,
    ...files.map(({ file, content }) =>
      file.path === hostNamePath ? nameIt(content) : put(file, content),
    ),
    ...(isIdentity
      ? ['[ -n "$r" ] || systemctl try-restart ssh.service || systemctl try-restart sshd.service']
      : []),
    'echo done',
    '',
  ].join('\n')
}

const functions = `set -eu
r=\${TIMEBALL_ROOT:-}
umask 077
put() {
  folder=$(dirname "$r$1")
  if [ ! -d "$folder" ]; then
    mkdir -p "$folder"
    chown "$2" "$folder"
    chmod 755 "$folder"
  fi
  new=$(mktemp "$r$1.XXXXXX")
  trap 'rm -f "$new"' EXIT
  base64 -d >"$new"
  chown "$2" "$new"
  chmod "$3" "$new"
  sync "$new"
  mv -f "$new" "$r$1"
  trap - EXIT
}`

function put({ path, user, group, mode }: ManifestFile, content: Uint8Array): string {
  const base64 = Buffer.from(content).toString('base64').replaceAll(/.{76}/g, '$&\n')
  const words = quoteAll(['put', `/${path}`, `${user}:${group}`, mode.toString(8)])
  return `${words} <<'TIMEBALL_END'\n${base64}\nTIMEBALL_END`
}

/** The name of a host may be a mount, and not ours to set. */
function nameIt(content: Uint8Array): string {
  const [name = ''] = new TextDecoder().decode(content).split('\n')
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(name)) return ':'
  return `echo ${name} >"$r/etc/hostname" || :
[ -n "$r" ] || hostname ${name} || :`
}
