/** Brings an image that is kept beside the fleet into a registry. */
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { megabytes } from '../core/megabytes.ts'
import { shortDigests } from '../core/short-digest.ts'
import type { Amount, PushedImage, PushOrder, RegistryRefusal } from '../ports/images.ts'
import type { ImageBlob } from '../ports/image-parts.ts'
import { pushImage } from '../probes/images/push-image.ts'
import type { Layout } from '../stores/images/layout.ts'
import { openRepository } from './remote-image.ts'

/** Registries that keep what they get elsewhere need a while to say so. */
const silenceMs = 120_000

export async function pushKept(
  { name, to, plainHttp, signal, say, onSent }: PushOrder,
  layout: Layout,
): Promise<Result<PushedImage, RegistryRefusal>> {
  const digest = await layout.find(name)
  if (digest === null) return fail({ isDenied: false, detail: `${layout.folder} has no ${name}` })
  const { manifests, blobs } = await layout.parts(digest)
  const parts = { manifests, blobs: blobs.map((blob) => watched(blob, onSent)) }
  const { session } = openRepository({
    ...{ reference: to, plainHttp, actions: 'pull,push', silenceMs, signal },
  })
  const amounts = { sent: none, there: none }
  let count = 0
  const pushed = await pushImage(session, parts, to.tag ?? 'latest', {
    blob({ digest: of, sizeBytes }, state) {
      count += 1
      amounts[state] = { blobs: amounts[state].blobs + 1, bytes: amounts[state].bytes + sizeBytes }
      const what = `${count} of ${parts.blobs.length}  ${shortDigests(of)}  ${megabytes(sizeBytes)}`
      say(`${what}  ${state === 'sent' ? 'sent' : 'is there'}`)
    },
  })
  if (pushed.ok) return ok({ digest, ...amounts })
  const { code, detail } = pushed.failure
  const kept = amounts.sent.blobs > 0 ? '; what was sent stays there, and push goes on' : ''
  return fail({ isDenied: code === 'unauthorized', detail: `${detail}${kept}` })
}

function watched(blob: ImageBlob, onSent: PushOrder['onSent']): ImageBlob {
  return {
    ...blob,
    async *open() {
      let bytes = 0
      for await (const chunk of blob.open()) {
        yield chunk
        bytes += chunk.byteLength
        onSent(bytes, blob.sizeBytes)
      }
    },
  }
}

const none: Amount = { blobs: 0, bytes: 0 }
