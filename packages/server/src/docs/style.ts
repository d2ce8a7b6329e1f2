/**
 * The style of every page but the viewer's. The Content-Security-Policy allows only this style, by its hash, and no
 * scripts.
 */
export const STYLE = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8886 }
h2 code { font-size: 1rem }
code, pre { font-family: ui-monospace, monospace; font-size: 0.875rem }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid #8886 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #8883 }
`
