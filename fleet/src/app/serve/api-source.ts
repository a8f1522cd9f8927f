/** What the API answers from: all that a controller knows and remembers, without asking a device. */
import type { Problem } from '@timeball/lib/problem.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Known } from '../../core/ask/facts-memory.ts'
import type { Outlook } from '../../core/rollout/outlook.ts'
import type { AuditLog } from '../../ports/access-store.ts'
import type { SeriesStore } from '../../ports/series-store.ts'
import type { EventHub } from './event-hub.ts'
import type { RolloutStore } from '../../ports/rollout-store.ts'

/** Read, and asked: only a runner changes them. */
type Rollouts = Pick<
  RolloutStore,
  'list' | 'events' | 'unreadable' | 'blocked' | 'holder' | 'known' | 'request'
>

export interface ApiSource {
  /** Names of the devices for which a pattern stands, as after `--limit`; files are not read. */
  select(pattern: string): Promise<Result<readonly string[], readonly Problem[]>>
  /** What was learned of devices (`facts`), by name. */
  facts(): Promise<ReadonlyMap<string, Known>>
  readonly rollouts: Rollouts
  /** What the runner of a rollout last knew; `null`: nothing is known. */
  readOutlook(rollout: string): Promise<Outlook | null>
  readonly series: Pick<SeriesStore, 'points'>
  readonly audit: Pick<AuditLog, 'lines'>
  readonly events: Pick<EventHub, 'follow'>
  nowUnixMs(): number
}
