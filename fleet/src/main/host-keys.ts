/** Host keys in the file of the fleet; the operator's own file is never written. */
import { dirname } from 'node:path'
import { makeFolder, readFile, rename, writeFile } from '@timeball/lib/files.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import { runProcess } from '@timeball/lib/run-process.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import { scanHostKey } from '../engines/ssh/host-keys.ts'
import { sshOptionsOf, type SshPlace } from '../engines/ssh/ssh-options.ts'
import type { HostKeys } from '../ports/host-keys.ts'

export function openHostKeys(place: SshPlace): HostKeys {
  const options = sshOptionsOf(place)
  const [file = ''] = options.knownHostsFiles
  return {
    presented: (target, signal) => scanHostKey(target, { options, run: runProcess, signal }),
    async replace(line, keys) {
      const [name = ''] = line.split(' ')
      try {
        makeFolder(dirname(file), 0o700)
        const before = await readFile(file, 'utf8').catch(() => '')
        const others = before
          .split('\n')
          .filter((each) => each !== '' && !namesOf(each).includes(name))
        const text = [...others, ...keys.map((key) => `${name} ${key}`), ''].join('\n')
        await writeFile(`${file}.new`, text, { mode: 0o644 })
        await rename(`${file}.new`, file)
        return ok(null)
      } catch (error) {
        return fail(systemReason(error, file))
      }
    },
  }
}

function namesOf(line: string): readonly string[] {
  return (line.split(' ')[0] ?? '').split(',')
}
