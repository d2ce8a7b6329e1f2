// The command lines of the tools that check the public APIs of packages/core and packages/doctor.

/** Compares core's API with the committed report. With `--local` it updates the report. */
export const API_REPORT = [
  'packages/core/node_modules/@microsoft/api-extractor/bin/api-extractor',
  'run',
  '--config',
  'packages/core/api-extractor.json',
]

/** Write the documentation as HTML: first core's, whose folder contains that of doctor. */
export const API_DOCS = ['core', 'doctor'].map(name => [
  'packages/core/node_modules/typedoc/bin/typedoc',
  '--options',
  `packages/${name}/typedoc.json`,
])

/** Writes core's documentation as Markdown, for the site. */
export const LIBRARY_PAGES = [
  'packages/core/node_modules/typedoc/bin/typedoc',
  '--options',
  'packages/core/typedoc.markdown.json',
]
