/** Where it is remembered since when devices take their new keys. */
import { formatProofs, parseProofs, type Proofs } from '../../core/keys/proofs.ts'
import type { Context, LoadedFleet } from '../context.ts'

const name = 'keys.json'

export async function readProofs(context: Context, loaded: LoadedFleet): Promise<Proofs> {
  const text = await context.readText(`${loaded.stateFolder}/${name}`)
  return text.ok ? parseProofs(text.value) : new Map()
}

export async function keepProofs(
  context: Context,
  loaded: LoadedFleet,
  proofs: Proofs,
): Promise<void> {
  await context.keep(loaded, name, formatProofs(proofs))
}
