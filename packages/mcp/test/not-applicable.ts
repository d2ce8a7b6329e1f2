/**
 * Scenarios of the conformance suite that don't apply to presence, as patterns of `scenario/check`, each with
 * its reason. Every entry must fail: the test reports an entry whose check passes.
 */
export const NOT_APPLICABLE: readonly (readonly [RegExp, string])[] = [
  [/^(prompts|resources)-/, 'presence has tools alone, and advertises neither prompts nor resources'],
  [
    /^caching\/.*(prompts|resources)-/,
    'presence has neither prompts nor resources: their lists are no methods here',
  ],
  [/^completion-complete\//, 'presence completes no arguments, and says so'],
  [/^logging-set-level\//, 'presence logs nothing to clients: 2026-07-28 has deprecated it'],
  [/^tools-call-/, "calls the suite's own tools, test_*; ours are called by tools.test.ts"],
  [/^json-schema-2020-12\//, "calls the suite's own tool json_schema_2020_12_tool"],
  [/^elicitation-/, "calls the suite's own tools, which ask people; presence asks nobody"],
  [/^input-required-result-/, "calls the suite's own tools, which ask people; presence asks nobody"],
  [/^http-custom-header-server-validation\//, 'no argument of ours is sent in a header'],
  [
    /^server-stateless\/sep-2575-(server-rejects-undeclared-capability|missing-capability-http-400|http-server-no-independent-requests-on-stream|server-no-log-without-loglevel)$/,
    "calls the suite's own tools; no tool of ours needs a capability of its client, or logs",
  ],
]
