/** The same under busybox, in a process of its own. */
import { atCommands, atPoints, powerCutSuite } from './test/power-cut-suite.ts'

powerCutSuite('busybox', { cut: atPoints, stride: 1 })
powerCutSuite('busybox', { cut: atCommands, stride: 3 })
