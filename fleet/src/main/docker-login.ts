/**
 * The operator's login at a registry, as `docker login` keeps it: `config.json` of `$DOCKER_CONFIG` or
 * `~/.docker`, with its credential helpers (docs.docker.com/reference/cli/docker/login).
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { printable } from '@timeball/lib/printable.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { keepOutput } from '@timeball/lib/kept-output.ts'
import { runProcess } from '@timeball/lib/run-process.ts'
import type { Credentials } from '../probes/registry-access.ts'

const helperName = z.string().regex(/^[A-Za-z0-9._-]+$/)
const kept = z.looseObject({ auth: z.string().optional(), identitytoken: z.string().optional() })
const configSchema = z.looseObject({
  auths: z.record(z.string(), kept).optional(),
  credsStore: helperName.optional(),
  credHelpers: z.record(z.string(), helperName).optional(),
})
const answerSchema = z.looseObject({ Username: z.string(), Secret: z.string() })

const helperTimeoutMs = 20_000
const maxAnswerBytes = 65_536
/** What helpers give in place of a name where the secret is an identity token. */
const tokenUser = '<token>'

/** `null`: there is no login at this registry. The failure is a sentence without secrets. */
export async function dockerLogin(
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<Credentials | null, string>> {
  const folder = environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? homedir(), '.docker')
  const file = join(folder, 'config.json')
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return ok(null)
  const config = configSchema.safeParse(jsonOf(text))
  if (!config.success) return fail(`${file} is not as docker login writes it`)
  const names = namesOf(registry)
  const helped = await helpedLogin(config.data, names)
  return helped.ok && helped.value === null ? writtenLogin(config.data, names, file) : helped
}

type Config = z.output<typeof configSchema>

async function helpedLogin(
  { credHelpers, credsStore }: Config,
  names: readonly string[],
): Promise<Result<Credentials | null, string>> {
  const helper = names.flatMap((name) => credHelpers?.[name] ?? [])[0] ?? credsStore
  if (helper === undefined) return ok(null)
  for (const name of names) {
    const found = await askHelper(helper, name)
    if (!found.ok || found.value !== null) return found
  }
  return ok(null)
}

function writtenLogin(
  { auths }: Config,
  names: readonly string[],
  file: string,
): Result<Credentials | null, string> {
  const login = names.map((name) => auths?.[name]).find((each) => each !== undefined)
  if (login?.identitytoken !== undefined) return ok(identityToken(login.identitytoken))
  return login?.auth === undefined ? ok(null) : readAuth(login.auth, file)
}

/** Docker Hub is kept under the address of its first version. */
function namesOf(registry: string): readonly string[] {
  return registry === 'docker.io'
    ? ['https://index.docker.io/v1/', 'docker.io']
    : [registry, `https://${registry}`]
}

function readAuth(auth: string, file: string): Result<Credentials | null, string> {
  if (auth === '') return ok(null)
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const at = text.indexOf(':')
  if (at < 1) return fail(`${file} has a login that is not user and password`)
  return ok({ user: text.slice(0, at), password: text.slice(at + 1) })
}

async function askHelper(
  helper: string,
  registry: string,
): Promise<Result<Credentials | null, string>> {
  const program = `docker-credential-${helper}`
  const kept = keepOutput(maxAnswerBytes)
  const end = await runProcess({
    file: program,
    args: ['get'],
    stdin: Buffer.from(`${registry}\n`),
    timeoutMs: helperTimeoutMs,
    signal: new AbortController().signal,
    onStdout: (chunk) => (kept.push(chunk) ? 'more' : 'enough'),
  })
  const said = kept.text()
  if (end.kind === 'exited' && end.code === 0) {
    const answer = answerSchema.safeParse(jsonOf(said))
    if (!answer.success) return fail(`${program} does not answer as a credential helper`)
    const { Username: user, Secret: password } = answer.data
    return ok(user === tokenUser ? identityToken(password) : { user, password })
  }
  // The protocol of helpers has no code for it, only this sentence.
  if (/credentials not found/i.test(said + end.stderr)) return ok(null)
  return fail(`${program} gives no login: ${printable((end.stderr || said).trim(), 200)}`)
}

function identityToken(password: string): Credentials {
  return { user: 'the identity that it keeps', password, kind: 'identity token' }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
