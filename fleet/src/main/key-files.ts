/** Files of keys that settings and inventories name. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { open, close, stat } from '@timeball/lib/files.ts'

/** `~/` is the home of the operator, as for ssh and Ansible. */
export function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
}

/** Why nothing can be read from such a file; `null`: it can. */
export async function keyFileMistake(path: string): Promise<string | null> {
  try {
    const found = await stat(path)
    if (found.isDirectory()) return `${path} is a folder`
    await close(await open(path, 'r'))
    return found.isFile() && found.size === 0 ? `the file ${path} is empty` : null
  } catch {
    return existsSync(path) ? `the file ${path} may not be read` : `there is no file ${path}`
  }
}

/** The same of a private key, which may be in an agent: then its public half says which one it is. */
export async function privateKeyMistake(path: string): Promise<string | null> {
  return existsSync(`${path}.pub`) && !existsSync(path) ? null : await keyFileMistake(path)
}
