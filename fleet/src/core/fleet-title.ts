/** A fleet that nobody named is called `fleet`, which is no name to say. */
function nameOf(fleet: string): string | null {
  return fleet === 'fleet' ? null : fleet
}

/** `Fleet prod`, at the beginning of a line. */
export function fleetTitle(fleet: string): string {
  const name = nameOf(fleet)
  return name === null ? 'Fleet' : `Fleet ${name}`
}

/** ` of fleet prod`, behind what is of it. */
export function ofFleet(fleet: string): string {
  const name = nameOf(fleet)
  return name === null ? '' : ` of fleet ${name}`
}
