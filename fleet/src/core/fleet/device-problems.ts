import type { Problem } from '@timeball/lib/problem.ts'
import { foldNames } from '../plan/names.ts'

/** Problems of devices. One that many share, as from a group's variable, is told once. */
export interface DeviceProblems {
  add(device: string, problem: Problem): void
  list(): Problem[]
  of(device: string): Problem[]
}

export function deviceProblems(): DeviceProblems {
  const found: { readonly device: string; readonly problem: Problem }[] = []
  return {
    add(device, problem) {
      found.push({ device, problem })
    },
    of: (name) => found.flatMap(({ device, problem }) => (device === name ? [problem] : [])),
    list() {
      const same = Map.groupBy(found, ({ problem }) => JSON.stringify(problem))
      return [...same.values()].flatMap((told) => {
        const names = foldNames(told.map(({ device }) => device))
        return told
          .slice(0, 1)
          .map(({ problem }) => ({ ...problem, what: `${names}: ${problem.what}` }))
      })
    },
  }
}
