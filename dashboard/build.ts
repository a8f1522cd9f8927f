/** Makes the page: one script, one style sheet, and the file that names them. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute, join } from 'node:path'
import { build } from 'rolldown'

const here = import.meta.dirname

/** Writes into the folder, which is made; the paths of all files that it was made of. */
export async function buildPage(out: string): Promise<readonly string[]> {
  mkdirSync(out, { recursive: true })
  const { output } = await build({
    input: join(here, 'src/main.tsx'),
    platform: 'browser',
    transform: { target: 'es2023' },
    output: {
      file: join(out, 'page.js'),
      format: 'esm',
      codeSplitting: false,
      minify: true,
      comments: false,
    },
  })
  const html = join(here, 'static/index.html')
  const styles = [
    createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'),
    join(here, 'static/page.css'),
  ]
  writeFileSync(join(out, 'page.css'), styles.map((path) => readFileSync(path, 'utf8')).join('\n'))
  copyFileSync(html, join(out, 'index.html'))
  return [...output[0].moduleIds.filter((id) => isAbsolute(id)), html, ...styles]
}
