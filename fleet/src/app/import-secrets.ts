/** Secrets of one store -> another one: each is read back and compared before it counts as moved. */
import type { KeptSecret, SecretChange } from '../core/secrets/place.ts'
import type { Secret } from '../core/secrets/secret.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { SecretFailure, SecretStore } from '../ports/secret-store.ts'

export interface ImportRequest {
  readonly from: SecretStore
  /** Opens the target; once more to read back what was written. */
  readonly openTarget: () => Promise<SecretStore>
  readonly clashes: 'overwrite' | 'refuse'
  readonly nowUnixMs: number
}

/** `failed`: it does not read back as it was. */
export interface Imported extends KeptSecret {
  readonly done: 'set' | 'same' | 'replaced' | 'failed'
}

export interface ImportFailure {
  readonly store: SecretStore
  readonly failure: SecretFailure
}

export async function importSecrets(
  request: ImportRequest,
): Promise<Result<readonly Imported[], ImportFailure>> {
  const { from } = request
  const to = await request.openTarget()
  const kept = await from.list()
  if (!kept.ok) return fail({ store: from, failure: kept.failure })
  const moves: Move[] = []
  for (const each of kept.value) {
    const move = await planMove(each, from, to)
    if (!move.ok) return move
    moves.push(move.value)
  }
  const clash = moves.find(({ done }) => done === 'replaced')
  if (clash !== undefined && request.clashes === 'refuse') return fail(clashOf(to, clash.kept))
  const changes = moves
    .filter(({ done }) => done !== 'same')
    .map(({ kept: { device, name, setAtUnixMs }, secret }): SecretChange => {
      return { device, name, secret, atUnixMs: setAtUnixMs ?? request.nowUnixMs }
    })
  const written = changes.length === 0 ? ok(null) : await to.write(changes)
  if (!written.ok) return fail({ store: to, failure: written.failure })
  return ok(await readBack(moves, await request.openTarget()))
}

interface Move {
  readonly kept: KeptSecret
  readonly secret: Secret
  readonly done: 'set' | 'same' | 'replaced'
}

async function planMove(
  kept: KeptSecret,
  from: SecretStore,
  to: SecretStore,
): Promise<Result<Move, ImportFailure>> {
  const secret = await from.get(kept)
  if (!secret.ok) return fail({ store: from, failure: secret.failure })
  const there = await to.get(kept)
  if (there.ok) {
    const isSame = there.value.reveal() === secret.value.reveal()
    return ok({ kept, secret: secret.value, done: isSame ? 'same' : 'replaced' })
  }
  if (there.failure.code === 'missing') return ok({ kept, secret: secret.value, done: 'set' })
  return fail({ store: to, failure: there.failure })
}

function clashOf(store: SecretStore, { device, name }: KeptSecret): ImportFailure {
  const detail = `${device === null ? name : `${device}/${name}`} has another value there`
  const failure = { code: 'refused', detail, hint: 'to replace it: --overwrite' } as const
  return { store, failure }
}

async function readBack(moves: readonly Move[], to: SecretStore): Promise<readonly Imported[]> {
  const seen: Imported[] = []
  for (const { kept, secret, done } of moves) {
    const found = await to.get(kept)
    const isThere = found.ok && found.value.reveal() === secret.reveal()
    seen.push({ ...kept, done: isThere ? done : 'failed' })
  }
  return seen
}
