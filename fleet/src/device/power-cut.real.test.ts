/** Every fault point, and kills at the commands in between, under both shells. */
import { atCommands, atPoints, everyNth, powerCutSuite } from './test/power-cut-suite.ts'

powerCutSuite('sh', { cut: atPoints, stride: 1 })
powerCutSuite('sh', { cut: atCommands, stride: everyNth(6) })
