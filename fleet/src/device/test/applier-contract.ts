/** What an applier promises, on the real one and on the model that stands for it in fast tests. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Observed } from '../../core/plan/observed.ts'
import { toObserved, type DeviceReport } from '../report.ts'
import { newNonce, sha256 } from './device.ts'
import { head } from './site.ts'

/** A device on which Timeball has never done anything. */
export interface ApplierSubject {
  run(manifest: readonly string[], files?: readonly string[]): Promise<DeviceReport>
  /** Power off and on. */
  restart(): Promise<void>
  /** The time to confirm a generation, which an operation made, is over. */
  expire(generation: number, operation: string): Promise<void>
  /** `null`: there is no such file. */
  read(path: string): string | null
  dispose(): void
}

const path = '/etc/motto'

export function applierContract(name: string, start: () => ApplierSubject): void {
  describe(`the applier: ${name}`, () => {
    const promise = promiseOf(start)

    promise('a generation waits for its confirmation', async (device) => {
      assert.equal(await device.apply('a'), 'ok 1')
      assert.deepEqual(await device.seen(), {
        generation: 1,
        pending: 1,
        epoch: 1,
        recovered: null,
      })
      assert.equal(await device.confirm(1), 'ok 1')
      assert.equal(await device.confirm(1), 'ok 1')
      assert.deepEqual(await device.seen(), {
        generation: 1,
        pending: null,
        epoch: 1,
        recovered: null,
      })
    })

    promise('what is so already makes no generation', async (device) => {
      await device.settle('a')
      assert.equal(await device.apply('a', { base: 1 }), 'ok 1')
      assert.equal((await device.seen()).pending, null)
    })

    promise('nothing is applied while a generation waits', async (device) => {
      await device.settle('a')
      assert.equal(await device.apply('b', { base: 1 }), 'ok 2')
      assert.equal(await device.apply('c', { base: 2 }), 'unconfirmed')
      assert.equal(await device.confirm(7), 'moved')
      assert.equal(device.content(), 'b')
    })

    promise('without confirmation in time the old one is back', async (device) => {
      await device.settle('a')
      await device.apply('b', { base: 1, operation: 'second' })
      await device.expire(2, 'second')
      assert.equal(device.content(), 'a')
      const recovered = { generation: 2, reason: 'unconfirmed' }
      assert.deepEqual(await device.seen(), { generation: 1, pending: null, epoch: 1, recovered })
      assert.equal(await device.confirm(2), 'unconfirmed')
      assert.equal(await device.apply('b', { base: 1, operation: 'second' }), 'unconfirmed')
    })

    promise('a timer that is late reverts nothing that was confirmed', async (device) => {
      await device.apply('a', { operation: 'first' })
      await device.confirm(1)
      await device.expire(1, 'first')
      assert.equal(device.content(), 'a')
    })

    promise('a restart reverts what was not confirmed', async (device) => {
      await device.settle('a')
      await device.apply('b', { base: 1, operation: 'second' })
      await device.restart()
      assert.equal(device.content(), 'a')
      const recovered = { generation: 2, reason: 'power-loss' }
      assert.deepEqual(await device.seen(), { generation: 1, pending: null, epoch: 1, recovered })
      assert.equal(await device.apply('b', { base: 1, operation: 'second' }), 'interrupted')
    })

    promise('a revert that was asked for', async (device) => {
      await device.settle('a')
      await device.apply('b', { base: 1 })
      assert.equal(await device.revert(), 'ok 1')
      assert.equal(device.content(), 'a')
      assert.deepEqual((await device.seen()).recovered, { generation: 2, reason: 'requested' })
    })

    promise('the first generation leaves nothing behind when it is reverted', async (device) => {
      await device.apply('a')
      assert.equal(await device.revert(), 'ok 0')
      assert.equal(device.content(), null)
    })

    promise('a finished operation is answered from its record', async (device) => {
      assert.equal(await device.apply('a', { operation: 'once' }), 'ok 1')
      await device.confirm(1)
      assert.equal(await device.apply('b', { base: 1, operation: 'once' }), 'ok 1')
      assert.equal(device.content(), 'a')
    })

    promise('an epoch lower than one seen is fenced off', async (device) => {
      await device.settle('a', { epoch: 5 })
      assert.equal(await device.apply('b', { base: 1, epoch: 4 }), 'fenced')
      assert.equal(await device.confirm(1, 4), 'fenced')
      assert.equal((await device.seen()).epoch, 5)
      assert.equal(await device.apply('b', { base: 1, epoch: 5 }), 'ok 2')
    })

    promise('a plan made for another generation is refused', async (device) => {
      await device.settle('a')
      assert.equal(await device.apply('b', { base: 0 }), 'moved')
    })

    promise('a file that changed since it was seen is left', async (device) => {
      await device.settle('a')
      assert.equal(await device.apply('b', { base: 1, seen: 'x' }), 'moved')
      assert.equal(await device.apply('b', { base: 1, seen: 'a' }), 'ok 2')
    })

    promise('a rollback is a new generation that waits for nobody', async (device) => {
      await device.settle('a')
      await device.settle('b', { base: 1, epoch: 1 }, 2)
      assert.equal(await device.activate(1), 'ok 3')
      assert.equal(device.content(), 'a')
      await device.restart()
      assert.equal(device.content(), 'a')
      assert.equal((await device.seen()).pending, null)
      assert.equal(await device.activate(9), 'moved')
    })

    promise(
      'a rollback is with the secrets of the request, not of what is kept',
      async (device) => {
        await device.settle('# a\nKEY=old\nLOG=a\n')
        await device.settle('# b\nKEY=new\nLOG=b\n', { base: 1, epoch: 1 }, 2)
        assert.equal(await device.activate(1, 'KEY=new\nOTHER_KEY=too\n'), 'ok 3')
        assert.equal(device.content(), '# a\nKEY=new\nOTHER_KEY=too\nLOG=a\n')
        assert.equal(await device.activate(2), 'ok 4')
        assert.equal(device.content(), '# b\nKEY=new\nOTHER_KEY=too\nLOG=b\n')
        assert.equal(await device.activate(1, ''), 'ok 5')
        assert.equal(device.content(), '# a\nLOG=a\n')
        assert.equal(await device.activate(2), 'no-way-back')
      },
    )

    promise('what is retired has nothing of ours, and takes no older operation', async (device) => {
      await device.settle('a', { epoch: 5 })
      assert.equal(await device.apply('b', { base: 1, epoch: 5 }), 'ok 2')
      assert.equal(await device.retire(5), 'unconfirmed')
      await device.confirm(2, 5)
      assert.equal(await device.retire(5), 'ok 0')
      assert.equal(await device.retire(5), 'ok 0')
      assert.equal(device.content(), null)
      const nothing = { generation: 0, pending: null, epoch: 5, recovered: null }
      assert.deepEqual(await device.seen(), nothing)
      assert.equal(await device.apply('b', { epoch: 4 }), 'fenced')
      assert.equal(await device.apply('b', { epoch: 5 }), 'ok 1')
    })

    promise('a rollback waits until what is pending has ended', async (device) => {
      await device.settle('a')
      await device.apply('b', { base: 1 })
      assert.equal(await device.activate(1), 'unconfirmed')
    })
  })
}

function promiseOf(start: () => ApplierSubject) {
  return (what: string, hold: (hands: Hands) => Promise<void>): void => {
    test(what, () => withHands(start, hold))
  }
}

async function withHands(
  start: () => ApplierSubject,
  hold: (hands: Hands) => Promise<void>,
): Promise<void> {
  const subject = start()
  try {
    await hold(handsOn(subject))
  } finally {
    subject.dispose()
  }
}

interface Change {
  readonly base?: number
  readonly epoch?: number
  readonly operation?: string
  /** What the file had when the plan was made. */
  readonly seen?: string
}

type Hands = ReturnType<typeof handsOn>

function handsOn(subject: ApplierSubject) {
  const run = async (lines: readonly string[], files: readonly string[] = []): Promise<string> => {
    const { end } = await subject.run(lines, files)
    return end.status === 'ok' ? `ok ${end.generation}` : end.failure.code
  }
  const apply = (content: string, { base = 0, seen, ...options }: Change = {}): Promise<string> => {
    const nonce = newNonce()
    const before = seen === undefined ? 'any' : sha256(nonce + seen)
    const lines = [
      ...head('apply', options),
      `base-generation ${base}`,
      `observed-nonce ${nonce}`,
      `state ${sha256(content)}`,
      'confirm-seconds 120',
      `file 0 ${sha256(content)} 0644 ${before} ${path}`,
      ...(content.includes('KEY') ? [`secrets ${path}`] : []),
    ]
    return run(lines, [content])
  }
  const confirm = (generation: number, epoch: number): Promise<string> =>
    run([...head('confirm', { epoch }), `generation ${generation}`])
  return {
    apply,
    confirm: (generation: number, epoch = 1): Promise<string> => confirm(generation, epoch),
    async settle(content: string, change: Change = {}, generation = 1): Promise<void> {
      assert.equal(await apply(content, change), `ok ${generation}`)
      assert.equal(await confirm(generation, change.epoch ?? 1), `ok ${generation}`)
    },
    revert: () => run(head('revert')),
    activate(generation: number, secrets?: string): Promise<string> {
      const lines = [...head('activate'), `generation ${generation}`, 'retry-seconds 60']
      if (secrets === undefined) return run(lines)
      return run([...lines, `secrets ${path} 0`], [secrets])
    },
    retire: (epoch: number) => run([...head('retire', { epoch }), `remove ${path}`]),
    async seen(): Promise<Pick<Observed, 'generation' | 'pending' | 'epoch' | 'recovered'>> {
      const lines = [...head('observe'), 'watch-boot-config', 'watch-disk /']
      const observed = toObserved(await subject.run(lines))
      assert.ok(observed.ok, JSON.stringify(observed))
      const { generation, pending, epoch, recovered } = observed.value
      return { generation, pending, epoch, recovered }
    },
    content: () => subject.read(path),
    restart: () => subject.restart(),
    expire: (generation: number, operation: string) => subject.expire(generation, operation),
  }
}
