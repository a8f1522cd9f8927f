/**
 * The adapters that `fleet.yaml` can name. The registries in engines/ and stores/ have one for each
 * name: one that is missing does not compile.
 */

/** The engine of `engines/memory/` reaches models of devices: tests make it themselves. */
export const engineNames = ['ssh', 'ansible', 'salt'] as const
export type EngineName = (typeof engineNames)[number]

export const stateNames = ['sqlite', 'memory'] as const
export type StateName = (typeof stateNames)[number]
