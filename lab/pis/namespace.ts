/** Makes and removes the lab's network namespace. */
import { existsSync } from 'node:fs'
import { bridgeCommands, namespaceName, namespacePath } from './network.ts'
import { must, run } from './run.ts'

/** The bridge comes up last, so a namespace in which it is up is complete. */
export async function upNamespace(): Promise<'created' | 'kept'> {
  const bridge = await run(['ip', '-n', namespaceName, '-o', 'link', 'show', 'lab0', 'up'])
  if (bridge.code === 0 && bridge.stdout.includes('lab0')) return 'kept'
  await downNamespace()
  await must(['ip', 'netns', 'add', namespaceName])
  await must(['ip', '-n', namespaceName, '-batch', '-'], { input: bridgeCommands() })
  return 'created'
}

export async function downNamespace(): Promise<void> {
  if (existsSync(namespacePath)) await must(['ip', 'netns', 'delete', namespaceName])
}
