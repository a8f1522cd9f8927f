/** Salt, in a folder of its own with `bin/`: see test/install-salt. */
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

export async function installSalt(): Promise<string> {
  const script = join(import.meta.dirname, '../../test/install-salt')
  const { HOME = '', XDG_CACHE_HOME } = process.env
  const env = { HOME, ...(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }) }
  const { exit, stdout, stderr } = await runProgram(script, [], { cwd: '/', env })
  if (exit !== 0) throw new Error(stderr)
  return stdout.trim()
}
