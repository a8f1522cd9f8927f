/** Since when a resource of a device is as it is, as far as the device remembers. */
import { containerName } from '../desired/paths.ts'
import { scriptOf } from './shell-words.ts'
import { unattendedScript } from './unattended.ts'

/**
 * Prints `INDEX SECONDS` for each resource of which the device knows the time, and what `unattended.ts`
 * says.
 */
export function sinceScript(resources: readonly string[]): string {
  const asked = resources.map((resource, index) => {
    const [kind = '', ...rest] = resource.split(':')
    return `say ${index} "$(${scriptOf([`since_${kinds.has(kind) ? kind : 'other'}`, rest.join(':')])})"`
  })
  return [functions, ...asked, unattendedScript].join('\n')
}

const kinds: ReadonlySet<string> = new Set(['file', 'service', 'compose', 'package'])

/** Of a file that is gone its folder tells; of a package the log of dpkg. */
const functions = `r=\${TIMEBALL_ROOT:-}
say() { [ -z "$2" ] || echo "$1 $2"; }
seconds() { [ -z "$1" ] || date -d "$1" +%s 2>/dev/null; }
since_file() { f=$r$1; [ -e "$f" ] || f=\${f%/*}; stat -c %Y "$f" 2>/dev/null; }
# Of a service that runs and is disabled nothing tells since when.
since_service() {
  [ "$(systemctl is-active "$1" 2>/dev/null) $(systemctl is-enabled "$1" 2>/dev/null)" != 'active disabled' ] || return
  seconds "$(systemctl show -p StateChangeTimestamp --value "$1" 2>/dev/null)"
}
since_compose() {
  case $(docker inspect --format '{{.State.Status}}' ${containerName} 2>/dev/null) in
    '') ;;
    running) seconds "$(docker inspect --format '{{.State.StartedAt}}' ${containerName})" ;;
    *) seconds "$(docker inspect --format '{{.State.FinishedAt}}' ${containerName})" ;;
  esac
}
since_package() {
  seconds "$(awk -v "name=$1:" '($3 == "install" || $3 == "upgrade" || $3 == "remove" || $3 == "purge") && index($4, name) == 1 { at = $1 " " $2 } END { print at }' "$r/var/log/dpkg.log" 2>/dev/null)"
}
since_other() { :; }`

/** Milliseconds since 1970, in the order of the resources; `null`: the device does not tell. */
export function readSince(output: string, count: number): readonly (number | null)[] {
  const told = new Map<number, number>()
  for (const line of output.split('\n')) {
    const [, index, seconds] = /^(\d{1,4}) (\d{1,12})$/.exec(line) ?? []
    // Docker has year 1 where there was no such instant.
    if (index !== undefined && Number(seconds) > 0) told.set(Number(index), Number(seconds) * 1000)
  }
  return Array.from({ length: count }, (_, index) => told.get(index) ?? null)
}
