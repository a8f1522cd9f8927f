/** `cp`: one file to many devices, or from many devices here. */
import { scriptOf } from './shell-words.ts'

/** One side of a copy; `pattern: null` is this machine. */
export interface CopySide {
  readonly pattern: string | null
  readonly path: string
}

/**
 * `stratum1:/etc/motd` is on devices; `./a:b` and `/a:b` are here, as scp(1) has it. A colon inside
 * of a pattern (`all:!pi-1:/etc/motd`) is one of the pattern: the path of a device begins with `/`.
 */
export function readSide(text: string): CopySide {
  const [, pattern, path] = /^([^/.~].*?):(\/.*)$/s.exec(text) ?? []
  if (pattern === undefined || path === undefined) return { pattern: null, path: text }
  return { pattern, path }
}

/** Of a file, in the bundle and in memory. */
export const mostCopiedBytes = 16 * 1024 ** 2

/** Beside the old file and then in its place, so that nobody ever reads half of it. */
export function uploadScript(
  content: Uint8Array,
  path: string,
  { mode }: { readonly mode: number },
): string {
  const base64 = Buffer.from(content).toString('base64').replaceAll(/.{76}/g, '$&\n')
  const to = scriptOf(['set', '--', path])
  return `set -eu
${to}
[ ! -d "$1" ] || { echo "$1 is a folder: name the file"; exit 2; }
new=$(mktemp "$1.XXXXXX")
trap 'rm -f "$new"' EXIT
base64 -d >"$new" <<'TIMEBALL_END'
${base64}
TIMEBALL_END
chmod ${(mode & 0o777).toString(8)} "$new"
mv -f "$new" "$1"
trap - EXIT
`
}

/** Prints it in base64: what else it prints is why not. */
export function downloadScript(path: string): string {
  return `${scriptOf(['set', '--', path])}
[ -e "$1" ] || { echo "there is no $1"; exit 2; }
[ -f "$1" ] || { echo "$1 is no file"; exit 2; }
[ "$(stat -Lc %s "$1")" -le ${mostCopiedBytes} ] || { echo "$1 is larger than 16 MiB"; exit 2; }
exec base64 "$1"
`
}

/** Where a download goes: into a folder under its own name, with the device's where there are many. */
export function nameHere(path: string, device: string, isOneOfMany: boolean): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return isOneOfMany ? `${name}.${device}` : name
}
