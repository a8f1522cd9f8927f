/** The names and abbreviations of time zones, as the installed tzdata has them. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseTzif } from './tzif.ts'
import type { Abbreviations } from './tzif.ts'

export interface ZoneData {
  /** `UTC`, then the names that tzdata goes by, then their aliases: what Node knows of all these. */
  readonly names: readonly string[]
  /** Of a zone as Temporal writes its name. Never rejects: without a file they are offsets. */
  abbreviations(zone: string): Promise<Abbreviations>
}

/** `folder` is `/usr/share/zoneinfo`. Without tzdata the names are Node's own. */
export function zoneDataIn(folder: string): ZoneData {
  const { names, targets } = parseNames(readText(join(folder, 'tzdata.zi')))
  const known = names.filter((name) => isKnown(name))
  const read = new Map<string, Promise<Abbreviations>>()
  return {
    names: [...new Set(['UTC', ...known, ...Intl.supportedValuesOf('timeZone')])],
    abbreviations(zone) {
      const isFile = /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(zone)
      if (!isFile) return Promise.resolve(byOffset)
      const former = read.get(zone)
      if (former !== undefined) return former
      const found = readAbbreviations(folder, [zone, targets.get(zone) ?? zone])
      read.set(zone, found)
      return found
    },
  }
}

interface Names {
  readonly names: readonly string[]
  /** By alias. */
  readonly targets: ReadonlyMap<string, string>
}

/** The lines `Z name …` and `L target alias` of tzdata.zi (zic(8), in its short form). Pure. */
export function parseNames(text: string): Names {
  const lines = text.split('\n').map((line) => line.split(' '))
  const zones = lines.flatMap(([kind, name]) => (kind === 'Z' && name !== undefined ? [name] : []))
  const links = lines.flatMap(([kind, target, alias]) =>
    kind === 'L' && target !== undefined && alias !== undefined ? [[alias, target] as const] : [],
  )
  const aliases = links.map(([alias]) => alias)
  return { names: [...zones.toSorted(), ...aliases.toSorted()], targets: new Map(links) }
}

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')

/** As tzdata itself writes those zones that have no other: `+03`, `-0330`. */
export const byOffset: Abbreviations = (_, offsetSeconds) => {
  const size = Math.abs(offsetSeconds)
  const minutes = (size % 3600) / 60
  return `${offsetSeconds < 0 ? '-' : '+'}${two(size / 3600)}${minutes === 0 ? '' : two(minutes)}`
}

/** The first of these files that can be read: Debian has most aliases in another package. */
async function readAbbreviations(folder: string, zones: readonly string[]): Promise<Abbreviations> {
  for (const zone of zones) {
    const file = await readFile(join(folder, zone)).catch(() => null)
    const found = file === null ? null : parseTzif(file)
    if (found !== null) return found
  }
  return byOffset
}

function isKnown(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
