import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { PRESENCE } from './support/cli.ts'
import { PATH } from './support/launchers.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'

const PROGRAM = (process.env['PATH'] ?? '')
  .split(':')
  .map(folder => join(folder, 'chromium'))
  .find(path => existsSync(path))
const CI = process.env['CI'] !== undefined
const ONE_FILE = join(import.meta.dirname, '../dist/presence')
const SIZES = { phone: [390, 844], desktop: [1280, 900] } as const

describe.skipIf(PROGRAM === undefined && !CI)('the page of the HTTP API, in a browser', () => {
  it.each([
    ['phone', 'served by the launcher', PRESENCE],
    ['desktop', 'served by a copy of the command of one file', ONE_FILE],
  ] as const)('shows the calls on a %s, and asks no other host: %s', async (device, _, program) => {
    await onPage(SIZES[device], program, async (page, { url, errors, hosts }) => {
      await page.goto(`${url}/docs`)
      const call = page.getByText('Make a shared claim on a label, and list who else holds it')
      await call.first().click()
      const field = page.getByText('resource_label', { exact: true }).locator('visible=true')
      await field.first().waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        SIZES[device][0],
      )
      expect(errors).toEqual([])
      expect([...hosts]).toEqual([new URL(url).host])
    })
  })

  it('has no button that makes a call', async () => {
    await onPage(SIZES.desktop, PRESENCE, async (page, { url }) => {
      await page.goto(`${url}/docs#?route=post-/api/v1/steal`)
      await page.getByText('resource_label', { exact: true }).locator('visible=true').first().waitFor()
      expect(await page.getByRole('button', { name: /try|execute|send|call/i }).count()).toBe(0)
    })
  })
})

interface Seen {
  readonly url: string
  /** Errors and warnings on the console, and violations of the Content-Security-Policy, which are errors there. */
  readonly errors: readonly string[]
  readonly hosts: ReadonlySet<string>
}

async function onPage(
  [width, height]: readonly [number, number],
  program: string,
  use: (page: Page, seen: Seen) => Promise<void>,
) {
  const home = scratchFolder()
  const copy = join(home, 'presence')
  if (program === ONE_FILE) copyFileSync(program, copy)
  const args = ['serve', '--port', '0', '--dsn', `sqlite:${join(home, 'board.db')}`]
  const served = existsSync(copy) ? copy : program
  await using server = new Running(args, { HOME: home, PATH }, { cwd: home, program: served })
  const url = (await server.line(/serving on/)).replace(/.*(http:\S+).*/, '$1')
  const browser = await chromium.launch({
    executablePath: PROGRAM ?? 'chromium',
    args: ['--no-sandbox'],
    env: { ...process.env, HOME: home },
    timeout: 0,
  })
  try {
    const page = await browser.newPage({ viewport: { width, height } })
    page.setDefaultTimeout(0)
    const errors: string[] = []
    const hosts = new Set<string>()
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) errors.push(message.text())
    })
    page.on('pageerror', error => errors.push(String(error)))
    page.on('request', request => hosts.add(new URL(request.url()).host))
    await use(page, { url, errors, hosts })
  } finally {
    await browser.close()
  }
}
