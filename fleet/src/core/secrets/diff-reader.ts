/** The lines that commits have added, out of what `git log -p -U0` prints, one line after another. */

export interface RepositoryLine {
  /** Its hash; `null`: as the file is now. */
  readonly commit: string | null
  readonly path: string
  /** 1-based. */
  readonly line: number
  readonly text: string
}

/** Commits begin with `commit HASH`, as `--format=commit %H` has it. */
export function addedLines(visit: (line: RepositoryLine) => void): (line: string) => void {
  let commit = ''
  let path = ''
  let number = 0
  // What is added may look like any of the lines around it.
  let isHeader = true
  return (line) => {
    if (line.startsWith('commit ')) {
      commit = line.slice('commit '.length)
      isHeader = true
    } else if (line.startsWith('diff --git ')) isHeader = true
    else if (isHeader && line.startsWith('+++ b/')) path = line.slice('+++ b/'.length)
    else if (line.startsWith('@@ ')) {
      number = Number(/\+(\d+)/.exec(line)?.[1] ?? 0)
      isHeader = false
    } else if (!isHeader && line.startsWith('+')) {
      visit({ commit, path, line: number, text: line.slice(1) })
      number += 1
    }
  }
}
