/** The Ansible of today with its collections, in a folder of its own: see test/install-ansible. */
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

/** The folder: `bin/` has the programs, `collections/` is for `ANSIBLE_COLLECTIONS_PATH`. */
export async function installAnsible(): Promise<string> {
  const script = join(import.meta.dirname, '../../test/install-ansible')
  const { HOME = '', XDG_CACHE_HOME } = process.env
  const env = { HOME, ...(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }) }
  const { exit, stdout, stderr } = await runProgram(script, [], { cwd: '/', env })
  if (exit !== 0) throw new Error(stderr)
  return stdout.trim()
}
