/** Reads the applier's parts, in a clone and in the package alike. */
import { readFile } from 'node:fs/promises'
import {
  applierOf,
  applierParts,
  partFile,
  type Applier,
  type ApplierPart,
} from '../core/bundle/applier.ts'

const read = (part: ApplierPart): Promise<string> =>
  readFile(new URL(`../device/applier/${partFile(part)}`, import.meta.url), 'utf8')

export async function readApplier(): Promise<Applier> {
  const texts = await Promise.all(
    applierParts.map(async (part) => [part, await read(part)] as const),
  )
  return applierOf(new Map(texts))
}
