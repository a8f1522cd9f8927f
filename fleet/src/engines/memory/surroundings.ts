/** What is around the model of an applier. */

/** What the machine lets an applier do. */
export interface Surroundings {
  readonly isDiskFull: boolean
  canPull(image: string): boolean
  /** A container of this image comes up. */
  canRun(image: string): boolean
  /** What a script prints, and its exit code. */
  ask(script: string): Said
}

export interface Said {
  readonly output: string
  readonly code: number
}
