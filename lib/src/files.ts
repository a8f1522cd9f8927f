/**
 * What short commands need of the file system, as promises. `node:fs/promises` has it too, and takes
 * Node a tenth of a short command to load.
 */
import * as fs from 'node:fs'
import { promisify } from 'node:util'

export const mkdir = promisify(fs.mkdir)
export const readFile = promisify(fs.readFile)
export const readdir = promisify(fs.readdir)
export const rename = promisify(fs.rename)
export const rm = promisify(fs.rm)
export const stat = promisify(fs.stat)
export const writeFile = promisify(fs.writeFile)
/** These three work on file descriptors. */
export const open = promisify(fs.open)
export const read = promisify(fs.read)
export const close = promisify(fs.close)
