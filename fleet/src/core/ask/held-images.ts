/** Which images a device still has, and to which of its generations it could be rolled back with them. */
import { printable } from '@timeball/lib/printable.ts'
import { imageOfName } from '../desired/carried-image.ts'
import { containerName } from '../desired/paths.ts'

/**
 * - `runs`: the container is made of it
 * - `ready`: a kept generation names it, and could be activated again
 * - `gone`: a kept generation names it, and it is not there any more
 * - `spare`: it is there, and no generation names it
 */
export type HeldState = 'runs' | 'ready' | 'gone' | 'spare'

export interface HeldImage {
  readonly device: string
  /** By digest, where the device knows one. */
  readonly image: string
  readonly state: HeldState
  /** The newest that names it; `null`: none does. */
  readonly generation: number | null
  /** Unpacked; `null`: it is not there. */
  readonly sizeBytes: number | null
}

/** Lines of it are what `readHeldImages` reads. At most so many of each are looked at. */
const mostGenerations = 64
const mostImages = 256

export const heldImagesScript = `
lib=/var/lib/timeball
printf 'runs|%s\\n' "$(docker inspect --format '{{.Config.Image}}' ${containerName} 2>/dev/null)"
ls "$lib/generations" 2>/dev/null | sort -n | tail -n ${mostGenerations} | while read -r number; do
  ref=$(sed -n 's/^image \\([^ ]*\\).*/\\1/p' "$lib/generations/$number/manifest" 2>/dev/null | head -n 1)
  [ -n "$ref" ] || continue
  size=$(docker image inspect --format '{{.Size}}' "$ref" 2>/dev/null) || size=-
  printf 'generation|%s|%s|%s\\n' "$number" "$ref" "$size"
done
docker image ls --quiet --no-trunc | sort -u | head -n ${mostImages} | xargs -r docker image inspect \\
  --format 'image|{{range .RepoTags}}{{.}} {{end}}|{{range .RepoDigests}}{{.}} {{end}}|{{.Size}}' 2>/dev/null
exit 0
`

/** Lines of another kind are left out. `ours`: whether an image is one of the fleet's. */
export function readHeldImages(
  device: string,
  output: string,
  ours: (image: string) => boolean,
): readonly HeldImage[] {
  const lines = output
    .split('\n')
    .map((line) => line.split('|').map((cell) => printable(cell, 400)))
  const cells = (kind: string): string[][] => lines.filter(([first]) => first === kind)
  const running = imageOfName(cells('runs')[0]?.[1] ?? '')
  const held = new Map<string, HeldImage>()
  for (const line of cells('generation')) {
    const needed = neededImage(device, line, running)
    // The last one is the newest.
    held.delete(needed.image)
    held.set(needed.image, needed)
  }
  for (const [, tags = '', digests = '', size] of cells('image')) {
    const names = `${digests} ${tags}`.split(' ').filter((name) => name !== '')
    const images = names.map((name) => imageOfName(name))
    const image = images.find((name) => ours(name))
    if (image === undefined || images.some((name) => held.has(name))) continue
    const state = images.includes(running) ? 'runs' : 'spare'
    held.set(image, { device, image, state, generation: null, sizeBytes: numberOf(size) })
  }
  return [...held.values()].toReversed()
}

/** Of a generation. */
function neededImage(
  device: string,
  [, number, ref = '', size]: readonly string[],
  running: string,
): HeldImage {
  const image = imageOfName(ref)
  const sizeBytes = numberOf(size)
  const there = image === running ? 'runs' : 'ready'
  const state = sizeBytes === null ? 'gone' : there
  return { device, image, state, generation: numberOf(number), sizeBytes }
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}

export interface HeldRow extends Omit<HeldImage, 'device'> {
  /** In the order of the fleet. */
  readonly devices: readonly string[]
}

/** What is alike on several devices is one row. */
export function foldHeldImages(images: readonly HeldImage[]): readonly HeldRow[] {
  const rows = new Map<string, HeldImage & { devices: string[] }>()
  for (const each of images) {
    const key = JSON.stringify([each.image, each.state, each.generation])
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { ...each, devices: [each.device] })
    else row.devices.push(each.device)
  }
  return [...rows.values()]
}
