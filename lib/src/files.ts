/**
 * What short commands need of the file system. `node:fs/promises` has it too, and takes Node a tenth
 * of a short command to load. What reads regular files and folders reads them at once: they are
 * small, and Node's threads would have to be started for them.
 */
import * as fs from 'node:fs'
import { promisify } from 'node:util'

export const mkdir = promisify(fs.mkdir)
export const readFile = promisify(fs.readFile)
export const rename = promisify(fs.rename)
export const rm = promisify(fs.rm)
export const stat = promisify(fs.stat)
export const writeFile = promisify(fs.writeFile)
export const open = promisify(fs.open)
export const close = promisify(fs.close)
