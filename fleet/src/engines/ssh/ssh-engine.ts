/**
 * Reaches devices with the operator's own ssh(1), so that agents, certificates, FIDO keys, jump
 * hosts and ~/.ssh/config keep working. The first delivery is one ssh process, which leaves a
 * shared connection behind; the next ones are sessions of that, and need no process.
 *
 * INVARIANTS:
 * - argv holds nothing of the bundle: it goes through standard input only;
 * - a host key that is not known, or has changed, ends the delivery before anything is sent;
 * - `fresh` never uses a shared connection, and never becomes one;
 * - a shared connection on which a delivery timed out is ended: it may be dead, and would hold up
 *   the next delivery as well.
 */
import { existsSync } from 'node:fs'
import { remoteCommand } from '../../device/command.ts'
import type { Failure } from '../../core/failure.ts'
import { fail } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { DeviceReport } from '../../device/report.ts'
import { runProcess } from '@timeball/lib/run-process.ts'
import type { RunProcess } from '@timeball/lib/run-process.ts'
import type { Delivery, Engine, Target } from '../../ports/engine.ts'
import { deliverEach } from '../deliver-each.ts'
import { deliveryReader } from '../delivery-reader.ts'
import type { DeliveryReader } from '../delivery-reader.ts'
import { classifySshEnd } from './classify-ssh-end.ts'
import { endSharedConnection, makePrivateFolder } from './control-folder.ts'
import { makeKnownHostsFolder, scanHostKey } from './host-keys.ts'
import type { HostKey } from './host-keys.ts'
import { printable } from '@timeball/lib/printable.ts'
import { lendSocket } from './lend-socket.ts'
import { runShared } from './run-shared.ts'
import type { SharedRequest } from './run-shared.ts'
import { runSsh } from './run-ssh.ts'
import type { SshRunEnd } from './run-ssh.ts'
import { controlPath, sshArguments } from './ssh-arguments.ts'
import type { SshOptions } from './ssh-arguments.ts'

export interface SshEngine extends Engine {
  /**
   * The key that a host presents now, for a human to compare and to pin. Logs in nowhere. Goes
   * through jump hosts like a delivery does.
   */
  presentedHostKey(target: Target, signal: AbortSignal): Promise<Result<HostKey, Failure>>
}

type Answer = Promise<Result<DeviceReport, Failure>>

/** `run` starts a local program; tests give one that records. */
export function sshEngine(options: SshOptions, run: RunProcess = runProcess): SshEngine {
  const shared = new Set<string>()
  const runOver = oneAtATime()
  let folders: Promise<Result<null, Failure>> | null = null

  const prepare = (): Promise<Result<null, Failure>> => (folders ??= makeFolders(options))

  async function deliver(given: Target, delivery: Delivery): Answer {
    const target = asAccount(given, options)
    const made = await prepare()
    if (!made.ok) return made
    const args = sshArguments(target, options, delivery.connection)
    if (!args.ok) return fail({ code: 'unreachable', detail: printable(args.failure) })

    const path = controlPath(target, options)
    if (delivery.connection === 'reuse') shared.add(path)
    const reader = deliveryReader(delivery)
    const request = {
      stdin: delivery.bundle instanceof Uint8Array ? delivery.bundle : delivery.bundle(),
      timeoutMs: delivery.timeoutMs,
      signal: delivery.signal,
      onStdout: (chunk: Buffer) => reader.push(chunk),
    }
    const end =
      (delivery.connection === 'reuse' ? await runOver(path, request) : null) ??
      (await runSsh(run, options.controlDirectory, {
        ...request,
        args: [...args.value, remoteCommand],
      }))
    if (end.kind === 'timed-out' && shared.delete(path)) await endSharedConnection(path, run)
    const result = withKeyFile(conclude(end, reader, delivery.timeoutMs), target)
    const isUnknown = !result.ok && result.failure.code === 'host-key-unknown'
    return isUnknown ? fail(await withFingerprint(result.failure, target, delivery.signal)) : result
  }

  /** What a human compares with the device before pinning it. */
  async function withFingerprint(
    failure: Failure,
    target: Target,
    signal: AbortSignal,
  ): Promise<Failure> {
    const key = await scanHostKey(target, { options, run, signal })
    if (!key.ok) return failure
    return { ...failure, detail: `${failure.detail}; it presents ${key.value.fingerprint}` }
  }

  return {
    name: 'ssh',
    deliver,
    lend(given, socket, signal) {
      const target = asAccount(given, options)
      shared.add(controlPath(target, options))
      return lendSocket(target, { socket, signal, options, run, prepare })
    },
    deliverAll: (targets, broadcast) => deliverEach(deliver, targets, broadcast),
    presentedHostKey: (target, signal) => scanHostKey(target, { options, run, signal }),
    async close(connections) {
      if (connections === 'end') {
        await Promise.all(Array.from(shared, (path) => endSharedConnection(path, run)))
      }
      shared.clear()
    },
  }
}

function asAccount(target: Target, { account }: SshOptions): Target {
  if (account === undefined) return target
  return { ...target, user: account.user, privateKeyFile: account.private_key_file }
}

async function makeFolders(options: SshOptions): Promise<Result<null, Failure>> {
  const control = await makePrivateFolder(options.controlDirectory)
  return control.ok ? await makeKnownHostsFolder(options) : control
}

/**
 * One session over a connection at a time: sshd has a limit for them (MaxSessions), above which ssh,
 * and not we, can go on with a connection of its own.
 */
function oneAtATime(): (path: string, request: SharedRequest) => Promise<SshRunEnd | null> {
  const inUse = new Set<string>()
  return async (path, request) => {
    if (inUse.has(path)) return null
    inUse.add(path)
    const end = await runShared(path, remoteCommand, request)
    inUse.delete(path)
    return end
  }
}

/** A complete report is believed whatever happened to ssh after it. */
function conclude(
  end: SshRunEnd,
  reader: DeliveryReader,
  timeoutMs: number,
): Result<DeviceReport, Failure> {
  const result = reader.result()
  if (result !== null) return result
  switch (end.kind) {
    case 'exited': {
      const failure = classifySshEnd({ ...end, begun: reader.hasBegun() })
      return fail({ ...failure, detail: withNoise(failure, reader.noise()) })
    }
    case 'timed-out':
      return fail({ code: 'timeout', detail: late(reader, timeoutMs) })
    case 'aborted':
      return fail({ code: 'interrupted', detail: 'the delivery was called off' })
    case 'enough':
      return fail({ code: 'protocol', detail: 'ssh was ended before the report was complete' })
    case 'not-started':
      return fail({ code: 'unreachable', detail: notStarted(end.stderr) })
  }
}

function notStarted(why: string): string {
  if (why.endsWith('ENOENT'))
    return 'there is no program ssh here (Debian: apt install openssh-client)'
  return `ssh could not be started: ${why}`
}

/** ssh goes on without a key file that is missing, and says no more than that it was refused. */
function withKeyFile<T>(
  result: Result<T, Failure>,
  { privateKeyFile }: Target,
): Result<T, Failure> {
  if (result.ok || result.failure.code !== 'auth-refused') return result
  if (privateKeyFile === null || existsSync(privateKeyFile)) return result
  const detail = `there is no key file ${printable(privateKeyFile)}; ${result.failure.detail}`
  return fail({ ...result.failure, detail })
}

function late(reader: DeliveryReader, timeoutMs: number): string {
  const what = reader.hasBegun() ? 'the report was not complete' : 'the device did not answer'
  return `${what} within ${timeoutMs / 1000} s`
}

/** What the far side said instead of a report, such as "This account is not available". */
function withNoise(failure: Failure, noise: string): string {
  if (failure.code !== 'protocol' || noise === '') return failure.detail
  return `${failure.detail}; it said: ${noise}`
}
