/** A real salt-master with salt-api behind TLS, and real minions, each of which is a device that behaves in one way. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ok } from '@timeball/lib/result.ts'
import { waitFor } from '@timeball/lab/pis/run.ts'
import { installSalt } from '../../../../test/install-salt.ts'
import { contentLines } from '../../../ports/engine.contract.ts'
import type { Target } from '../../../ports/engine.ts'
import { deviceScript } from '../../ssh/test/sshd.ts'
import { saltJobs } from '../jobs.ts'
import { saltApi } from '../salt-api.ts'
import type { SaltOptions } from '../salt-engine.ts'
import { saltSessions } from '../sessions.ts'

export interface Salt {
  readonly folder: string
  /** For an engine; the bundle is handed to what behaves. */
  readonly options: SaltOptions
  target(device: string): Target
  /** Ends at once, as in a power cut. */
  killMinion(id: string): void
  /** Ends the master, not salt-api, and starts another one. */
  restartMaster(): Promise<void>
  stop(): Promise<void>
}

const address = '127.0.78.1'
export const password = 'the-password-of-salt'
const startMs = 480_000

/** What the device of each minion does, by the minion's id. */
export async function startSalt(
  minions: ReadonlyMap<string, Parameters<typeof deviceScript>[0]>,
): Promise<Salt> {
  const programs = join(await installSalt(), 'bin')
  const folder = await mkdtemp(join(tmpdir(), 'tb-salt-'))
  const ports = { publish: 24_505, return: 24_506, api: 28_000 }
  await writeConfiguration(folder, ports)
  await writeFile(join(folder, 'content'), contentLines.join(''))
  for (const [id, behaviour] of minions) {
    await mkdir(join(folder, 'minions', id), { recursive: true })
    await writeFile(join(folder, 'minions', id, 'behave'), deviceScript(behaviour, folder))
  }
  const running = new Set<ChildProcess>()
  function start(name: string, args: readonly string[]): ChildProcess {
    const log = openSync(join(folder, `${name}.log`), 'a')
    const child = spawn(join(programs, name), args, {
      stdio: ['ignore', name === 'python' ? 'pipe' : log, log],
      detached: true,
    })
    closeSync(log)
    running.add(child)
    child.on('exit', () => running.delete(child))
    return child
  }
  const master = () => start('salt-master', ['-c', folder, '-l', 'warning'])
  let current = master()
  start('salt-api', ['-c', folder, '-l', 'warning'])
  const script = join(import.meta.dirname, 'minions.py')
  const places = [join(folder, 'minions'), address, ports.publish, ports.return].map(String)
  const family = start('python', [script, ...places, ...minions.keys()])
  const pids = await pidsOf(family)
  const options: SaltOptions = {
    api: `https://${address}:${ports.api}`,
    caFile: join(folder, 'api.crt'),
    eauth: 'sharedsecret',
    user: 'timeball',
    password: () => Promise.resolve(ok(password)),
    ids: '{name}',
    answerMs: 300_000,
    program: readFileSync(join(import.meta.dirname, '../minion/carry.py'), 'utf8'),
    command: 'sh "$TIMEBALL_ROOT/behave"',
  }
  await waitFor('minions with keys', startMs, async () => {
    const keys = await readdir(join(folder, 'pki/minions')).catch((): string[] => [])
    return minions.keys().every((id) => keys.includes(id))
  })
  await untilAnswering(options, [...minions.keys()])
  return {
    folder,
    options,
    target: (device) => ({
      ...{ device, address: '127.0.0.1', port: 22, user: 'pi' },
      ...{ privateKeyFile: null, commonArgs: [] },
    }),
    killMinion(id) {
      const pid = pids[[...minions.keys()].indexOf(id)]
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    },
    async restartMaster() {
      await endGroup(current)
      current = master()
    },
    async stop() {
      await Promise.all(Array.from(running, endGroup))
      await endDevices(join(folder, 'minions'))
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

/** Salt loads what a minion needs for its first job while it is at it. */
async function untilAnswering(options: SaltOptions, ids: readonly string[]): Promise<void> {
  const api = saltApi(options)
  const jobs = saltJobs(api, options.program, () => performance.now())
  const sessions = saltSessions(jobs)
  const { signal } = new AbortController()
  await Promise.all(
    ids.map((id) =>
      waitFor(`the minion ${id}`, startMs, async () => {
        const opened = await sessions.open(id, 'fresh', { patienceMs: 240_000, signal })
        return opened.ok
      }),
    ),
  )
  jobs.close()
  api.close()
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await ended
}

/** What devices do goes on without their minions. */
async function endDevices(folder: string): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (!environment.includes(`TIMEBALL_ROOT=${folder}/`)) continue
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

/** Of the minions, in their order. */
async function pidsOf(family: ChildProcess): Promise<readonly number[]> {
  if (family.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: family.stdout })) {
    if (line.startsWith('pids ')) return line.split(' ').slice(1).map(Number)
  }
  throw new Error('the minions did not start')
}

async function writeConfiguration(
  folder: string,
  ports: Readonly<Record<'publish' | 'return' | 'api', number>>,
): Promise<void> {
  const certificate = join(folder, 'api.crt')
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=salt -addext subjectAltName=IP:${address} -keyout ${folder}/api.key -out ${certificate}`
  const made = spawnSync('openssl', args.split(' '), { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`)
  const settings = {
    ...{ root_dir: folder, user: 'root', interface: address, auto_accept: true, keysize: 2048 },
    ...{ publish_port: ports.publish, ret_port: ports.return, worker_threads: 2 },
    ...{ pki_dir: `${folder}/pki`, cachedir: `${folder}/cache`, sock_dir: `${folder}/sock` },
    ...{ log_file: `${folder}/log`, key_logfile: `${folder}/key-log`, enable_gpu_grains: false },
    ...{ pidfile: `${folder}/master.pid`, api_pidfile: `${folder}/api.pid`, zmq_filtering: true },
    netapi_enable_clients: ['local_async', 'runner'],
    sharedsecret: password,
    external_auth: {
      sharedsecret: {
        timeball: ['cmd.run', '@jobs', { '@runner': ['config.get'] }],
        nobody: ['test.ping'],
      },
    },
    rest_cherrypy: {
      host: address,
      port: ports.api,
      ssl_crt: certificate,
      ssl_key: `${folder}/api.key`,
    },
  }
  // JSON is YAML.
  await writeFile(join(folder, 'master'), JSON.stringify(settings))
}
