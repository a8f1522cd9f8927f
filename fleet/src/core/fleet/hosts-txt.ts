/** The `hosts.txt` of a hand-made fleet: lines `hostname,ip,stratum,gps,pps`. */
import { isAddress } from '@timeball/lib/address.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'
import { readPlainScalar } from '@timeball/inventory/yaml/scalars.ts'
import { type Problems, type SourceFile, collectProblems } from '@timeball/inventory/yaml/source.ts'
import { deviceNameMistake } from '../device/device-name.ts'

interface Line {
  readonly name: string
  readonly address: string
  readonly stratum: number
  readonly gps: boolean
  readonly pps: boolean
}

/**
 * An inventory in YAML for the hosts of a `hosts.txt`. Empty lines, `#` comments, CRLF and a header
 * line are allowed. A host with GPS, or of stratum 1, goes to the group `stratum1`, others to
 * `stratum2`: the stratum of a running server is a result, not a setting. Only 10 and more, the
 * strata of a local clock of last resort, are kept as the variable `stratum`.
 */
export function importHostsTxt(file: SourceFile): Result<string, readonly Problem[]> {
  const problems = collectProblems()
  const lines: Line[] = []
  const names = new Map<string, number>()
  const addresses = new Map<string, number>()
  for (const [index, text] of file.text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (isSkipped(text)) continue
    const at = { file: file.path, line: index + 1, column: 1 }
    const complain = (what: string, fix: string | null) => problems.add(at, what, fix)
    const line = readLine(text, complain)
    if (line === null) continue
    const sameName = names.get(line.name)
    const sameAddress = addresses.get(line.address)
    if (sameName !== undefined)
      complain(`the host "${line.name}" is on line ${sameName} already`, 'Remove one')
    if (sameAddress !== undefined)
      complain(`the address ${line.address} is on line ${sameAddress} already`, 'Correct one')
    names.set(line.name, at.line)
    addresses.set(line.address, at.line)
    lines.push(line)
  }
  if (lines.length === 0 && problems.list.length === 0) addEmpty(problems, file)
  return problems.list.length > 0 ? fail(problems.list) : ok(formatInventory(lines))
}

function addEmpty(problems: Problems, file: SourceFile): void {
  problems.add(
    { file: file.path, line: 1, column: 1 },
    'the file has no hosts',
    `Write lines such as ${example}`,
  )
}

const example = 'pi-gps-01,192.168.1.101,1,yes,yes'

function isSkipped(text: string): boolean {
  return /^\s*(?:#.*)?$/.test(text) || /^\s*hostname\s*,\s*ip\s*,/i.test(text)
}

type Complain = (what: string, fix: string | null) => void

function readLine(text: string, complain: Complain): Line | null {
  const bare = text.replace(/\s#.*$/s, '')
  const fields = bare.split(',').map((field) => field.trim())
  const [name = '', address = '', stratumText = '', gpsText = '', ppsText = ''] = fields
  if (fields.length !== 5) {
    complain(`the line has ${fields.length} fields instead of 5`, `Write it like ${example}`)
    return null
  }
  const gps = readFlag('gps', gpsText, complain)
  const pps = readFlag('pps', ppsText, complain)
  const stratum = readStratum(stratumText, complain)
  if (!checkNames(name, address, complain)) return null
  if (gps === null || pps === null) return null
  if (pps && !gps) complain('pps is yes but gps is no', 'PPS needs GPS to number its seconds')
  return { name, address, stratum, gps, pps }
}

function checkNames(name: string, address: string, complain: Complain): boolean {
  const mistake = deviceNameMistake(name)
  if (mistake !== null) complain(`the host name "${name}" ${mistake}`, 'Rename the host')
  const isSound = isAddress(address)
  if (!isSound) complain(`"${address}" is not an address`, 'Write an IP address or a host name')
  return mistake === null && isSound
}

function readStratum(text: string, complain: Complain): number {
  const stratum = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0
  if (stratum < 1 || stratum > 15) complain(`"${text}" is not a stratum`, 'Strata are 1 to 15')
  return stratum
}

function readFlag(field: string, text: string, complain: Complain): boolean | null {
  const word = text === '1' ? 'yes' : text === '0' ? 'no' : text.toLowerCase()
  const reading = readPlainScalar(word)
  if (reading.kind === 'value' && typeof reading.value === 'boolean') return reading.value
  complain(`"${text}" is neither yes nor no (${field})`, 'Write yes or no')
  return null
}

function formatInventory(lines: readonly Line[]): string {
  const isFirst = (line: Line) => line.gps || line.stratum === 1
  const groups = [
    ...formatGroup('stratum1', lines.filter(isFirst)),
    ...formatGroup(
      'stratum2',
      lines.filter((line) => !isFirst(line)),
    ),
  ]
  return ['all:', '  children:', ...groups, '  vars:', '    ansible_user: pi', ''].join('\n')
}

function formatGroup(name: string, lines: readonly Line[]): string[] {
  if (lines.length === 0) return []
  return [`    ${name}:`, '      hosts:', ...lines.flatMap(formatHost)]
}

/** Quoted, because a host may be named `on` or `10.1`. */
function formatHost({ name, address, stratum, gps, pps }: Line): string[] {
  return [
    `        "${name}":`,
    `          ansible_host: "${address}"`,
    `          gps_enabled: ${gps ? 'yes' : 'no'}`,
    `          pps_enabled: ${pps ? 'yes' : 'no'}`,
    ...(stratum >= 10 ? [`          stratum: ${stratum}`] : []),
  ]
}
