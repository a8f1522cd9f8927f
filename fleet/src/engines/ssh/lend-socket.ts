/**
 * Forwards a port of a device's loopback to a Unix socket of this machine, over the shared connection
 * (ssh(1), `-O forward`). Deliveries clear all forwardings, so that none of the operator's own
 * configuration is opened on devices; this one is asked of the connection itself, without any file.
 */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import type { ProcessEnd, RunProcess } from '@timeball/lib/run-process.ts'
import type { Failure } from '../../core/failure.ts'
import type { Lent, Target } from '../../ports/engine.ts'
import { classifySshEnd } from './classify-ssh-end.ts'
import { runSsh } from './run-ssh.ts'
import { controlPath, sshArguments, type SshOptions } from './ssh-arguments.ts'

export interface Lending {
  readonly socket: string
  readonly signal: AbortSignal
  readonly options: SshOptions
  readonly run: RunProcess
  /** Makes the folders that ssh needs. */
  readonly prepare: () => Promise<Result<null, Failure>>
}

/** ssh only speaks with its own master here. */
const controlTimeoutMs = 20_000

export async function lendSocket(target: Target, lending: Lending): Promise<Result<Lent, Failure>> {
  const made = await lending.prepare()
  if (!made.ok) return made
  // A cancellation has to name what was asked for, not the port that it became.
  const spec = `127.0.0.1:0:${lending.socket}`
  const open = (): Promise<Control> => control(target, lending, ['forward', '-R', spec])
  let opened = await open()
  if (opened.end.kind === 'exited' && noConnection.test(opened.end.stderr)) {
    const connected = await connect(target, lending)
    if (!connected.ok) return connected
    opened = await open()
  }
  const port = Number(/^(\d{1,5})\s*$/.exec(opened.stdout)?.[1])
  if (opened.end.code !== 0 || !Number.isInteger(port)) return fail(refusal(opened.end))
  return ok({
    port,
    async end() {
      const signal = new AbortController().signal
      await control(target, { ...lending, signal }, ['cancel', '-R', spec])
    },
  })
}

const noConnection = /^Control socket connect|^mux_client_hello|No such file or directory/m

function refusal({ kind, stderr }: ProcessEnd): Failure {
  if (kind === 'aborted') return { code: 'interrupted', detail: 'the delivery was called off' }
  const why = /remote port forwarding failed/.test(stderr)
    ? 'its sshd forwards no port: allow it (AllowTcpForwarding in sshd_config, port-forwarding in authorized_keys), or name an image of a registry in fleet.yaml'
    : `its connection takes no forwarding: ${printable(stderr.trim().split('\n')[0] ?? '')}`
  return { code: 'image-failed', detail: `the image cannot be carried: ${why}` }
}

/** Opens the shared connection, and does nothing on the device. */
async function connect(
  target: Target,
  { options, run, signal }: Lending,
): Promise<Result<null, Failure>> {
  const args = sshArguments(target, options, 'reuse')
  if (!args.ok) return fail({ code: 'unreachable', detail: printable(args.failure) })
  const end = await runSsh(run, options.controlDirectory, {
    args: [...args.value, 'true'],
    stdin: new Uint8Array(),
    timeoutMs: controlTimeoutMs + options.connectTimeoutSeconds * 1_000,
    signal,
    onStdout: () => 'more',
  })
  if (end.kind === 'exited' && end.code !== 255) return ok(null)
  if (end.kind === 'exited') return fail(classifySshEnd({ ...end, begun: false }))
  return fail({ code: 'timeout', detail: 'no connection in time' })
}

interface Control {
  readonly end: ProcessEnd
  readonly stdout: string
}

async function control(
  target: Target,
  { options, run, signal }: Lending,
  command: readonly string[],
): Promise<Control> {
  const path = controlPath(target, options).replaceAll('%', '%%')
  let stdout = ''
  const end = await run({
    file: 'ssh',
    args: ['-F', 'none', '-S', path, '-O', ...command, '--', 'localhost'],
    stdin: new Uint8Array(),
    timeoutMs: controlTimeoutMs,
    signal,
    onStdout(chunk) {
      stdout = (stdout + chunk.toString('utf8')).slice(0, 64)
      return 'more'
    },
  })
  return { end, stdout }
}
