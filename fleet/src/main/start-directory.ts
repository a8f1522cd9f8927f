/** `-C DIR`, as git and make have it: the program works there, as if it had been started there. */

export interface Started {
  /** Without it. */
  readonly argv: readonly string[]
  /** `null`: where it was started. */
  readonly directory: string | null
}

/** It stands before the command; what is completed is a command line of its own. */
export function takeDirectory(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Started {
  const at = argv[0] === 'complete' ? argv.indexOf('--') + 1 : 0
  const [first = '', second] = argv.slice(at)
  const usual = environment['TIMEBALL_DIRECTORY'] || null
  if (first === '-C' && second !== undefined) {
    return { argv: argv.toSpliced(at, 2), directory: second }
  }
  if (/^-C./.test(first)) return { argv: argv.toSpliced(at, 1), directory: first.slice(2) }
  return { argv, directory: usual }
}

/** `null`: there; else why not. */
export function enterDirectory(directory: string | null): string | null {
  if (directory === null) return null
  try {
    process.chdir(directory)
    return null
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return isMissing ? 'there is no such directory' : String(error)
  }
}
