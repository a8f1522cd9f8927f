/**
 * `secrets.age.yaml` and `secrets.vault.yml`: secrets, each of which is encrypted by itself, so that a
 * difference of two versions shows which one changed and nothing else. Names are not hidden.
 */
import {
  Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  Scalar,
  YAMLMap,
} from 'yaml'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { deviceNameMistake } from '../device/device-name.ts'
import { comparePlaces, formatPlace, isSecretName, type SecretPlace } from './place.ts'

export interface SealedSecret extends SecretPlace {
  /** As the program writes it: with armor, or with its header. */
  readonly text: string
  /** `null`: the file does not say. */
  readonly setAtUnixMs: number | null
}

/** How a file's secrets are encrypted. */
export interface Sealing {
  /** The program. */
  readonly called: 'age' | 'Ansible Vault'
  /** How each text begins. */
  readonly begins: string
  /** YAML's tag of each; `null`: none. */
  readonly tag: '!vault' | null
  /** At the top of a new file; lines begin with a blank. */
  readonly opening: string
}

const written = 'timeball secrets set, rekey and import write this file; it belongs into git'

export const ageSealing: Sealing = {
  called: 'age',
  begins: '-----BEGIN AGE ENCRYPTED FILE-----',
  tag: null,
  opening: ` The secrets of a fleet, each encrypted with age (https://age-encryption.org) by itself.\n ${written}, the identity does not.`,
}

export const vaultSealing: Sealing = {
  called: 'Ansible Vault',
  begins: '$ANSIBLE_VAULT;',
  tag: '!vault',
  opening: ` The secrets of a fleet, each encrypted with Ansible Vault by itself.\n ${written}, the password does not.`,
}

export interface SealedFile {
  /** `age1…`, in the order of the file. */
  readonly recipients: readonly string[]
  /** In order of their places. */
  readonly secrets: readonly SealedSecret[]
}

/** `text: null` takes it away. */
export interface SealedChange extends SecretPlace {
  readonly text: string | null
  /** `null`: it is not known. */
  readonly atUnixMs: number | null
}

const maxBytes = 16 << 20

const sections = ['recipients', 'all', 'devices']

export function parseSealedFile(
  file: string,
  text: string,
  sealing: Sealing,
): Result<SealedFile, readonly Problem[]> {
  if (text.length > maxBytes) {
    return fail([{ file, line: null, column: null, what: 'is larger than 16 MiB', fix: null }])
  }
  const reader = readerOf(file, text, sealing)
  const { document, complain } = reader
  if (document.errors.length > 0)
    return fail(document.errors.map((each) => reader.syntax(each.pos[0])))
  const root = document.contents
  if (root === null) return ok({ recipients: [], secrets: [] })
  if (!isMap(root)) return fail([complain(root, 'a mapping is wanted', null)])
  const problems: Problem[] = []
  const secrets: SealedSecret[] = []
  for (const pair of root.items) secrets.push(...readSection(reader, pair, problems))
  const recipients = readRecipients(reader, root, problems)
  return problems.length > 0
    ? fail(problems)
    : ok({ recipients, secrets: secrets.toSorted(comparePlaces) })
}

/** The text with the changes; everything else, comments too, stays as it is. */
export function editSealedFile(
  text: string,
  changes: readonly SealedChange[],
  sealing: Sealing,
): string {
  const document =
    text.trim() === '' ? newFile(sealing) : parseDocument(text, { logLevel: 'error' })
  for (const { device, name, text: sealed, atUnixMs } of changes) {
    const path = device === null ? ['all', name] : ['devices', device, name]
    if (sealed === null) removeAt(document, path)
    else document.setIn(path, entryOf(document, { sealed, atUnixMs, sealing }))
  }
  return document.toString({ lineWidth: 0 })
}

export function withRecipients(text: string, recipients: readonly string[]): string {
  const document =
    text.trim() === '' ? newFile(ageSealing) : parseDocument(text, { logLevel: 'error' })
  document.setIn(['recipients'], document.createNode(recipients))
  return document.toString({ lineWidth: 0 })
}

function newFile({ opening }: Sealing): Document {
  const document = new Document({})
  document.commentBefore = opening
  return document
}

interface Entry {
  readonly sealed: string
  readonly atUnixMs: number | null
  readonly sealing: Sealing
}

function entryOf(document: Document, { sealed, atUnixMs, sealing }: Entry): YAMLMap {
  const value = new Scalar(sealed)
  if (sealing.tag !== null) value.tag = sealing.tag
  value.type = 'BLOCK_LITERAL'
  const entry = new YAMLMap(document.schema)
  if (atUnixMs !== null) entry.set('set', timeText(atUnixMs))
  entry.set('value', value)
  return entry
}

/** To the second. */
function timeText(unixMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(unixMs).toString({ smallestUnit: 'second' })
}

/** What it leaves empty goes, too. */
function removeAt(document: Document, path: readonly string[]): void {
  document.deleteIn(path)
  const parent = path.slice(0, -1)
  if (parent.length === 0) return
  const left = document.getIn(parent)
  if (isMap(left) && left.items.length === 0) removeAt(document, parent)
}

interface Reader {
  readonly sealing: Sealing
  readonly document: Document
  readonly complain: (node: unknown, what: string, fix: string | null) => Problem
  readonly syntax: (offset: number) => Problem
}

/** No message quotes the file: a plain value may stand in it by mistake. */
function readerOf(file: string, text: string, sealing: Sealing): Reader {
  const lines = new LineCounter()
  // It warns of tags that it does not know, and keeps them.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, logLevel: 'error' })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  return {
    sealing,
    document,
    complain: (node, what, fix) => ({ ...at(offsetOf(node)), what, fix }),
    syntax: (offset) => ({ ...at(offset), what: 'this is no YAML', fix: null }),
  }
}

function offsetOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0
}

function textOf(node: unknown): string {
  return isScalar(node) ? String(node.value) : ''
}

function readRecipients({ complain }: Reader, root: YAMLMap, problems: Problem[]): string[] {
  const list = root.get('recipients', true)
  if (list === undefined) return []
  if (!isSeq(list)) {
    problems.push(complain(list, 'recipients: a list is wanted', null))
    return []
  }
  return list.items.flatMap((item) => {
    const recipient = textOf(item)
    if (/^age1[a-z0-9]{8,3000}$/.test(recipient)) return [recipient]
    // It might be the identity.
    problems.push(complain(item, 'recipients: this is no age1…', 'age-keygen -y FILE prints it'))
    return []
  })
}

function readSection(reader: Reader, { key, value }: Pair, problems: Problem[]): SealedSecret[] {
  const name = textOf(key)
  if (name === 'recipients') return []
  if (!sections.includes(name)) {
    const fix = `known here: ${sections.join(', ')}`
    problems.push(reader.complain(key, `unknown key ${name}`, fix))
  } else if (isMap(value)) {
    return name === 'all'
      ? readSecrets(reader, null, value, problems)
      : readDevices(reader, value, problems)
  } else if (value !== null) {
    problems.push(reader.complain(key, `${name}: a mapping is wanted`, null))
  }
  return []
}

function readDevices(reader: Reader, devices: YAMLMap, problems: Problem[]): SealedSecret[] {
  return devices.items.flatMap(({ key, value }) => {
    const mistake = deviceNameMistake(textOf(key))
    if (mistake !== null) {
      problems.push(reader.complain(key, `a device's name ${mistake}`, null))
      return []
    }
    if (isMap(value)) return readSecrets(reader, textOf(key), value, problems)
    problems.push(reader.complain(key, 'a mapping of secrets is wanted', null))
    return []
  })
}

function readSecrets(
  { complain, sealing }: Reader,
  device: string | null,
  section: YAMLMap,
  problems: Problem[],
): SealedSecret[] {
  return section.items.flatMap(({ key, value }) => {
    const place = { device, name: textOf(key) }
    if (!isSecretName(place.name)) {
      problems.push(
        complain(key, 'this is no name of a secret', 'capitals, digits and _, such as API_KEY_1'),
      )
      return []
    }
    const text = isMap(value) ? value.get('value') : null
    if (typeof text !== 'string' || !text.startsWith(sealing.begins)) {
      const fix = `it is set with: timeball secrets set ${formatPlace(place)}`
      problems.push(
        complain(key, `${formatPlace(place)} is not encrypted with ${sealing.called}`, fix),
      )
      return []
    }
    const set = isMap(value) ? Date.parse(String(value.get('set'))) : Number.NaN
    const setAtUnixMs = Number.isNaN(set) ? null : set
    return [{ ...place, text, setAtUnixMs }]
  })
}
