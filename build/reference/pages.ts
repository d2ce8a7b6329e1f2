import { commandLine, commandLinePage } from './command-line.ts'
import { configPage } from './config.ts'
import { environmentPage } from './environment.ts'
import { exitStatusPage } from './exit-statuses.ts'
import { httpPage } from './http-api.ts'
import { manPage } from './man.ts'
import { page } from './markdown.ts'
import { mcpPage } from './mcp.ts'

/** The pages that are made from the code, by their path. */
export async function pages(): Promise<ReadonlyMap<string, string>> {
  const whole = await commandLine()
  return new Map([
    ['docs/reference/index.md', indexPage()],
    ['docs/reference/command-line.md', commandLinePage(whole)],
    ['docs/reference/config.md', configPage()],
    ['docs/reference/environment.md', environmentPage()],
    ['docs/reference/exit-statuses.md', exitStatusPage(whole)],
    ['docs/reference/http-api.md', await httpPage()],
    ['docs/reference/mcp-tools.md', mcpPage()],
    ['packages/cli/man/presence.1', manPage(whole)],
  ])
}

function indexPage(): string {
  return page(
    'Reference',
    'build/reference/pages.ts',
    'These pages are made from the code: `npm run docs:reference` writes them, and `npm run check` fails if they are out of date.',
    [
      '- [Commands](command-line.md): every command with its options; also `presence <command> --help` and `man presence`',
      '- [Config file](config.md): its keys, and what is refused',
      '- [Environment variables and files](environment.md)',
      '- [Exit statuses and fault codes](exit-statuses.md), with messages and what to do',
      '- [HTTP API](http-api.md) of `presence serve`; the server itself shows it at `/docs`',
      '- [MCP tools](mcp-tools.md) that agents call',
      '- [Library](library/index.md) `@presence/core`, from its docstrings; not in the repository, `npm run docs:reference` writes it',
    ].join('\n'),
  )
}
