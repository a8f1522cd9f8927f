/**
 * A device for tests of what acts on devices, without a shell: the applier's model, and what goes
 * wrong around it.
 */
import type { Failure } from '../../core/failure.ts'
import { ApplierModel, type Ended } from './applier-model.ts'
import type { MemoryDevice } from './memory-engine.ts'
import { readBundle, type Order } from './read-bundle.ts'
import type { Said, Surroundings } from './surroundings.ts'

export class DeviceModel implements Surroundings {
  /** `false`: nobody answers. */
  isOnline = true
  /**
   * The connection of the next change is cut: before it arrives, before its report does, or while the
   * device has still so long to do it.
   */
  cut: 'before' | 'after' | 'during' | null = null
  workMs = 90_000
  isDiskFull = false
  canPull: (image: string) => boolean = () => true
  canRun: (image: string) => boolean = () => true
  ask: (script: string) => Said = () => ({ output: '', code: 0 })
  readonly #name: string
  readonly #applier: ApplierModel

  /** `nowMs` is monotonic: revert timers run by it. */
  constructor(name: string, nowMs: () => number) {
    this.#name = name
    this.#applier = new ApplierModel(name, nowMs, this)
  }

  /** As it is by now. */
  get state(): Pick<ApplierModel, 'machine' | 'current' | 'epoch' | 'done'> & {
    readonly pending: number | null
    readonly returning: number | null
  } {
    this.#applier.runTimers()
    const { machine, current, epoch, done, pending, returning } = this.#applier
    return {
      ...{ machine, current, epoch, done },
      pending: pending?.generation ?? null,
      returning: returning?.generation ?? null,
    }
  }

  /** Image of the container that runs; `null`: none does. */
  get image(): string | null {
    return [...this.state.machine.containers.values()].find((image) => this.canRun(image)) ?? null
  }

  /** Power off and on. */
  powerCycle(): void {
    this.#applier.restart()
  }

  /** As if another controller had been here. */
  seeEpoch(epoch: number): void {
    this.#applier.epoch = Math.max(this.#applier.epoch, epoch)
  }

  readonly answer: MemoryDevice = ({ bundle, nonce }) => {
    const order = readBundle(bundle)
    const isChange = order.mode !== 'observe' && order.mode !== 'ask'
    const cut = isChange ? this.cut : null
    if (isChange) this.cut = null
    if (!this.isOnline || cut === 'before') return [this.#silence()]
    if (cut === 'during') {
      this.#applier.begin(order, this.workMs)
      return [this.#silence()]
    }
    const ended = this.#applier.operate(order)
    return cut === 'after' ? [this.#silence()] : reportOf(ended, nonce)
  }

  #silence(): Failure {
    return { code: 'unreachable', detail: `${this.#name} does not answer` }
  }
}

function reportOf({ lines, end }: Ended, nonce: Order['nonce']): readonly string[] {
  const all = [{ type: 'begin', protocol: 1, nonce }, ...lines, { type: 'end', nonce, ...end }]
  return all.map((line) => `${JSON.stringify(line)}\n`)
}
