/** Debian's chrony, which cannot be installed beside ntpsec. Only for tests. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Unpacks it; gives the daemon, and a PATH with its programs. */
export async function unpackChrony(
  folder: string,
): Promise<{ readonly chronyd: string; readonly path: string }> {
  const download = { cwd: folder, env: { ...process.env, LC_ALL: 'C' } }
  await execute('apt-get', ['-qq', 'download', 'chrony'], download).catch((error: unknown) => {
    throw new Error('this test needs to download the Debian package chrony', { cause: error })
  })
  const file = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? ''
  await execute('dpkg-deb', ['-x', join(folder, file), join(folder, 'chrony')])
  return {
    chronyd: join(folder, 'chrony/usr/sbin/chronyd'),
    path: `${join(folder, 'chrony/usr/bin')}:${process.env['PATH']}`,
  }
}
