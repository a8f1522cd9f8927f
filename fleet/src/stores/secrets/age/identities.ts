/**
 * The age identities that decrypt a fleet's secrets: named in fleet.yaml, or in the environment as
 * for sops, or where sops has them. A file that is encrypted with a passphrase is one, too.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type * as ageLibrary from 'age-encryption'
import { readFile, stat } from '@timeball/lib/files.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { systemReason } from '@timeball/lib/system-reason.ts'
import type { SecretFailure } from '../../../ports/secret-store.ts'

export interface IdentitySources {
  /** As in fleet.yaml, made absolute. */
  readonly file: string | null
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `null`: nobody can be asked. */
  readonly askPassphrase: (file: string) => Promise<string | null>
}

/** `AGE-SECRET-KEY-…`, one for each. */
export type Identities = Result<readonly string[], SecretFailure>

/** The library. */
type Age = Pick<typeof ageLibrary, 'armor' | 'Decrypter'>

export async function findIdentities(age: Age, sources: IdentitySources): Promise<Identities> {
  const { environment } = sources
  if (sources.file !== null) return await readIdentityFile(age, sources.file, sources)
  const text = environment['TIMEBALL_AGE_IDENTITY'] ?? environment['SOPS_AGE_KEY'] ?? ''
  if (text !== '') return identitiesIn(age, text, 'the identity in the environment')
  const named = environment['TIMEBALL_AGE_IDENTITY_FILE'] ?? environment['SOPS_AGE_KEY_FILE'] ?? ''
  return await readIdentityFile(age, named === '' ? usualFile(environment) : named, sources)
}

/** Where sops looks (its documentation, "Encrypting using age"). */
function usualFile(environment: IdentitySources['environment']): string {
  const configuration = environment['XDG_CONFIG_HOME'] ?? ''
  const home = environment['HOME'] ?? homedir()
  return join(configuration === '' ? join(home, '.config') : configuration, 'sops/age/keys.txt')
}

async function readIdentityFile(
  age: Age,
  path: string,
  sources: IdentitySources,
): Promise<Identities> {
  let bytes: Buffer
  try {
    const found = await stat(path)
    if (found.isDirectory()) return unavailable(`the age identity ${path} is a folder`, null)
    if ((found.mode & 0o077) !== 0) {
      const fix = `chmod 600 ${path}`
      return unavailable(`the age identity ${path} can be read by others than its owner`, fix)
    }
    bytes = await readFile(path)
  } catch (error) {
    const fix =
      'name it: secrets: { store: age, identity_file: FILE } in fleet.yaml, or TIMEBALL_AGE_IDENTITY_FILE; age-keygen -o FILE makes one'
    return unavailable(`the age identity cannot be read: ${systemReason(error, path)}`, fix)
  }
  const sealed = sealedBytes(age, bytes)
  if (sealed === null) return identitiesIn(age, bytes.toString('utf8'), path)
  const given = sources.environment['TIMEBALL_AGE_PASSPHRASE'] ?? ''
  const passphrase = given === '' ? await sources.askPassphrase(path) : given
  if (passphrase === null) {
    return unavailable(
      `${path} has a passphrase, and there is nobody to ask for it`,
      'put it into TIMEBALL_AGE_PASSPHRASE',
    )
  }
  const decrypter = new age.Decrypter()
  decrypter.addPassphrase(passphrase)
  try {
    return identitiesIn(age, await decrypter.decrypt(sealed, 'text'), path)
  } catch {
    return unavailable(`${path}: the passphrase is wrong, or the file is damaged`, null)
  }
}

/** `null`: it is not encrypted. */
function sealedBytes(age: Age, bytes: Buffer): Uint8Array | null {
  if (bytes.subarray(0, 18).toString('latin1') === 'age-encryption.org') return bytes
  const text = bytes.toString('latin1').trim()
  if (!text.startsWith('-----BEGIN AGE ENCRYPTED FILE-----')) return null
  try {
    return age.armor.decode(text)
  } catch {
    return null
  }
}

/** A line each, and comments, as age-keygen writes them. */
function identitiesIn(age: Age, text: string, where: string): Identities {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const found = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (found.length > 0 && found.every((line) => isIdentity(age, line))) return ok(found)
  const kinds = 'AGE-SECRET-KEY-1…, whole, as age-keygen makes it'
  return unavailable(`${where} has no age identity that can be used`, `what is wanted: ${kinds}`)
}

/** With a checksum that holds: part of one, copied by hand, is none. */
function isIdentity(age: Age, line: string): boolean {
  if (!/^AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]+$/.test(line)) return false
  try {
    new age.Decrypter().addIdentity(line)
    return true
  } catch {
    return false
  }
}

function unavailable(detail: string, hint: string | null): Result<never, SecretFailure> {
  return fail({ code: 'unavailable', detail, hint })
}
