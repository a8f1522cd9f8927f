/** Reads the applier's parts, in a clone and in the package alike. */
import { readFile } from 'node:fs/promises'
import { applierOf, applierParts, type Applier } from '../core/bundle/applier.ts'

const read = (part: string): Promise<string> =>
  readFile(new URL(`../device/applier/${part}.sh`, import.meta.url), 'utf8')

export async function readApplier(): Promise<Applier> {
  const texts = await Promise.all(
    applierParts.map(async (part) => [part, await read(part)] as const),
  )
  return applierOf(new Map(texts))
}
