/** Key pairs of the embedded fleet, made by OpenSSH's own ssh-keygen. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface KeyPair {
  readonly privateKeyFile: string
  /** OpenSSH format, the file's content. */
  readonly privateKey: string
  /** Algorithm and base64, without a comment: what known_hosts wants. */
  readonly publicKey: string
}

/** Makes an ed25519 key pair without a passphrase at `file` and `file`.pub. Throws when it cannot. */
export async function makeKeyPair(file: string): Promise<KeyPair> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'timeball-embedded', '-f', file])
  const publicLine = await readFile(`${file}.pub`, 'utf8')
  return {
    privateKeyFile: file,
    privateKey: await readFile(file, 'utf8'),
    publicKey: publicLine.trim().split(' ').slice(0, 2).join(' '),
  }
}
