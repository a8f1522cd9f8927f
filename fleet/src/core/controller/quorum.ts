/** How many servers of each set give good time now, by the same rules as a rollout has. */
import type { ClockReport } from '../clock/server.ts'
import { membersOf } from '../rollout/planning/members.ts'
import type { RolloutFleet } from '../rollout/planning/plan-rollout.ts'
import { quorumNow, type QuorumNow } from '../rollout/planning/quorum-now.ts'
import { quorumSets } from '../rollout/planning/quorum-sets.ts'
import { clockEvidence } from '../service/clock-evidence.ts'
import { goodServers } from '../service/good-time.ts'

/** None when `rollout.quorum` names nobody: then no rollout begins, either. */
export function quorumOf(
  fleet: RolloutFleet,
  report: ClockReport,
  good: ReadonlySet<string> = goodIn(report),
): readonly QuorumNow[] {
  const plan = quorumSets(membersOf(fleet.devices), fleet.settings.rollout, 'fleet.yaml')
  if (!plan.ok) return []
  return plan.value.sets.map((set) => quorumNow(set, good))
}

/** The servers that give good time. */
export function goodIn(report: ClockReport): ReadonlySet<string> {
  return goodServers(clockEvidence(report))
}
