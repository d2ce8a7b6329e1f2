const source = (file: string) => new URL(`../packages/core/src/${file}.ts`, import.meta.url).pathname

/**
 * The library's entries as aliases for bundlers, so that no built file is read. The longer names come first,
 * because an alias also matches every name that begins with it.
 */
export const CORE_ENTRIES = {
  '@presence/core/internal': source('internal'),
  '@presence/core/schema': source('schema'),
  '@presence/core': source('index'),
}
