// The tools that read the public API of packages/core, with the arguments that check it.

/** Compares the API with the committed report. With `--local` it updates the report. */
export const API_REPORT = [
  'packages/core/node_modules/@microsoft/api-extractor/bin/api-extractor',
  'run',
  '--config',
  'packages/core/api-extractor.json',
]

/** Writes the documentation as HTML. */
export const API_DOCS = [
  'packages/core/node_modules/typedoc/bin/typedoc',
  '--options',
  'packages/core/typedoc.json',
]
