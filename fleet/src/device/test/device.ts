/**
 * A device for the tests of the applier: a root folder, and shims in PATH for what it runs. The
 * shims keep their state in `ROOT/world`; their first lines say how.
 */
import { spawnSync } from 'node:child_process'
import type { StdioOptions } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { encodeBundle, head } from '../../core/bundle/bundle.ts'
import type { FinalFile } from '../../core/plan/plan-files.ts'
import { remoteCommand } from '../command.ts'
import { isMode } from '../../core/bundle/applier.ts'
import { readApplier } from '../../main/applier.ts'
import { parseReportLine, readReport } from '../report.ts'
import type { DeviceReport, ReportLine } from '../report.ts'

const applier = await readApplier()
const shims = join(import.meta.dirname, 'shims')

/** The shells that an applier may meet, as argv. */
export const shells = { sh: ['sh'], busybox: ['busybox', 'sh'] } as const
export type ShellName = keyof typeof shells

export interface Run {
  readonly exitCode: number | null
  readonly stdout: string
  readonly lines: readonly ReportLine[]
  /** Fails the test when the report is not well formed. */
  report(): DeviceReport
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Count the coreutils too, so that KILL_AT can hit them. */
  readonly counted?: boolean
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function newNonce(): string {
  return randomBytes(16).toString('hex')
}

const counted = 'mktemp dd chmod chown sync mv cp mkdir rm cat sha256sum stat du df flock ls touch'

/**
 * A command outlives the applier that was killed under it, and its output may go nowhere that the
 * test sees. All of them hold descriptor 8, so that such a run ends when the last of them does; what
 * is not killed ends by itself, though a timer of its own may go on.
 */
const untilAllEnded: StdioOptions = [
  ...Array<'pipe'>(3).fill('pipe'),
  ...Array<'ignore'>(5).fill('ignore'),
  'pipe',
]

/** Memory, where there is some to be had: the applier syncs often. */
const folderOfDevices = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export class TestDevice {
  readonly root = mkdtempSync(join(folderOfDevices, 'timeball-device-'))
  readonly shell: ShellName
  #operations = 0
  #counting: string | null = null

  constructor(shell: ShellName) {
    this.shell = shell
    for (const folder of ['packages', 'units', 'timers', 'containers', 'images', 'running']) {
      mkdirSync(this.path(`/world/${folder}`), { recursive: true })
    }
    mkdirSync(this.path('/run'))
    mkdirSync(this.path('/etc'))
    this.boot()
  }

  path(absolute: string): string {
    return join(this.root, absolute)
  }

  write(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true })
    writeFileSync(this.path(path), content)
    chmodSync(this.path(path), mode)
  }

  /** Content, or `null` when there is no such file. */
  read(path: string): string | null {
    return existsSync(this.path(path)) ? readFileSync(this.path(path), 'utf8') : null
  }

  mode(path: string): string {
    return (statSync(this.path(path)).mode & 0o7777).toString(8).padStart(4, '0')
  }

  list(path: string): string[] {
    return existsSync(this.path(path)) ? readdirSync(this.path(path)).toSorted() : []
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true, force: true })
  }

  /** What the shims were asked to do, one command a line. */
  log(): string[] {
    return (this.read('/world/log') ?? '').split('\n').filter((line) => line !== '')
  }

  /** The machine comes up again: another boot id, and nothing in memory. */
  boot(): void {
    this.remove('/run/timeball')
    this.write('/proc/boot_id', `${newNonce()}\n`)
  }

  /** A folder with what a bundle holds, as the remote command leaves it to the applier. */
  unpack(manifest: readonly string[], files: readonly string[] = []): string {
    this.#operations += 1
    const folder = this.path(`/run/timeball/bundle-${this.#operations}`)
    mkdirSync(join(folder, 'files'), { recursive: true, mode: 0o700 })
    const mode = manifest[1]?.slice('mode '.length) ?? ''
    writeFileSync(join(folder, 'applier.sh'), applier(isMode(mode) ? mode : 'apply').text)
    writeFileSync(join(folder, 'manifest'), `${manifest.join('\n')}\n`)
    files.forEach((content, index) => writeFileSync(join(folder, 'files', `${index}`), content))
    return folder
  }

  /** Runs a bundle: the manifest's lines after the head, and the contents of its files. */
  run(manifest: readonly string[], files: readonly string[] = [], options: RunOptions = {}): Run {
    const folder = this.unpack(manifest, files)
    const nonce = manifest.find((line) => line.startsWith('nonce '))?.slice(6) ?? ''
    const { status, stdout } = this.#start([join(folder, 'applier.sh'), folder], options)
    rmSync(folder, { recursive: true, force: true })
    return readRun(stdout, status, nonce)
  }

  /** Sends a bundle through the remote command, as an engine does. */
  deliver(manifest: readonly string[], files: readonly FinalFile[] = []): Run {
    const nonce = manifest.find((line) => line.startsWith('nonce '))?.slice(6) ?? ''
    const { status, stdout } = this.send(encodeBundle(applier, manifest, files))
    return readRun(stdout, status, nonce)
  }

  /** What an engine sends for a script; `fields` are lines of the manifest. */
  question(fields: readonly string[], script: string): Uint8Array {
    const nonce = newNonce()
    const manifest = [...head('ask', { id: 'op-1', nonce, epoch: 0 }), ...fields]
    return encodeBundle(applier, manifest, [{ path: '', mode: '0600', content: [script] }])
  }

  send(input: Uint8Array): { readonly status: number | null; readonly stdout: string } {
    const { PATH = '', ...rest } = this.environment()
    return spawnSync('sh', ['-c', remoteCommand], {
      input,
      env: { ...rest, PATH: `${this.#folderOfShell()}:${PATH}` },
      encoding: 'utf8',
      timeout: 60_000,
    })
  }

  /** Where `sh` is the shell of this device. */
  #folderOfShell(): string {
    const folder = this.path('/world/shell')
    if (!existsSync(folder)) {
      mkdirSync(folder)
      const program = this.shell === 'busybox' ? 'busybox' : 'sh'
      const which = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' })
      symlinkSync(which.stdout.trim(), join(folder, 'sh'))
    }
    return folder
  }

  /** Runs the applier that stayed on the device, as the boot unit and the timer do. */
  runStayed(args: readonly string[], options: RunOptions = {}): number | null {
    return this.#start([this.path('/var/lib/timeball/applier'), ...args], options).status
  }

  environment(options: RunOptions = {}): Record<string, string> {
    const path = `${shims}:/usr/sbin:/usr/bin:/sbin:/bin`
    return {
      PATH: options.counted === true ? `${this.#countingShims()}:${path}` : path,
      SHIMS: shims,
      TIMEBALL_ROOT: this.root,
      ...options.env,
    }
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true })
    if (this.#counting !== null) rmSync(this.#counting, { recursive: true, force: true })
  }

  #countingShims(): string {
    if (this.#counting === null) {
      this.#counting = mkdtempSync(join(tmpdir(), 'timeball-counting-'))
      for (const name of counted.split(' ')) {
        symlinkSync(join(shims, 'tool'), join(this.#counting, name))
      }
    }
    return this.#counting
  }

  #start(args: readonly string[], options: RunOptions) {
    const start = 'echo $$ >"$TIMEBALL_ROOT/world/pid"; exec "$@"'
    this.remove('/world/calls')
    this.remove('/world/writes')
    const { status, stdout, stderr, error } = spawnSync(
      'sh',
      ['-c', start, 'sh', ...shells[this.shell], ...args],
      {
        encoding: 'utf8',
        env: this.environment(options),
        timeout: 60_000,
        stdio: options.env === undefined ? 'pipe' : untilAllEnded,
      },
    )
    if (error !== undefined) throw new Error('the applier could not be run', { cause: error })
    if (stderr !== '' && options.counted !== true) {
      throw new Error(`the applier wrote to stderr: ${stderr}`)
    }
    return { status, stdout }
  }
}

function readRun(stdout: string, exitCode: number | null, nonce: string): Run {
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const parsed = parseReportLine(line)
      if (!parsed.ok) throw new Error(`${parsed.failure}: ${line}`)
      return parsed.value
    })
  return {
    exitCode,
    stdout,
    lines,
    report() {
      const report = readReport(lines, nonce)
      if (!report.ok) throw new Error(`${report.failure.detail}: ${stdout}`)
      return report.value
    },
  }
}
