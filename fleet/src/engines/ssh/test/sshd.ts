/** A real sshd on loopback addresses, each of which is a device that behaves in one way. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { behaviours, contentLines, diskLine, unknownLine } from '../../../ports/engine.contract.ts'
import type { Behaviour } from '../../../ports/engine.contract.ts'
import type { Target } from '../../../ports/engine.ts'

export interface Sshd {
  readonly folder: string
  readonly port: number
  readonly keyFile: string
  /** For a known_hosts file: every device of this sshd has the same host key. */
  readonly knownHostsLine: string
  target(behaviour: Behaviour | null, given?: Partial<Target>): Target
  /** How many connections were accepted so far. */
  connections(): number
  /** The commands that were run, as the clients asked for them. */
  commands(): Promise<string[]>
  stop(): Promise<void>
}

const sshdPath = '/usr/sbin/sshd'

/** The far side of each behaviour; `$nonce` is what the bundle says. */
const scripts: Record<Behaviour, string> = {
  answers: 'begin; disk; end',
  refuses: 'begin; failed "\\"$nonce\\""',
  'is-not-root': 'failed null; exit 3',
  'greets-first': `echo Welcome; echo '{"type":"motd"}'; begin; end`,
  hangs: 'exec sleep 300',
  'hangs-after-begin': 'begin; exec sleep 300',
  'answers-another': 'nonce=ffffffffffffffffffffffffffffffff; begin; disk; end',
  'replays-nonce-late': 'n=$nonce; nonce=ffffffffffffffffffffffffffffffff; begin; nonce=$n; end',
  'prints-garbage': 'echo garbage; echo; printf "{\\"type\\":"',
  'prints-escape-codes': String.raw`printf '\033]0;title\007\033[2Jhello\342\200\256\n'; printf '\033[31mwarn\007\n' >&2; exit 5`,
  'speaks-as-ssh': `echo '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @
Offending ED25519 key in /etc/ssh/ssh_known_hosts:1
No ED25519 host key is known for pi and you have requested strict checking.
Host key verification failed.
Permission denied (publickey).' >&2; exit 255`,
  'never-ends-a-line': 'exec cat /dev/zero',
  'never-begins': 'exec yes',
  'never-ends': `begin; exec yes '${unknownLine.trim()}'`,
  'stops-half-way': 'begin; disk; exit 255',
  'sends-content': 'begin; cat "$folder/content"; end',
}

/**
 * What a device does with a bundle on standard input: in one of the ways, or in other words. `folder`
 * has the content that it may send.
 */
export function deviceScript(does: Behaviour | { readonly other: string }, folder: string): string {
  const script = typeof does === 'string' ? scripts[does] : does.other
  return `${words(folder)}nonce=$(sed -n 's/^nonce //p')\n${script}\n`
}

function words(folder: string): string {
  return `begin() { echo "{\\"type\\":\\"begin\\",\\"protocol\\":1,\\"nonce\\":\\"$nonce\\"}"; }
disk() { echo '${diskLine.trim()}'; }
end() { echo "{\\"type\\":\\"end\\",\\"nonce\\":\\"$nonce\\",\\"status\\":\\"ok\\",\\"generation\\":3}"; }
failed() { echo "{\\"type\\":\\"end\\",\\"nonce\\":$1,\\"status\\":\\"failed\\",\\"generation\\":null,\\"code\\":\\"no-space\\",\\"detail\\":\\"full\\"}"; }
folder='${folder}'
`
}

function forceCommand(folder: string): string {
  const cases = behaviours.map((behaviour) => `${address(behaviour)}) ${scripts[behaviour]};;`)
  return `#!/bin/sh
${words(folder)}printf '%s\\n' "$SSH_ORIGINAL_COMMAND" >>"$folder/commands"
set -- $SSH_CONNECTION
nonce=$(sed -n 's/^nonce //p')
case $3 in
${cases.join('\n')}
esac
`
}

function address(behaviour: Behaviour | null): string {
  return behaviour === null ? '127.0.77.250' : `127.0.77.${behaviours.indexOf(behaviour) + 1}`
}

/** Fails when OpenSSH is missing: `./check` installs it. */
export async function startSshd(): Promise<Sshd> {
  if (!existsSync(sshdPath)) throw new Error('sshd is missing: apt-get install openssh-server')
  const folder = await mkdtemp(join(tmpdir(), 'timeball-sshd-'))
  const keyFile = join(folder, 'user-key')
  makeKey(keyFile)
  makeKey(join(folder, 'host-key'))
  await mkdir('/run/sshd', { recursive: true })
  const command = join(folder, 'force-command')
  await writeFile(command, forceCommand(folder))
  await chmod(command, 0o755)
  await writeFile(join(folder, 'commands'), '')
  await writeFile(join(folder, 'content'), contentLines.join(''))

  const port = await freePort()
  await writeFile(join(folder, 'sshd_config'), sshdConfig(folder, port))
  const running = await runSshd(join(folder, 'sshd_config'))
  const hostKey = (await readFile(join(folder, 'host-key.pub'), 'utf8')).split(' ')
  return {
    folder,
    port,
    keyFile,
    knownHostsLine: `[127.0.77.*]:${port} ${hostKey[0]} ${hostKey[1]?.trim()}\n`,
    target: (behaviour, given = {}) => ({
      device: behaviour ?? 'nobody',
      address: address(behaviour),
      port,
      user: userInfo().username,
      privateKeyFile: keyFile,
      commonArgs: ['-F', 'none'],
      ...given,
    }),
    connections: running.connections,
    commands: async () =>
      (await readFile(join(folder, 'commands'), 'utf8')).split('\n').slice(0, -1),
    async stop() {
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Makes an unencrypted key pair, in FILE and FILE.pub. */
export function makeKey(file: string): void {
  const args = ['-q', '-t', 'ed25519', '-N', '', '-C', 'timeball test', '-f', file]
  const made = spawnSync('ssh-keygen', args, { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`ssh-keygen failed: ${made.stderr ?? made.error?.message}`)
}

function sshdConfig(folder: string, port: number): string {
  return [
    `Port ${port}`,
    ...behaviours.map((behaviour) => `ListenAddress ${address(behaviour)}`),
    `HostKey ${folder}/host-key`,
    `AuthorizedKeysFile ${folder}/user-key.pub`,
    `ForceCommand ${folder}/force-command`,
    // Not the real home folder: bash reads a .bashrc there even for one command.
    `SetEnv HOME=${folder}`,
    `PidFile none`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    'LogLevel VERBOSE',
    '',
  ].join('\n')
}

async function runSshd(config: string) {
  const child = spawn(sshdPath, ['-D', '-e', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const log: string[] = []
  const listening = Promise.withResolvers<void>()
  let open = 0
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(line)
    if (line.startsWith('Server listening on')) open++
    if (open === behaviours.length) listening.resolve()
  })
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  void exited.then(() => listening.reject(new Error(`sshd did not start: ${log.join('; ')}`)))
  await listening.promise
  return {
    connections: () => log.filter((line) => line.startsWith('Connection from')).length,
    async stop() {
      child.kill()
      await exited
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.77.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const at = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (at === null || typeof at === 'string') throw new Error('no port')
  return at.port
}
