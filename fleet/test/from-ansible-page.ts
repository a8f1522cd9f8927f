/** The commands of docs/from-ansible.md that are ours, as they stand in its table. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const page = readFileSync(join(import.meta.dirname, '../../docs/from-ansible.md'), 'utf8')

export const pageCommands: readonly string[] = [
  ...page.matchAll(/^\| .* \| `timeball ([^`]+)` \|$/gm),
].map(([, words = '']) => words)

/** Those that ask before they change anything. */
export const asksFirst = /^(?:apply|restart|reboot|upgrade)\b/

/** Of @failed while nobody has failed: it names nobody. */
export function exitsOf(command: string): readonly number[] {
  return command.includes('@failed') ? [0, 64] : [0]
}

/** The files that the commands name. */
export function writePageFiles(folder: string): void {
  writeFileSync(join(folder, 'motd'), 'hello\n')
  writeFileSync(join(folder, 'hosts.txt'), 'pi-1,192.0.2.1,1,yes,yes\n')
}
