/**
 * The restricted account of a device: what its porter lets through, and the script that makes it.
 * The porter is `device/account/porter.sh`; docs/access.md, "An account that can only apply".
 */
import { accessPaths } from '../access/access-files.ts'
import { composeFileText } from '../desired/compose-file.ts'
import { packages } from '../desired/desired-state.ts'
import { isCarried } from '../desired/carried-image.ts'
import * as paths from '../desired/paths.ts'
import type { DesiredSettings } from '../desired/settings.ts'
import type { Device } from '../device/device.ts'
import { sha256Hex } from '../hash/sha256.ts'
import { modes, type Applier } from './applier.ts'
import { shadowName } from './shadow-name.ts'

export interface AccountParts {
  /** `device/account/porter.sh`. */
  readonly porter: string
  /** `device/account/install.sh`. */
  readonly install: string
}

export interface AccountInput {
  readonly applier: Applier
  /** Scripts that may be asked, word for word. */
  readonly questions: readonly string[]
  readonly device: Device
  readonly settings: DesiredSettings & { readonly image: { readonly ref: string } }
}

const bootConfigs = ['/boot/firmware/config.txt', '/boot/config.txt']
const services = ['systemd-timesyncd.service', 'gpsd.service']

/**
 * Lines of `/usr/lib/timeball/allowed`. Programs and scripts by digest, so that those of another version
 * are refused; files by path, and the Compose file by its lines, of which the image alone may be any.
 */
export function allowedLines(input: AccountInput): readonly string[] {
  const { applier, questions, settings, device } = input
  const { projectDirectory, composeFile, composePath, containerName } = paths
  const hasAccess = settings.access !== undefined
  const bound = [composePath, paths.environmentPath, paths.gpsdDefaultsPath]
  return [
    ...modes
      .filter((mode) => mode !== 'ask')
      .map((mode) => `program ${applier(mode).digest} ${mode}`),
    ...questions.map((script) => `question ${questionDigest(applier, script)}`),
    ...[...bound, ...bootConfigs, ...(hasAccess ? accessPaths : [])].map((path) => `path ${path}`),
    ...bound.map((path) => `bound ${path}`),
    ...composeLines(device, settings).map((line) => `line ${composePath} ${line}`),
    `compose ${projectDirectory} ${composeFile} ${containerName}`,
    `shadow ${projectDirectory} ${paths.mountedProject}`,
    ...[containerName, shadowName].map((name) => `container ${name}`),
    ...[...services, ...(hasAccess ? ['ssh.service'] : [])].map((name) => `service ${name}`),
    'watch-disk /',
    ...packages({ gps: true }, settings).map(({ name }) => `package ${name}`),
  ]
}

/** As the porter sees it: what follows the line of an `ask`. */
function questionDigest(applier: Applier, script: string): string {
  return sha256Hex(`${applier('ask').text}__END__\n${script}`)
}

/** With a receiver and without: a device that gets one is no other account. */
function composeLines(device: Device, settings: DesiredSettings): readonly string[] {
  const texts = [true, false].map((gps) => composeFileText({ ...device, gps }, settings, 'any'))
  const lines = new Set(texts.flatMap((text) => text.split('\n')))
  return [...lines].filter((line) => !line.startsWith('    image: '))
}

/**
 * The line of `authorized_keys`. Ports of the device's loopback are forwarded to nobody but a fleet
 * whose image comes over ssh, and no others to anybody: port 1 stands for none.
 */
function keyLine(publicKey: string, image: string): string {
  const options = ['restrict', 'command="sudo -n /usr/lib/timeball/porter"']
  const lending = ['port-forwarding', 'permitlisten="127.0.0.1:*"', 'permitopen="127.0.0.1:1"']
  return `${[...options, ...(isCarried(image) ? lending : [])].join(',')} ${publicKey}`
}

/** For a question as root. Says `installed` last, or why not. */
export function installScript(
  { porter, install }: AccountParts,
  account: { readonly user: string; readonly publicKey: string },
  input: AccountInput,
): string {
  return [
    `user=${quoted(account.user)}`,
    `key_line=${quoted(keyLine(account.publicKey, input.settings.image.ref))}`,
    printer('write_porter', porter),
    printer('write_allowed', `${allowedLines(input).join('\n')}\n`),
    install,
  ].join('\n')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function printer(name: string, text: string): string {
  return `${name}() {\n  cat <<'END OF TEXT'\n${text}END OF TEXT\n}`
}
