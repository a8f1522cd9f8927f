/** `ping`: how far one gets with a device, layer by layer, and what mends the one that fails. */
import { printable } from '@timeball/lib/printable.ts'
import type { Device } from '../device/device.ts'
import type { Failure, FailureCode } from '../failure.ts'
import type { Answered } from './answer.ts'
import { namesOf } from './fold.ts'

/** From the ground up: each needs those before it. */
export const layers = [
  'name',
  'route',
  'port',
  'host key',
  'login',
  'sudo',
  'shell',
  'docker',
] as const
export type PingLayer = (typeof layers)[number]

export type Pinged =
  | { readonly device: string; readonly isWell: true; readonly docker: string }
  | {
      readonly device: string
      readonly isWell: false
      readonly layer: PingLayer
      readonly why: string
      /** A line to type, or a sentence where there is none. */
      readonly mend: string
    }

/** Says `docker VERSION`, or why there is none. */
export const pingScript = `if ! command -v docker >/dev/null; then echo 'docker is not installed'; exit 1; fi
timeout 10 docker version --format '{{.Server.Version}}' 2>&1
`

const layerOfCode: Partial<Readonly<Record<FailureCode, PingLayer>>> = {
  unreachable: 'route',
  'host-key-unknown': 'host key',
  'host-key-changed': 'host key',
  'auth-refused': 'login',
  'not-root': 'sudo',
}

export interface PingView {
  /** What is said of a failure everywhere else. */
  readonly advice: (code: FailureCode) => string
  /** Whether it was asked by the account that may only apply, which `enroll` makes. */
  readonly byAccount: boolean
}

export function judgePing(
  device: Device,
  { result }: Answered,
  { advice, byAccount }: PingView,
): Pinged {
  const { name } = device
  if (!result.ok) {
    const layer = layerOf(result.failure)
    const why = result.failure.detail || result.failure.code
    const isOfAccount = byAccount && ['login', 'sudo', 'shell'].includes(layer)
    const mend = isOfAccount
      ? `timeball enroll ${name}`
      : (mends[layer]?.(device) ?? advice(result.failure.code))
    return { device: name, isWell: false, layer, why, mend }
  }
  const { exit, output, isInTime } = result.value
  const said = printable(output, 120)
  if (exit === 0 && isInTime) return { device: name, isWell: true, docker: said }
  const why = said === '' ? 'docker does not answer' : said
  const mend =
    exit === 1 && said.includes('not installed') ? `timeball apply ${name}` : startDocker(device)
  return { device: name, isWell: false, layer: 'docker', why, mend }
}

function layerOf({ code, layer }: Failure): PingLayer {
  return layer ?? layerOfCode[code] ?? 'shell'
}

const mends: Partial<Readonly<Record<PingLayer, (device: Device) => string>>> = {
  name: ({ name }) => `say its address in the inventory: ansible_host of ${name}`,
  route: ({ address }) => `is it on, and in this network? ping ${address}`,
  port: ({ sshPort }) =>
    `is sshd at port ${sshPort} (ansible_port)? On the device: sudo systemctl enable --now ssh`,
  login: ({ user, address, sshPort }) => `ssh-copy-id${portOption(sshPort)} ${user}@${address}`,
  sudo: ({ user }) =>
    `on the device: echo '${user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/010-timeball`,
}

function startDocker({ name }: Device): string {
  return `timeball run ${name} --sudo -- systemctl restart docker`
}

function portOption(port: number): string {
  return port === 22 ? '' : ` -p ${port}`
}

/** Those that are well are one line, and so are those that fail at one layer; what mends it is below. */
export function formatPing(pinged: readonly Pinged[]): readonly string[] {
  const well = pinged.filter(({ isWell }) => isWell).map(({ device }) => device)
  const failing = pinged.flatMap((each) => (each.isWell ? [] : [each]))
  return [
    ...(well.length === 0 ? [] : [`${namesOf(well)}: ok`]),
    ...[...Map.groupBy(failing, ({ layer }) => layer).values()].flatMap(linesOfLayer),
  ]
}

type Failing = Extract<Pinged, { isWell: false }>

function linesOfLayer(failing: readonly Failing[]): readonly string[] {
  const layer = `${namesOf(failing.map(({ device }) => device))}: fails at ${failing[0]?.layer}`
  const [why, ...others] = new Set(failing.map((each) => each.why))
  const mends = new Set(failing.map(({ mend }) => `    ${mend}`))
  if (others.length === 0) return [`${layer}: ${why}`, ...mends]
  return [`${layer}:`, ...failing.map((each) => `  ${each.device}: ${each.why}`), ...mends]
}
