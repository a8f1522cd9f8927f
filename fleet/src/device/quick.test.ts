import { quickSuite } from './test/quick-suite.ts'

quickSuite('sh')
