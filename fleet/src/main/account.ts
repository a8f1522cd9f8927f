/** The key of the account that may only apply, and what makes it on devices. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '@timeball/lib/files.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import type { AccountKit } from '../cli/context.ts'
import { readApplier } from './applier.ts'
import { runTool } from './run-tool.ts'

const partOf = (name: string): Promise<string> =>
  readFile(new URL(`../device/account/${name}`, import.meta.url), 'utf8')

/** Makes the key pair when there is none, and never replaces one. The failure is a sentence. */
export async function openAccount(keyFile: string): Promise<Result<AccountKit, string>> {
  const key = await publicKeyOf(keyFile)
  if (!key.ok) return key
  const [porter, install, applier] = await Promise.all([
    partOf('porter.sh'),
    partOf('install.sh'),
    readApplier(),
  ])
  return ok({ ...key.value, parts: { porter, install }, applier })
}

type PublicKey = Pick<AccountKit, 'publicKey' | 'isNew'>

async function publicKeyOf(keyFile: string): Promise<Result<PublicKey, string>> {
  const publicFile = `${keyFile}.pub`
  const isNew = !existsSync(keyFile) && !existsSync(publicFile)
  try {
    if (isNew) makeFolder(dirname(keyFile), 0o700)
    const made = isNew ? await keygen(['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]) : ok('')
    if (!made.ok) return made
    const text = existsSync(publicFile)
      ? ok(await readFile(publicFile, 'utf8'))
      : await keygen(['-y', '-P', '', '-f', keyFile])
    if (!text.ok) return text
    const [publicKey] = /^[a-z0-9@.-]+ [A-Za-z0-9+/=]+/.exec(text.value) ?? []
    if (publicKey === undefined) return fail(`${publicFile} is no public key`)
    return ok({ publicKey: `${publicKey} timeball`, isNew })
  } catch (error) {
    return fail(systemReason(error, keyFile))
  }
}

async function keygen(args: readonly string[]): Promise<Result<string, string>> {
  const end = await runTool('/', 'ssh-keygen', args, { timeoutMs: 30_000, environment: {} })
  if (end.kind === 'missing') return fail('there is no ssh-keygen here: apt install openssh-client')
  return end.code === 0 ? ok(end.output) : fail(`ssh-keygen: ${end.output}`)
}
