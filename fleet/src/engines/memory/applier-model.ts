/**
 * The applier as a model: generations, one that waits for its confirmation, reverts, rollbacks,
 * fencing, and steps that are answered from their record, as docs/device-protocol.md says. It passes
 * the contract of the real one.
 */
import type { FailureCode } from '../../core/failure.ts'
import { sha256Hex } from '../../core/hash/sha256.ts'
import { withSecretsOf } from './kept-secrets.ts'
import { copyOf, emptyMachine, makeTrue, type Machine } from './machine.ts'
import { fieldOf, fieldsOf, type Order } from './read-bundle.ts'
import { reportMachine, type Line } from './report-machine.ts'
import type { Surroundings } from './surroundings.ts'

export interface Ended {
  readonly lines: readonly Line[]
  readonly end: End
}

type End =
  | { readonly status: 'ok'; readonly generation: number }
  | {
      readonly status: 'failed'
      readonly generation: number
      readonly code: FailureCode
      readonly detail: string
    }

interface Pending {
  readonly generation: number
  readonly previous: number
  readonly operation: string
  readonly untilMs: number
  readonly undo: Machine
}

interface Returning {
  readonly generation: number
  readonly order: Order
  readonly untilMs: number
}

type RevertReason = 'unconfirmed' | 'power-loss' | 'requested'

const keptGenerations = 5
const keptRecords = 20
const retryMs = 60_000

export class ApplierModel {
  machine = emptyMachine()
  current = 0
  pending: Pending | null = null
  /** A rollback that was cut short; it is gone on with. */
  returning: Returning | null = null
  /** The highest that was seen. */
  epoch = 0
  /** Modes of all operations that were carried out, but for `observe`. */
  readonly done: string[] = []
  readonly #name: string
  readonly #nowMs: () => number
  readonly #around: Surroundings
  readonly #images = new Set<string>()
  readonly #generations = new Map<number, Order>()
  readonly #records = new Map<string, Ended>()
  /** Who brought the epoch, and when. */
  #touched: { readonly by: string; readonly atMs: number } | null = null
  #boots = 1
  #work: { readonly order: Order; readonly untilMs: number } | null = null
  #recovered: { readonly generation: number; readonly reason: RevertReason } | null = null

  /** `nowMs` is monotonic: timers run by it. */
  constructor(name: string, nowMs: () => number, around: Surroundings) {
    this.#name = name
    this.#nowMs = nowMs
    this.#around = around
  }

  operate(order: Order): Ended {
    this.runTimers()
    if (order.mode === 'observe') return this.#observe(order)
    if (order.mode === 'ask') return this.#ask(order)
    if (order.mode !== 'reseat' && order.epoch < this.epoch) {
      return this.#failed('fenced', `epoch ${order.epoch} is over: it has seen ${this.epoch}`)
    }
    if (order.epoch !== this.epoch) this.#touched = { by: order.operation, atMs: this.#nowMs() }
    this.epoch = order.epoch
    if (this.#work !== null) return this.#failed('locked', 'another operation holds the device')
    const recorded = this.#records.get(order.operation)
    if (recorded !== undefined) return recorded
    this.done.push(order.mode)
    const ended = this.#carryOut(order)
    if (isFinished(ended)) this.#record(order.operation, ended)
    return ended
  }

  /** Carries an operation out that takes so long; who sent it may be gone by then. */
  begin(order: Order, ms: number): void {
    this.#work = { order, untilMs: this.#nowMs() + ms }
  }

  /** What is due by now. */
  runTimers(): void {
    const work = this.#work
    if (work !== null && this.#nowMs() >= work.untilMs) {
      this.#work = null
      this.operate(work.order)
    }
    const { pending, returning } = this
    if (pending !== null && this.#nowMs() >= pending.untilMs) this.#revert('unconfirmed')
    if (returning !== null && this.#nowMs() >= returning.untilMs) this.#goOn()
  }

  /** Power off and on. */
  restart(): void {
    this.#boots += 1
    this.#work = null
    if (this.returning === null) this.#revert('power-loss')
    else this.#goOn()
  }

  #carryOut(order: Order): Ended {
    switch (order.mode) {
      case 'apply':
        return this.#apply(order)
      case 'confirm':
        return this.#confirm(Number(fieldOf(order, 'generation')))
      case 'activate':
        return this.#activate(order)
      case 'revert':
        if (this.returning !== null) return this.#goOn()
        this.#revert('requested')
        return this.#ok()
      case 'reboot':
        this.restart()
        return this.#ok()
      case 'reseat':
        return this.#ok()
      case 'retire':
        return this.#retire(order)
      default:
        throw new Error(`the model does not know the mode ${order.mode}`)
    }
  }

  #retire(order: Order): Ended {
    if (this.pending !== null) return this.#waits(this.pending)
    for (const [, , name = ''] of fieldsOf(order, 'compose')) this.machine.containers.delete(name)
    for (const [path = ''] of fieldsOf(order, 'remove')) this.machine.files.delete(path)
    for (const [name = ''] of fieldsOf(order, 'release')) this.machine.services.set(name, 'active')
    this.#generations.clear()
    this.#records.clear()
    this.#recovered = null
    this.current = 0
    return this.#ok()
  }

  #apply(order: Order): Ended {
    const refused = this.#refusal(order)
    if (refused !== null) return refused
    if (this.#isSo(order)) return this.#ok()
    const missing = this.#preparation(order)
    if (missing !== null) return missing
    const undo = copyOf(this.machine)
    const lines = this.#change(order)
    if (this.#isDown()) {
      this.machine = undo
      return this.#failed('compose-failed', 'the container does not stay up', lines)
    }
    const previous = this.current
    const untilMs = this.#nowMs() + Number(fieldOf(order, 'confirm-seconds')) * 1_000
    const generation = this.#keep(order)
    this.pending = { generation, previous, operation: order.operation, untilMs, undo }
    return this.#ok(lines)
  }

  /** Why this plan is not for the device as it is. */
  #refusal(order: Order): Ended | null {
    if (this.pending !== null) return this.#waits(this.pending)
    if (this.returning !== null) return this.#failed('unconfirmed', 'a rollback has not ended yet')
    const base = Number(fieldOf(order, 'base-generation'))
    if (base !== this.current) {
      return this.#failed('moved', `generation ${this.current} is active, not ${base}`)
    }
    const nonce = fieldOf(order, 'observed-nonce') ?? ''
    const other = fieldsOf(order, 'file').find(([, , , before = '', path = '']) => {
      const file = this.machine.files.get(path)
      const found = file === undefined ? 'absent' : sha256Hex(nonce + file.content)
      return before !== 'any' && before !== found
    })
    return other === undefined ? null : this.#failed('moved', `${other[4]} has changed`)
  }

  #isSo(order: Order): boolean {
    const changes = makeTrue(copyOf(this.machine), order)
    const active = this.#generations.get(this.current)
    const isSame = active !== undefined && fieldOf(active, 'state') === fieldOf(order, 'state')
    return isSame && changes.every(({ change }) => change === 'none')
  }

  /** All that can fail before anything is changed. */
  #preparation(order: Order): Ended | null {
    const isLost = this.current > 0 && !this.#generations.has(this.current)
    if (isLost && fieldsOf(order, 'prove-way-back').length > 0) {
      return this.#failed('no-way-back', `generation ${this.current} is not kept`)
    }
    if (this.#around.isDiskFull) return this.#failed('no-space', 'no space on /var')
    const wanted = fieldsOf(order, 'image').map(([ref = '']) => ref)
    const missing = wanted.filter((ref) => !this.#images.has(ref))
    const refused = missing.find((ref) => !this.#around.canPull(ref))
    if (refused !== undefined) return this.#failed('image-failed', `${refused} cannot be pulled`)
    for (const ref of missing) this.#images.add(ref)
    return null
  }

  #confirm(generation: number): Ended {
    if (this.returning?.generation === generation) {
      return this.#failed('unconfirmed', 'the rollback has not ended yet')
    }
    if (this.pending !== null && this.pending.generation !== generation) {
      return this.#failed('moved', `generation ${this.pending.generation} waits, not ${generation}`)
    }
    if (generation !== this.current) {
      return this.#failed('unconfirmed', `generation ${generation} was reverted`)
    }
    this.pending = null
    return this.#ok()
  }

  #activate(order: Order): Ended {
    if (this.pending !== null) return this.#waits(this.pending)
    const kept = this.#generations.get(Number(fieldOf(order, 'generation')))
    if (kept === undefined) return this.#failed('moved', 'the generation is not kept any more')
    if (this.#around.isDiskFull) return this.#failed('no-space', 'no space on /var')
    const today = withSecretsOf(kept, order, this.machine)
    if (today === null) return this.#failed('no-way-back', 'nobody knows the secrets')
    const untilMs = this.#nowMs() + Number(fieldOf(order, 'retry-seconds')) * 1_000
    this.returning = { generation: this.#keep(today), order: today, untilMs }
    return this.#goOn()
  }

  /** A rollback is never reverted: what cannot be done is tried again. */
  #goOn(): Ended {
    const { returning } = this
    if (returning === null) return this.#ok()
    const lines = this.#change(returning.order)
    if (this.#isDown()) {
      this.returning = { ...returning, untilMs: this.#nowMs() + retryMs }
      const detail = `generation ${returning.generation} is back, with trouble`
      return this.#failed('step-failed', detail, lines)
    }
    this.returning = null
    return this.#ok(lines)
  }

  #revert(reason: RevertReason): void {
    if (this.pending === null) return
    const { generation, previous, operation, undo } = this.pending
    this.machine = undo
    this.current = previous
    this.#generations.delete(generation)
    this.#recovered = { generation, reason }
    this.pending = null
    const code = reason === 'power-loss' ? 'interrupted' : 'unconfirmed'
    this.#record(operation, this.#failed(code, `generation ${generation} was reverted: ${reason}`))
  }

  #change(order: Order): readonly Line[] {
    return makeTrue(this.machine, order).map((each) => ({ type: 'resource', ...each, ms: 1 }))
  }

  #isDown(): boolean {
    return [...this.machine.containers.values()].some((image) => !this.#around.canRun(image))
  }

  /** Makes it the active one; its number is new. */
  #keep(order: Order): number {
    const generations = this.#generations
    const next = Math.max(...generations.keys(), this.current) + 1
    generations.set(next, order)
    while (generations.size > keptGenerations) generations.delete(Math.min(...generations.keys()))
    this.current = next
    this.#recovered = null
    return next
  }

  #record(operation: string, ended: Ended): void {
    this.#records.set(operation, ended)
    const [oldest] = this.#records.keys()
    if (this.#records.size > keptRecords && oldest !== undefined) this.#records.delete(oldest)
  }

  #observe(order: Order): Ended {
    const { machine } = this
    const isRunning = (image: string): boolean => this.#around.canRun(image)
    const seen = reportMachine(order, { machine, images: this.#images, isRunning })
    return this.#ok([this.#describe(), ...seen])
  }

  #ask({ files }: Order): Ended {
    const { output, code } = this.#around.ask(files[0] ?? '')
    const base64 = Buffer.from(output).toString('base64')
    return this.#ok([
      { type: 'bytes', base64 },
      { type: 'exit', code, in_time: true, left_out_bytes: 0 },
    ])
  }

  #describe(): Line {
    const touched = this.#touched
    const state = this.#generations.get(this.current)
    return {
      type: 'device',
      hostname: this.#name,
      arch: 'aarch64',
      os: 'debian 13',
      kernel: '6.12',
      boot_id: `boot-${this.#boots}`,
      uptime_seconds: 1_000,
      generation: this.current,
      state: state === undefined ? null : fieldOf(state, 'state'),
      epoch: this.epoch,
      epoch_by: touched && touched.by,
      epoch_age_seconds: touched && Math.trunc((this.#nowMs() - touched.atMs) / 1_000),
      pending: this.pending?.generation ?? null,
      returning: this.returning?.generation ?? null,
      reboot_required: false,
      busy:
        this.#work === null
          ? null
          : `${this.#work.order.mode} of operation ${this.#work.order.operation}`,
      recovered: this.#recovered,
    }
  }

  #waits({ generation }: Pending): Ended {
    return this.#failed('unconfirmed', `generation ${generation} is not confirmed yet`)
  }

  #ok(lines: readonly Line[] = []): Ended {
    return { lines, end: { status: 'ok', generation: this.current } }
  }

  #failed(code: FailureCode, detail: string, lines: readonly Line[] = []): Ended {
    return { lines, end: { status: 'failed', generation: this.current, code, detail } }
  }
}

/** What changed something is recorded; what failed before is done again. */
function isFinished({ lines, end }: Ended): boolean {
  return end.status === 'ok' ? lines.length > 0 : end.code === 'compose-failed'
}
