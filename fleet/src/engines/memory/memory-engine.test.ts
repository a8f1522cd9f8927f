import {
  beginLine,
  behaviours,
  contentLines,
  diskLine,
  endLine,
  engineContract,
  failedLine,
  unknownLine,
} from '../../ports/engine.contract.ts'
import type { Behaviour } from '../../ports/engine.contract.ts'
import { memoryEngine } from './memory-engine.ts'
import type { MemoryDevice } from './memory-engine.ts'

const otherNonce = 'f'.repeat(32)

function* forever(text: string) {
  while (true) yield text
}

async function* hang(...texts: string[]) {
  yield* texts
  await new Promise(() => {})
}

const devices: Record<Behaviour, MemoryDevice> = {
  answers: ({ nonce }) => [beginLine(nonce), diskLine, endLine(nonce)],
  refuses: ({ nonce }) => [beginLine(nonce), failedLine(nonce)],
  'is-not-root': () => [failedLine(null)],
  'greets-first': ({ nonce }) => ['Welcome\n{"type":"motd"}\n', beginLine(nonce), endLine(nonce)],
  hangs: () => hang(),
  'hangs-after-begin': ({ nonce }) => hang(beginLine(nonce)),
  'answers-another': () => [beginLine(otherNonce), diskLine, endLine(otherNonce)],
  'replays-nonce-late': ({ nonce }) => [beginLine(otherNonce), endLine(nonce)],
  'prints-garbage': () => ['garbage\n\n{"type":\n'],
  'prints-escape-codes': () => ['\u001B]0;title\u0007\u001B[2Jhello\u202E\n'],
  'speaks-as-ssh': () => ['Host key verification failed.\n'],
  'never-ends-a-line': () => forever('x'.repeat(65_536)),
  'never-begins': () => forever('x\n'.repeat(32_768)),
  'never-ends': ({ nonce }) => [beginLine(nonce), ...Array(200).fill(unknownLine.repeat(1000))],
  'stops-half-way': ({ nonce }) => [beginLine(nonce), diskLine],
  'sends-content': ({ nonce }) => [beginLine(nonce), ...contentLines, endLine(nonce)],
}

engineContract('memory', () =>
  Promise.resolve({
    engine: memoryEngine(new Map(behaviours.map((behaviour) => [behaviour, devices[behaviour]]))),
    target: (behaviour) => ({
      device: behaviour ?? 'nobody',
      address: '127.0.0.1',
      port: 22,
      user: 'root',
      privateKeyFile: null,
      commonArgs: [],
    }),
    stop: () => Promise.resolve(),
  }),
)
