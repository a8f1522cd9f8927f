import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { runProcess } from './run-process.ts'
import type { ProcessRequest } from './run-process.ts'

interface Given extends Partial<ProcessRequest> {
  readonly script: string
}

/** Runs a shell script; collects its output. */
async function run({ script, ...rest }: Given) {
  const chunks: Buffer[] = []
  const end = await runProcess({
    file: 'sh',
    args: ['-c', script],
    stdin: new Uint8Array(),
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    onStdout(chunk) {
      chunks.push(chunk)
      return 'more'
    },
    ...rest,
  })
  return { ...end, stdout: Buffer.concat(chunks).toString() }
}

function isAlive(pid: number): boolean {
  // A zombie, which nobody may ever reap in a container, is dead.
  return existsSync(`/proc/${pid}/exe`) && !Number.isNaN(pid)
}

test('standard input, output, error and the exit status arrive', async () => {
  const stdin = Buffer.from('in')
  assert.deepEqual(await run({ script: 'cat; echo err >&2; exit 7', stdin }), {
    kind: 'exited',
    code: 7,
    stderr: 'err\n',
    stdout: 'in',
  })
})

test('output larger than a pipe arrives whole', async () => {
  const { stdout } = await run({ script: 'head -c 3000000 /dev/zero' })
  assert.equal(stdout.length, 3_000_000)
})

test('a program that does not read its input is no error', async () => {
  const end = await run({ script: 'exit 3', stdin: new Uint8Array(5_000_000) })
  assert.deepEqual([end.kind, end.code], ['exited', 3])
})

test('a background child that keeps the pipes open is not waited for', async () => {
  const end = await run({ script: 'sleep 30 & echo $!' })
  process.kill(Number(end.stdout))
  assert.deepEqual([end.kind, end.code], ['exited', 0])
})

test('a failure is told in full although a child keeps standard error open', async () => {
  const end = await run({ script: 'sleep 30 >/dev/null & echo why >&2; echo $!; exit 255' })
  process.kill(Number(end.stdout))
  assert.deepEqual([end.kind, end.code, end.stderr], ['exited', 255, 'why\n'])
})

test('the time limit ends a program and its helpers, even one that ignores SIGTERM', async () => {
  const pids: number[] = []
  const end = await run({
    script: `trap '' TERM; sleep 60 & echo $!; echo $$; while :; do sleep 1; done`,
    timeoutMs: 200,
    onStdout(chunk) {
      pids.push(...chunk.toString().trim().split('\n').map(Number))
      return 'more'
    },
  })
  assert.equal(end.kind, 'timed-out')
  assert.equal(pids.length, 2)
  await Promise.all(
    pids.map(async (pid) => {
      while (isAlive(pid)) await setTimeout(5)
    }),
  )
})

test('an abort ends a program, and prevents one', async () => {
  const stop = new AbortController()
  const end = await run({
    script: 'echo ready; sleep 60',
    signal: stop.signal,
    onStdout() {
      stop.abort()
      return 'more'
    },
  })
  assert.equal(end.kind, 'aborted')
  assert.equal((await run({ script: 'exit 0', signal: stop.signal })).kind, 'aborted')
})

test('endless output ends as soon as it is enough', async () => {
  let size = 0
  const end = await run({
    script: 'cat /dev/zero',
    onStdout(chunk) {
      size += chunk.length
      return size > 100_000 ? 'enough' : 'more'
    },
  })
  assert.equal(end.kind, 'enough')
  assert.ok(size < 300_000)
})

function onComplete(): 'complete' {
  return 'complete'
}

test('a program that has said everything may still exit by itself, but not stay', async () => {
  assert.equal((await run({ script: 'echo end; exit 4', onStdout: onComplete })).code, 4)
  assert.equal((await run({ script: 'echo end; sleep 60', onStdout: onComplete })).kind, 'enough')
})

test('standard error is kept up to 64 KiB', async () => {
  const { stderr } = await run({ script: 'head -c 1000000 /dev/zero >&2' })
  assert.equal(stderr.length, 64 * 1024)
})

test('a program that is not installed is told apart', async () => {
  const end = await run({ script: '', file: 'no-such-program-here' })
  assert.equal(end.kind, 'not-started')
  assert.match(end.stderr, /ENOENT/u)
})

test('output waits for whoever is busy with it, and none is lost at the end', async () => {
  const sizes: number[] = []
  let busy = 0
  const end = await run({
    script: 'head -c 1000000 /dev/zero',
    async onStdout(chunk): Promise<'more'> {
      assert.equal(busy++, 0)
      await new Promise(setImmediate)
      sizes.push(chunk.length)
      busy -= 1
      return 'more'
    },
  })
  assert.deepEqual([end.kind, end.code], ['exited', 0])
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    1_000_000,
  )
})

async function* parts(isWhole: boolean) {
  yield Buffer.from('one ')
  yield Buffer.from('two')
  if (!isWhole) throw new Error('the disk')
}

test('standard input may be a stream, and one that fails is no whole input', async () => {
  assert.equal((await run({ script: 'cat', stdin: parts(true) })).stdout, 'one two')
  assert.equal((await run({ script: 'cat', stdin: parts(false) })).kind, 'aborted')
  assert.equal((await run({ script: 'exit 3', stdin: parts(true) })).code, 3)
})
